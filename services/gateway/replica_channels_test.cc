#include "services/gateway/replica_channels.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/task.h"
#include "libs/testing/grpc_server.h"
#include "services/gateway/backends.h"
#include "services/gateway/steady_time.h"

// Calls to two replicas of article behind one name, over real gRPC.
namespace broadsheet::gateway {
namespace {

rpc::ServerOptions AtPort(int port) {
  rpc::ServerOptions options;
  options.port = port;
  return options;
}

class AnsweringReplica final : public article::v1::ArticleService::Service {
 public:
  explicit AnsweringReplica(int port = 0) : server_({this}, {}, AtPort(port)) {}

  grpc::Status GetArticle(grpc::ServerContext*, const article::v1::GetArticleRequest*,
                          article::v1::GetArticleResponse* response) override {
    ++calls;
    response->mutable_article()->set_article_id("pier");
    return {static_cast<grpc::StatusCode>(code.load()), "as told"};
  }
  grpc::Status ListSections(grpc::ServerContext* context, const article::v1::ListSectionsRequest*,
                            article::v1::ListSectionsResponse*) override {
    ++calls;
    while (hangs && !context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::OK;
  }
  std::string address() const { return server_.address(); }
  int port() const { return server_.port(); }
  std::atomic<int> calls = 0;
  std::atomic<int> code = grpc::StatusCode::OK;
  std::atomic<bool> hangs = false;

 private:
  test::GrpcServer server_;
};

class ReplicaChannelsTest : public testing::Test {
 protected:
  ReplicaChannelsTest() {
    BackendsOptions options;
    options.article_address = absl::StrCat("ipv4:", well_.address(), ",", other_.address());
    options.budgets.article = absl::Seconds(9);  // also on a slow machine
    options.budgets.sections = absl::Seconds(1);
    options.outliers.base_ejection = absl::Minutes(5);  // nobody comes back on a slow machine either
    options.outliers.forgotten_after = absl::Minutes(5);
    backends_ = std::make_unique<Backends>(options, queues_);
    // gRPC uses the second replica once it is connected to it.
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while ((well_.calls == 0 || other_.calls == 0) && absl::Now() < deadline) FailuresOf(1);
  }
  ~ReplicaChannelsTest() override { queues_.Close(); }

  absl::Status Get() {
    return rpc::Wait(backends_->Article({.context = rpc::Context(absl::Seconds(10))}, "/pier")).status();
  }
  int FailuresOf(int calls) {
    int failures = 0;
    for (int i = 0; i < calls; ++i) failures += Get().ok() ? 0 : 1;
    return failures;
  }
  static double Ejections() {
    return telemetry::Counter("broadsheet_gateway_ejections_total",
                              "Times a replica was left alone because its calls failed.",
                              {{"service", "broadsheet.article.v1.ArticleService"}})
        .Value();
  }

  AnsweringReplica well_;
  AnsweringReplica other_;
  rpc::CompletionQueues queues_{1};
  std::unique_ptr<Backends> backends_;
};

TEST_F(ReplicaChannelsTest, ReadersDoNotNoticeAReplicaThatFailsOnceItIsLeftAlone) {
  const double before = Ejections();
  other_.code = grpc::StatusCode::INTERNAL;
  EXPECT_LE(FailuresOf(20), 5);
  const int asked = other_.calls;
  EXPECT_EQ(FailuresOf(200), 0);
  EXPECT_EQ(other_.calls, asked);
  EXPECT_EQ(Ejections(), before + 1);
}

TEST_F(ReplicaChannelsTest, AReplicaThatDoesNotAnswerIsLeftAlone) {
  const double before = Ejections();
  other_.hangs = true;
  int failures = 0;
  for (int i = 0; i < 100; ++i) {
    const CallScope scope = {.context = rpc::Context(absl::Seconds(10))};
    failures += rpc::Wait(backends_->Sections(scope)).ok() ? 0 : 1;
  }
  EXPECT_GT(failures, 0);
  EXPECT_LE(failures, 7);
  EXPECT_EQ(Ejections(), before + 1);
}

TEST_F(ReplicaChannelsTest, AReplicaThatSaysThatNothingIsThereIsNotLeftAlone) {
  const double before = Ejections();
  other_.code = grpc::StatusCode::NOT_FOUND;
  const int asked = other_.calls;
  EXPECT_GT(FailuresOf(100), 0);
  EXPECT_GT(other_.calls, asked + 20);
  EXPECT_EQ(Ejections(), before);
}

TEST_F(ReplicaChannelsTest, WhenAllFailAllAreAsked) {
  well_.code = grpc::StatusCode::INTERNAL;
  other_.code = grpc::StatusCode::INTERNAL;
  FailuresOf(100);
  well_.code = grpc::StatusCode::OK;
  other_.code = grpc::StatusCode::OK;
  EXPECT_EQ(FailuresOf(100), 0);
}

class ThreeReplicasTest : public testing::Test {
 protected:
  void End(const std::string& peer, grpc::StatusCode code) { channels_.OnEnd(peer, {code, "as told"}); }
  // The third of them is left alone.
  void Eject() {
    End(kFirst, grpc::StatusCode::OK);
    End(kSecond, grpc::StatusCode::OK);
    for (int i = 0; i < 5; ++i) End(kThird, grpc::StatusCode::INTERNAL);
  }
  bool AllTakePart() { return channels_.Current(SteadyNow()) == all_; }

