#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/context.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/captured_log.h"
#include "services/gateway/backends.h"
#include "services/gateway/gateway_testing.h"

// Too many pages have to be made: who goes without first, and what he is shown. Each who does is labelled,
// counted and logged.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kLong = absl::Seconds(60);
const test::HttpHeaders kCrawler = {{"User-Agent", "Examplebot/1.0"}};

// How often a page was not made for them, since this was made.
class Sheds {
 public:
  explicit Sheds(const std::string& priority)
      : counter_("broadsheet_gateway_shed_total", "", {{"priority", priority}}), before_(counter_.Value()) {}
  int count() const { return static_cast<int>(counter_.Value() - before_); }

 private:
  telemetry::Counter counter_;
  const double before_;
};

double OverloadedPages() {
  return telemetry::Counter("broadsheet_gateway_degraded_pages_total", "",
                            {{"part", "article"}, {"reason", "overloaded"}})
      .Value();
}

class OverloadTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "ferry", "market", "pier", "wharf"})
      article_.Publish(id, absl::StrCat("News of the ", id));
    recommendation_.Recommend({"bridge", "market"});
    // Who has to wait here does so until Release; nothing else is given up, however busy the machine is.
    Budgets& budgets = options_.backends.budgets;
    for (absl::Duration* budget : {&budgets.article, &budgets.list, &budgets.summaries, &budgets.sections,
                                   &budgets.images, &budgets.related, &budgets.most_read, &budgets.known})
      *budget = kLong;
    options_.pages.render_timeout = kLong;
    options_.pages.rules.refresh_after = absl::InfiniteDuration();  // no page is made but for whoever asks
  }
  void TearDown() override { Release(); }

  // A gateway with room for so many pages at a time that knows the page of the bridge.
  void StartWithRoomFor(std::size_t pages) {
    options_.pages.max_renders = pages;
    ASSERT_NO_FATAL_FAILURE(StartGateway());
    ASSERT_EQ(Get("/city/bridge").status, 200);
  }
  // From now on each of these pages is being made, for a reader, until Release.
  void KeepMaking(std::initializer_list<const char*> paths) {
    article_.HoldAnswers();
    for (const char* path : paths)
      readers_.emplace_back([this, path = std::string(path)] { EXPECT_EQ(Get(path).status, 200) << path; });
    article_.WaitUntilHolding(static_cast<int>(readers_.size()));
  }
  void Release() {
    article_.Release();
    for (std::thread& reader : readers_) reader.join();
    readers_.clear();
  }
  // Over gRPC, of one who demands a position that nobody has heard of.
  page::v1::GetPageResponse GetAhead(const std::string& path) {
    const auto stub =
        page::v1::PageService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
    grpc::ClientContext context;
    rpc::Context(kLong).Prepare(context);
    page::v1::GetPageRequest request;
    request.set_path(path);
    request.set_min_article_position(1'000);
    page::v1::GetPageResponse response;
    const grpc::Status status = stub->GetPage(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  const test::CapturedLog log_;
  std::vector<std::thread> readers_;
};

TEST_F(OverloadTest, TooManyPagesAtOnceAreRefusedRatherThanQueued) {
  StartWithRoomFor(1);
  KeepMaking({"/city/pier"});
  const Sheds readers("reader");
  const test::HttpAnswer shed = Get("/city/ferry");
  EXPECT_EQ(shed.status, 503);
  EXPECT_EQ(shed.Header("retry-after"), "5");
  EXPECT_THAT(shed.Header("broadsheet-degraded"), HasSubstr("overloaded"));
  EXPECT_EQ(readers.count(), 1);
  EXPECT_EQ(Get("/city/bridge").status, 200);
}

TEST_F(OverloadTest, AKnownPageThatHasChangedIsServedLabelledCountedAndLogged) {
  StartWithRoomFor(1);
  KeepMaking({"/city/pier"});
  article_.Publish("bridge", "The bridge has changed");
  const Sheds readers("reader");
  const double overloaded = OverloadedPages();
  const test::HttpAnswer known = Get("/city/bridge");
  EXPECT_EQ(known.status, 200);
  EXPECT_TRUE(Contains(known, "News of the bridge"));
  EXPECT_TRUE(IsDegraded(known));
  EXPECT_EQ(known.Header("broadsheet-degraded"), "article;reason=overloaded;stale");
  EXPECT_EQ(readers.count(), 1);
  EXPECT_EQ(OverloadedPages(), overloaded + 1);
  EXPECT_EQ(log_.Count({"too many pages are being made", "\"/city/bridge\"", "\"reader\""}), 1);
  EXPECT_EQ(log_.Count({"a page is degraded", "\"/city/bridge\"", "\"overloaded\""}), 1);
  Release();
  const test::HttpAnswer changed = Get("/city/bridge");
  EXPECT_TRUE(Contains(changed, "The bridge has changed"));
  EXPECT_FALSE(IsDegraded(changed));
}

TEST_F(OverloadTest, TheCacheStatusOfAStalePageSaysWhyItIsShown) {
  StartWithRoomFor(1);
  KeepMaking({"/city/pier"});
  article_.Publish("bridge", "The bridge has changed");
  EXPECT_EQ(Get("/city/bridge").Header("cache-status"), "broadsheet; hit; detail=stale-overloaded");
  article_.faults.Set(Fault::kUnavailable);
  Release();
  // The copy that was labelled a moment ago gives another reason.
  EXPECT_EQ(Get("/city/bridge").Header("cache-status"), "broadsheet; hit; detail=stale-unavailable");
}

TEST_F(OverloadTest, A503IsNotGivenForTheReasonOfAnotherOne) {
  StartWithRoomFor(1);
  EXPECT_EQ(GetAhead("/city/ferry").degradations(0).reason(), page::v1::DEGRADATION_REASON_UNAVAILABLE);
  KeepMaking({"/city/pier"});
  EXPECT_EQ(Get("/city/ferry").Header("broadsheet-degraded"), "article;reason=overloaded");
}

TEST_F(OverloadTest, CrawlersAreShedBeforeReadersAndOperatorsAlwaysAnswered) {
  StartWithRoomFor(4);
  KeepMaking({"/city/pier", "/city/ferry", "/city/market"});
  const Sheds crawlers("crawler");
  const test::HttpAnswer shed = Get("/city/wharf", kCrawler);
  EXPECT_EQ(shed.status, 503);
  EXPECT_EQ(shed.Header("retry-after"), "5");
  EXPECT_EQ(crawlers.count(), 1);
  EXPECT_EQ(log_.Count({"too many pages are being made", "\"/city/wharf\"", "\"crawler\""}), 1);
  EXPECT_EQ(Get("/city/bridge", kCrawler).status, 200);  // what is at hand costs nothing
  KeepMaking({"/city/wharf"});
  for (const char* path : {"/healthz", "/readyz", "/status"})
    EXPECT_EQ(test::HttpGet(gateway_->ops_port(), path)->status, 200) << path;
  EXPECT_THAT(test::HttpGet(gateway_->ops_port(), "/metrics")->body,
              HasSubstr("broadsheet_gateway_shed_total{priority=\"crawler\"}"));
}

// Half of the room is taken: there is some for a crawler.
TEST_F(OverloadTest, RefreshesBehindReadersAreShedBeforeCrawlers) {
  options_.pages.rules.refresh_after = absl::ZeroDuration();  // each page, whenever it is found
  StartWithRoomFor(4);
  KeepMaking({"/city/pier", "/city/ferry"});
  const Sheds refreshes("background");
  const int calls = article_.faults.calls("GetArticle");
  const test::HttpAnswer known = Get("/city/bridge");
  EXPECT_EQ(known.status, 200);
  EXPECT_FALSE(IsDegraded(known));  // nothing of it has changed
  EXPECT_EQ(refreshes.count(), 1);
  EXPECT_EQ(log_.Count({"too many pages are being made", "\"/city/bridge\"", "\"background\""}), 1);
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
  readers_.emplace_back([this] { EXPECT_EQ(Get("/city/market", kCrawler).status, 200); });
  article_.WaitUntilHolding(3);
}

TEST_F(OverloadTest, PagesThatShowWhatWasWithdrawnAreMadeAnewOnlyIfThereIsRoom) {
  StartWithRoomFor(2);
  ASSERT_TRUE(Contains(Get("/"), "News of the wharf"));
  KeepMaking({"/city/pier"});
  const Sheds background("background");
  const int lists = article_.faults.calls("ListArticles");
  article_.Withdraw("wharf");
  EXPECT_TRUE(Eventually([&] {
    return log_.Count({"too many pages are being made", "\"background\""}) > 0;
  }));
  EXPECT_GT(background.count(), 0);
  EXPECT_EQ(article_.faults.calls("ListArticles"), lists);
  const test::HttpAnswer front = Get("/");  // there is room for readers
  EXPECT_FALSE(Contains(front, "News of the wharf"));
  EXPECT_FALSE(IsDegraded(front));
}

TEST_F(OverloadTest, WhoDemandsAnUnknownPositionIsShedByHisOwnLimit) {
  options_.pages.max_ahead = 1;
  StartWithRoomFor(16);
  article_.faults.Set(Fault::kHang);
  const int calls = article_.faults.calls("GetArticle");
  std::thread first([&] { EXPECT_EQ(GetAhead("/city/pier").status(), 503); });
  EXPECT_TRUE(Eventually([&] { return article_.faults.calls("GetArticle") > calls; }));
  const Sheds ahead("ahead"), crawlers("crawler");
  const page::v1::GetPageResponse shed = GetAhead("/city/ferry");
  EXPECT_EQ(shed.status(), 503);
  ASSERT_EQ(shed.degradations_size(), 1);
  EXPECT_EQ(shed.degradations(0).reason(), page::v1::DEGRADATION_REASON_OVERLOADED);
  EXPECT_EQ(ahead.count(), 1);
  EXPECT_EQ(crawlers.count(), 0);
  EXPECT_EQ(log_.Count({"too many pages are being made", "\"/city/ferry\"", "\"ahead\""}), 1);
  article_.faults.Set(Fault::kNone);
  first.join();
}

TEST(ShareOf, LeavesRoomForWhoeverComesBefore) {
  for (std::size_t limit = 0; limit < 600; ++limit) {
    EXPECT_LE(ShareOf(Priority::kBackground, limit), ShareOf(Priority::kCrawler, limit));
    EXPECT_LE(ShareOf(Priority::kCrawler, limit), ShareOf(Priority::kReader, limit));
    EXPECT_EQ(ShareOf(Priority::kReader, limit), limit);
  }
  EXPECT_EQ(ShareOf(Priority::kBackground, 100), 50u);
  EXPECT_EQ(ShareOf(Priority::kCrawler, 100), 75u);
}

}  // namespace
}  // namespace broadsheet::gateway
