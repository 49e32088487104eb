#include "services/gateway/replica_channels.h"

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/task.h"
#include "libs/testing/grpc_server.h"
#include "services/gateway/backends.h"

// Calls to two replicas of article behind one name, over real gRPC.
namespace broadsheet::gateway {
namespace {

class AnsweringReplica final : public article::v1::ArticleService::Service {
 public:
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
  std::atomic<int> calls = 0;
  std::atomic<int> code = grpc::StatusCode::OK;
  std::atomic<bool> hangs = false;

 private:
  test::GrpcServer server_{{this}};
};

class ReplicaChannelsTest : public testing::Test {
 protected:
  ReplicaChannelsTest() {
    BackendsOptions options;
    options.article_address = absl::StrCat("ipv4:", well_.address(), ",", other_.address());
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
  EXPECT_LE(failures, 5);
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

TEST(ReplicaChannels, WhenTheOthersAreGoneNobodyIsLeftAlone) {
  ReplicaChannels channels("service", "ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3", {});
  const std::shared_ptr<grpc::Channel> all = channels.Current(absl::Now());
  for (const char* replica : {"ipv4:127.0.0.1:1", "ipv4:127.0.0.1:2"})
    channels.OnEnd(replica, grpc::Status::OK);
  for (int i = 0; i < 5; ++i) channels.OnEnd("ipv4:127.0.0.1:3", {grpc::StatusCode::INTERNAL, "as told"});
  EXPECT_NE(channels.Current(absl::Now()), all);
  channels.OnEnd("ipv4:127.0.0.1:1,127.0.0.1:2", {grpc::StatusCode::UNAVAILABLE, "cannot connect"});
  EXPECT_EQ(channels.Current(absl::Now()), all);
}

}  // namespace
}  // namespace broadsheet::gateway
