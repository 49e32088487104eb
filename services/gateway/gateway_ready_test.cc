#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/gateway_testing.h"

// When a gateway that starts says that readers may be sent to it: warm ones are taken away then.
namespace broadsheet::gateway {
namespace {

using grpc::health::v1::HealthCheckResponse;

class ReadyTest : public GatewayTest {
 protected:
  void SetUp() override { options_.ready_once_following = true; }

  int Readyz() { return test::HttpGet(gateway_->ops_port(), "/readyz")->status; }

  // What Kubernetes and clients' channels hear of `service`.
  HealthCheckResponse::ServingStatus Health(const std::string& service = "") {
    rpc::ChannelOptions options;
    options.health_check = false;
    const auto stub = grpc::health::v1::Health::NewStub(
        rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port()), options));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = stub->Check(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }

  void KillEverythingElse() {
    for (RestartableServer* server : {&article_.server(), &media_.server(), &recommendation_.server()})
      server->Stop();
  }
};

TEST_F(ReadyTest, OnceArticleHasBeenFollowedAndAliveBeforeThat) {
  article_.Publish("pier", "Pier opened");
  article_.server().Stop();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Readyz(), 503);
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Health("broadsheet.page.v1.PageService"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(test::HttpGet(gateway_->ops_port(), "/healthz")->status, 200);
  EXPECT_EQ(Get("/city/pier").status, 503);  // whoever asks all the same is answered
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Readyz() == 200; }));
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health("broadsheet.page.v1.PageService"), HealthCheckResponse::SERVING);
}

TEST_F(ReadyTest, WithoutMediaAndRecommendation) {
  media_.server().Stop();
  recommendation_.server().Stop();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_TRUE(Eventually([&] { return Readyz() == 200; }));
}

TEST_F(ReadyTest, ForGoodWhateverGoesAwayAfterThat) {
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  EXPECT_TRUE(Eventually([&] { return Readyz() == 200; }));
  KillEverythingElse();
  WaitUntilCutOff();
  EXPECT_EQ(Readyz(), 200);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
}

TEST_F(ReadyTest, AtOnceUnlessToldToWait) {
  options_.ready_once_following = false;
  KillEverythingElse();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Readyz(), 200);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
}

class ReadyWithLastGoodTest : public ReadyTest {
 protected:
  void SetUp() override {
    ReadyTest::SetUp();
    article_.Publish("pier", "Pier opened");
    options_.last_good.folder = directory_.File("last_good");
    options_.last_good.interval = absl::Milliseconds(10);
    const telemetry::Counter written("broadsheet_gateway_last_good_writes_total", "",
                                     {{"outcome", "written"}});
    const double before = written.Value();
    ASSERT_NO_FATAL_FAILURE(StartGateway());
    EXPECT_TRUE(Eventually([&] { return Get("/").status == 200 && written.Value() > before; }));
    KillEverythingElse();
  }

  test::TempDir directory_;
};

TEST_F(ReadyWithLastGoodTest, AtOnceWithThePagesOfTheRunBefore) {
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Readyz(), 200);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  EXPECT_EQ(Get("/").status, 200);
}

TEST_F(ReadyWithLastGoodTest, NotWithPagesThatMustNotBeShown) {
  options_.last_good.rules.max_absence = absl::ZeroDuration();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Get("/").status, 503);
  EXPECT_EQ(Readyz(), 503);
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace broadsheet::gateway
