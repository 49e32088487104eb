#include "services/gateway/backends.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/task.h"
#include "libs/testing/grpc_server.h"

// Calls to article over real gRPC, with a replica that is slow now and then.
namespace broadsheet::gateway {
namespace {

class Replica final : public article::v1::ArticleService::Service {
 public:
  Replica() : server_({this}) {}

  grpc::Status GetArticle(grpc::ServerContext* context, const article::v1::GetArticleRequest*,
                          article::v1::GetArticleResponse* response) override {
    const int call = ++calls;
    const int one_in = slow_one_in;
    if (one_in > 0 && call % one_in == 0) {
      for (int i = 0; i < 4000 && slow_one_in > 0 && !context->IsCancelled(); ++i)  // 20 seconds
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      if (context->IsCancelled()) ++cancelled;
    }
    response->mutable_article()->set_article_id("pier");
    return grpc::Status::OK;
  }

  int port() const { return server_.port(); }

  std::atomic<int> calls = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> slow_one_in = 0;

 private:
  test::GrpcServer server_;
};

class BackendsTest : public testing::Test {
 protected:
  void Connect(const std::string& article_address) {
    BackendsOptions options;
    options.article_address = article_address;
    options.budgets.article = absl::Seconds(30);
    backends_ = std::make_unique<Backends>(options, queues_);
  }

  absl::StatusOr<article::v1::GetArticleResponse> Get(absl::Duration& latency,
                                                      std::shared_ptr<CallLog> log = nullptr) {
    const absl::Time started = absl::Now();
    const CallScope scope = {.context = rpc::Context(absl::Seconds(60)), .log = std::move(log)};
    auto answer = rpc::Wait(backends_->Article(scope, "/pier"));
    latency = absl::Now() - started;
    return answer;
  }

  ~BackendsTest() override { queues_.Close(); }

  rpc::CompletionQueues queues_{1};
  std::unique_ptr<Backends> backends_;
};

TEST_F(BackendsTest, ASlowReadIsMadeASecondTimeAndTheLateOneIsCancelled) {
  Replica replica;
  Connect(absl::StrCat("127.0.0.1:", replica.port()));
  absl::Duration latency;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(Get(latency).ok());
  replica.slow_one_in = 60;
  const int before = replica.calls;
  absl::Duration worst;
  bool explained = false;
  for (int i = 0; i < 300; ++i) {
    auto log = std::make_shared<CallLog>();
    ASSERT_TRUE(Get(latency, log).ok());
    worst = std::max(worst, latency);
    explained = explained || log->calls()[0].hedged();
  }
  EXPECT_LT(worst, absl::Seconds(10));  // a slow one takes twenty
  EXPECT_GE(replica.cancelled, 4);
  EXPECT_LE(replica.calls - before, 300 + 300 / 20 + 10);
  EXPECT_TRUE(explained);
}

TEST_F(BackendsTest, AServiceThatIsSlowAltogetherIsNotAskedTwiceAsMuch) {
  Replica replica;
  Connect(absl::StrCat("127.0.0.1:", replica.port()));
  absl::Duration latency;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Get(latency).ok());
  replica.slow_one_in = 1;
  const int before = replica.calls;
  std::vector<rpc::Task<absl::StatusOr<article::v1::GetArticleResponse>>> calls;
  for (int i = 0; i < 200; ++i)
    calls.push_back(backends_->Article({.context = rpc::Context(absl::Seconds(10))}, "/pier"));
  const absl::Time end = absl::Now() + absl::Seconds(1);
  while (absl::Now() < end) EXPECT_LE(replica.calls - before, 200 + 200 / 20 + 10);
  replica.slow_one_in = 0;
  for (auto& call : calls) rpc::Wait(std::move(call)).IgnoreError();
}

}  // namespace
}  // namespace broadsheet::gateway
