#include "libs/telemetry/ops_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "libs/http/raw_client.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Ops : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<OpsServer>> server = OpsServer::Start({.service = "gateway",
                                                                          .version = "0.1.0",
                                                                          .address = "127.0.0.1",
                                                                          .port = 0,
                                                                          .flags = {{"max_stale", "24h"}}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  http::RawClient::Reply Get(const std::string& path, const std::string& accept = "*/*") {
    return http::RawClient(server_->port())
        .Exchange("GET " + path + " HTTP/1.1\r\nHost: ops\r\nAccept: " + accept + "\r\n\r\n");
  }

  std::unique_ptr<OpsServer> server_;
};

TEST_F(Ops, IsAliveWhetherOrNotItIsReady) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  server_->SetReady(true);
  EXPECT_EQ(Get("/readyz").status, 200);
  server_->SetReady(false);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(Ops, ServesMetricsAndSetsTheGaugesThatAreReadFirst) {
  Gauge fill("test_ops_fill_bytes", "Help.");
  server_->BeforeScrape([&] { fill.Set(77); });
  const http::RawClient::Reply reply = Get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.Header("Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(reply.body, HasSubstr("test_ops_fill_bytes 77\n"));
  EXPECT_THAT(reply.body, HasSubstr("broadsheet_build_info{service=\"gateway\",version=\"0.1.0\"} 1\n"));
}

TEST_F(Ops, ShowsItsStatusToPeopleWithABrowserAndWithout) {
  server_->AddSection("Cache", [] { return StatusRows{{"fill", "<12 MiB>"}}; });
  const http::RawClient::Reply text = Get("/status");
  EXPECT_THAT(text.body, HasSubstr("service: gateway"));
  EXPECT_THAT(text.body, HasSubstr("max_stale: 24h"));
  EXPECT_THAT(text.body, HasSubstr("Cache\n  fill: <12 MiB>\n"));
  const http::RawClient::Reply html = Get("/status", "text/html,*/*");
  EXPECT_EQ(html.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(html.body, HasSubstr("<td>&lt;12 MiB&gt;</td>"));
  EXPECT_THAT(html.body, Not(HasSubstr("<12 MiB>")));
}

// A section and a gauge that hang until the test lets them go.
class HangingOps : public Ops {
 protected:
  void SetUp() override {
    Ops::SetUp();
    absl::StatusOr<std::unique_ptr<OpsServer>> server =
        OpsServer::Start({.service = "gateway",
                          .version = "0.1.0",
                          .address = "127.0.0.1",
                          .port = 0,
                          .flags = {},
                          .patience = absl::Milliseconds(500)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->AddSection("Cache", [] { return StatusRows{{"fill", "12 MiB"}}; });
  }
  void TearDown() override {
    let_go_.set_value();
    server_.reset();
  }

  std::promise<void> let_go_;
  std::shared_future<void> gone_ = let_go_.get_future().share();
};

TEST_F(HangingOps, AnswerProbesAndScrapesWhileASectionHangs) {
  std::promise<void> asked;
  server_->AddSection("Database", [&, once = true]() mutable {
    if (std::exchange(once, false)) asked.set_value();
    gone_.wait();
    return StatusRows{};
  });
  http::RawClient person(server_->port());
  person.Send("GET /status HTTP/1.1\r\nHost: ops\r\n\r\n");
  asked.get_future().wait();
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/metrics").status, 200);
  const http::RawClient::Reply late = person.Receive();
  EXPECT_EQ(late.status, 200);
  EXPECT_THAT(late.body, HasSubstr("Cache\n  fill: 12 MiB\n"));
  EXPECT_THAT(late.body, HasSubstr("Database\n  not known: "));
  EXPECT_THAT(Get("/status").body, HasSubstr("Database\n  not known: ")) << "and the next is not kept either";
}

TEST_F(HangingOps, TellWhatIsCountedWhileAGaugeCannotBeRead) {
  server_->BeforeScrape([this] { gone_.wait(); });
  EXPECT_THAT(Get("/metrics").body, HasSubstr("broadsheet_build_info"));
  EXPECT_THAT(Get("/metrics").body, ::testing::ContainsRegex("late_answers_total.page=\"metrics\". [1-9]"));
  EXPECT_THAT(Get("/status").body, HasSubstr("fill: 12 MiB"));
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(Ops, PointsOutItsPathsToWhoeverMissesThem) {
  EXPECT_EQ(Get("/").Header("Location"), "/status");
  EXPECT_EQ(Get("/unknown").status, 404);
  EXPECT_THAT(Get("/unknown").body, HasSubstr("/metrics"));
}

TEST_F(Ops, SaysThatItsPortIsInUse) {
  const absl::Status status =
      OpsServer::Start(
          {.service = "x", .version = "1", .address = "127.0.0.1", .port = server_->port(), .flags = {}})
          .status();
  EXPECT_EQ(status.message(), "port " + std::to_string(server_->port()) + " is in use");
}

}  // namespace
}  // namespace broadsheet::telemetry