  const std::string kFirst = "ipv4:127.0.0.1:1";
  const std::string kSecond = "ipv4:127.0.0.1:2";
  const std::string kThird = "ipv4:127.0.0.1:3";
  const std::string kAll = "ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3";
  ReplicaChannels channels_{"service", kAll, {}, {}};
  const std::shared_ptr<grpc::Channel> all_ = channels_.Current(SteadyNow());
};

TEST_F(ThreeReplicasTest, WhenTheOthersAreGoneNobodyIsLeftAlone) {
  Eject();
  EXPECT_FALSE(AllTakePart());
  End("ipv4:127.0.0.1:1,127.0.0.1:2", grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(AllTakePart());
}

TEST_F(ThreeReplicasTest, WhatBeganBeforeSomebodyWasLeftAloneCountsForNobody) {
  Eject();
  for (int i = 0; i < 20; ++i) End(kAll, grpc::StatusCode::DEADLINE_EXCEEDED);
  for (int i = 0; i < 20; ++i) End(kAll, grpc::StatusCode::UNAVAILABLE);
  for (int i = 0; i < 20; ++i) End(kThird, grpc::StatusCode::INTERNAL);
  EXPECT_FALSE(AllTakePart());
  for (int i = 0; i < 5; ++i) End(kSecond, grpc::StatusCode::INTERNAL);  // more than half: all come back
  EXPECT_TRUE(AllTakePart());
}

TEST(ReplicaChannels, OneThatIsGoneDoesNotCountAsTheOther) {
  const std::string gone = "ipv4:127.0.0.1:1";
  const std::string left = "ipv4:127.0.0.1:2";
  ReplicaChannels channels("service", "ipv4:127.0.0.1:1,127.0.0.1:2", {}, {});
  const std::shared_ptr<grpc::Channel> all = channels.Current(SteadyNow());
  channels.OnEnd(gone, {grpc::StatusCode::UNAVAILABLE, "as told"});
  for (int i = 0; i < 20; ++i) channels.OnEnd(left, {grpc::StatusCode::INTERNAL, "as told"});
  EXPECT_EQ(channels.Current(SteadyNow()), all);
}

TEST(ReplicaChannels, WhenTheOnlyOtherIsGoneItIsKnownByTheFirstCall) {
  const std::string other = "ipv4:127.0.0.1:1";
  ReplicaChannels channels("service", "ipv4:127.0.0.1:1,127.0.0.1:2", {}, {});
  const std::shared_ptr<grpc::Channel> all = channels.Current(SteadyNow());
  channels.OnEnd(other, grpc::Status::OK);
  for (int i = 0; i < 5; ++i) channels.OnEnd("ipv4:127.0.0.1:2", {grpc::StatusCode::INTERNAL, "as told"});
  EXPECT_NE(channels.Current(SteadyNow()), all);
  channels.OnEnd(other, {grpc::StatusCode::UNAVAILABLE, "cannot connect"});
  EXPECT_EQ(channels.Current(SteadyNow()), all);
}

TEST(ReconnectingTest, AReplicaThatIsKnownToBeBackIsConnectedToAtOnce) {
  int port = 0;
  {
    AnsweringReplica gone;
    port = gone.port();
  }
  const std::string address = absl::StrCat("127.0.0.1:", port);
  rpc::ChannelOptions patient;
  patient.first_retry = patient.longest_retry = absl::Minutes(5);
  ReplicaChannels channels("article", address, patient, {});
  const std::shared_ptr<grpc::Channel> channel = channels.Current(SteadyNow());
  const std::chrono::system_clock::time_point deadline =
      std::chrono::system_clock::now() + std::chrono::seconds(20);
  grpc_connectivity_state state = channel->GetState(true);
  while (state != GRPC_CHANNEL_TRANSIENT_FAILURE && channel->WaitForStateChange(state, deadline))
    state = channel->GetState(true);
  ASSERT_EQ(state, GRPC_CHANNEL_TRANSIENT_FAILURE);
  AnsweringReplica back(port);
  channels.ConnectNow();
  EXPECT_TRUE(channel->WaitForConnected(deadline));
}

}  // namespace
}  // namespace broadsheet::gateway
