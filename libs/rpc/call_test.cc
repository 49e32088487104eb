// Unary calls from coroutines, and handlers that are coroutines, over a real server.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "libs/rpc/async_handler.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/deferred.h"
#include "libs/rpc/task.h"
#include "libs/rpc/unary_call.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/grpc_server.h"

namespace broadsheet::rpc {
namespace {

namespace article = article::v1;
namespace page = page::v1;

constexpr absl::Duration kLong = absl::Seconds(20);

// Answers with a headline that tells what was asked.
class Articles final : public article::ArticleService::Service {
 public:
  grpc::Status GetArticle(grpc::ServerContext* context, const article::GetArticleRequest* request,
                          article::GetArticleResponse* response) override {
    ++calls;
    if (fail_first-- > 0) return {grpc::StatusCode::UNAVAILABLE, "not yet"};
    if (request->path() == "/slow") {
      while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
      ++cancelled;
    }
    if (request->path() == "/garbled") {
      response->mutable_snapshot()->set_log_id("log");
      *response->GetReflection()->MutableUnknownFields(response)->AddLengthDelimited(
          article::GetArticleResponse::kArticleFieldNumber) = "\xFF";
    }
    if (request->path() == "/none") return ToGrpc(NotFound("ARTICLE_NOT_FOUND", "no such story"));
    const auto trace = context->client_metadata().find("traceparent");
    response->mutable_article()->set_path(trace == context->client_metadata().end()
                                              ? ""
                                              : std::string(trace->second.data(), trace->second.size()));
    return grpc::Status::OK;
  }

  std::atomic<int> calls = 0;
  std::atomic<int> fail_first = 0;
  std::atomic<int> cancelled = 0;
};

class UnaryCalls : public ::testing::Test {
 protected:
  auto Get(const Context& context, const std::string& path) {
    article::GetArticleRequest request;
    request.set_path(path);
    return CallUnary(queues_, context, *stub_, &article::ArticleService::Stub::PrepareAsyncGetArticle,
                     request);
  }

  static Task<absl::StatusOr<article::GetArticleResponse>> Await(
      UnaryCall<article::GetArticleResponse> call) {
    co_return co_await call;
  }

  static bool Eventually(const std::function<bool()>& condition) {
    const absl::Time deadline = absl::Now() + kLong;
    while (absl::Now() < deadline) {
      if (condition()) return true;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return false;
  }

  Articles articles_;
  test::GrpcServer server_{{&articles_}};
  CompletionQueues queues_{2};
  std::unique_ptr<article::ArticleService::Stub> stub_ = article::ArticleService::NewStub(server_.channel());
};

TEST_F(UnaryCalls, AreAnsweredWithTheTraceOfTheirContext) {
  const Context context(kLong);
  const auto response = Wait(Await(Get(context, "/a")));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->article().path(), ::testing::HasSubstr(context.trace().trace_id()));
}

TEST_F(UnaryCalls, StartAtOnceAndCanBeAwaitedLater) {
  const Context context(kLong);
  auto call = Get(context, "/a");
  ASSERT_TRUE(Eventually([&] { return call.finished(); }));
  EXPECT_TRUE(Wait(Await(std::move(call))).ok());
}

TEST_F(UnaryCalls, KeepTheDetailsOfAnError) {
  const auto response = Wait(Await(Get(Context(kLong), "/none")));
  EXPECT_TRUE(absl::IsNotFound(response.status()));
  EXPECT_EQ(Reason(response.status()), "ARTICLE_NOT_FOUND");
}

TEST_F(UnaryCalls, AreNotAnsweredByWhatCannotBeRead) {
  const auto response = Wait(Await(Get(Context(kLong), "/garbled")));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInternal) << response.status();
}

TEST_F(UnaryCalls, EndAtTheDeadlineOfTheirContext) {
  const Context context = Context(kLong).WithTimeout(absl::Milliseconds(50));
  const auto response = Wait(Await(Get(context, "/slow")));
  EXPECT_TRUE(absl::IsDeadlineExceeded(response.status())) << response.status();
}

TEST_F(UnaryCalls, EndWhenTheirContextIsCancelled) {
  const Context context(kLong);
  auto call = Get(context.WithTimeout(kLong), "/slow");
  {
    const CancelOnExit scope(context);
    ASSERT_TRUE(Eventually([&] { return articles_.calls == 1; }));
  }
  EXPECT_TRUE(absl::IsCancelled(Wait(Await(std::move(call))).status()));
  EXPECT_TRUE(absl::IsCancelled(Wait(Await(Get(context, "/a"))).status()));
  EXPECT_TRUE(Eventually([&] { return articles_.cancelled == 1; }));
}

TEST_F(UnaryCalls, LetGoAreCancelled) {
  {
    auto call = Get(Context(kLong), "/slow");
    ASSERT_TRUE(Eventually([&] { return articles_.calls == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return articles_.cancelled == 1; }));
}

TEST_F(UnaryCalls, ManyAtATimeAreAllAnswered) {
  const Context context(kLong);
  std::vector<UnaryCall<article::GetArticleResponse>> calls;
  for (int i = 0; i < 200; ++i) calls.push_back(Get(context, absl::StrCat("/", i)));
  for (auto& call : calls) EXPECT_TRUE(Wait(Await(std::move(call))).ok());
}

TEST_F(UnaryCalls, FailOnceTheQueuesAreClosed) {
  queues_.Close();
  EXPECT_TRUE(absl::IsCancelled(Wait(Await(Get(Context(kLong), "/a"))).status()));
}

TEST_F(UnaryCalls, OfReadingServicesAreRepeatedWhenUnavailable) {
  ChannelOptions options;
  options.retried_services = {article::ArticleService::service_full_name()};
  options.own_connection = true;
  stub_ = article::ArticleService::NewStub(NewChannel(server_.address(), options));
  articles_.fail_first = 2;
  EXPECT_TRUE(Wait(Await(Get(Context(kLong), "/a"))).ok());
  EXPECT_EQ(articles_.calls, 3);
}

// A service in trouble is not asked three times as much.
TEST_F(UnaryCalls, AreNotRepeatedAnyMoreOnceManyHaveFailed) {
  constexpr int kCalls = 60;
  constexpr int kTokens =
      20;  // of the channel; each failed attempt takes one, below half of them none is made
  ChannelOptions options;
  options.retried_services = {article::ArticleService::service_full_name()};
  options.own_connection = true;
  stub_ = article::ArticleService::NewStub(NewChannel(server_.address(), options));
  articles_.fail_first = 1'000'000;
  for (int i = 0; i < kCalls; ++i)
    EXPECT_TRUE(absl::IsUnavailable(Wait(Await(Get(Context(kLong), "/a"))).status()));
  EXPECT_GT(articles_.calls, kCalls);  // the first ones are repeated
  EXPECT_LE(articles_.calls, kCalls + kTokens);
}

TEST_F(UnaryCalls, OfOtherServicesAreNotRepeated) {
  articles_.fail_first = 1;
  EXPECT_TRUE(absl::IsUnavailable(Wait(Await(Get(Context(kLong), "/a"))).status()));
  EXPECT_EQ(articles_.calls, 1);
}

// ---------------------------------------------------------------- asynchronous handlers

using AsyncPageService =
    page::PageService::WithRawMethod_GetPage<page::PageService::WithAsyncMethod_ExplainPage<
        page::PageService::WithAsyncMethod_ListDependents<page::PageService::Service>>>;

grpc::ByteBuffer Serialized(const google::protobuf::Message& message) {
  const std::string bytes = message.SerializeAsString();
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

// Answers GetPage with prepared bytes, asking an article service on the way.
class Pages final : public AsyncService {
 public:
  explicit Pages(std::shared_ptr<grpc::Channel> channel)
      : articles_(article::ArticleService::NewStub(std::move(channel))) {}

  grpc::Service* service() override { return &service_; }

  void Serve(CompletionQueues& queues) override {
    queues_ = &queues;
    ServeUnary<grpc::ByteBuffer, grpc::ByteBuffer>(
        queues, service_, &AsyncPageService::RequestGetPage,
        {.name = "broadsheet.page.v1.PageService/GetPage",
         .handler = [this](Context context, grpc::ByteBuffer) { return GetPage(context); },
         .at_once = [this](const grpc::ByteBuffer&) { return AtOnce(); }});
    ServeUnary<page::ExplainPageRequest, page::ExplainPageResponse>(
        queues, service_, &AsyncPageService::RequestExplainPage,
        {.name = "broadsheet.page.v1.PageService/ExplainPage",
         .handler = [](Context,
                       page::ExplainPageRequest request) -> Task<absl::StatusOr<page::ExplainPageResponse>> {
           co_return InvalidArgument("path", "is not for tests: " + request.path());
         }});
    ServeUnary<page::ListDependentsRequest, page::ListDependentsResponse>(
        queues, service_, &AsyncPageService::RequestListDependents,
        {.name = "broadsheet.page.v1.PageService/ListDependents",
         .handler = [this](Context, page::ListDependentsRequest) { return WaitForEver(); }});
  }

  void Stop() override { released.Set(true); }

  // GetPage's answer from now on, without asking anybody.
  void AnswerAtOnce(absl::StatusOr<grpc::ByteBuffer> answer) {
    std::lock_guard lock(mutex_);
    at_once_ = std::move(answer);
  }

  Deferred<bool> released;

 private:
  Task<absl::StatusOr<grpc::ByteBuffer>> GetPage(Context context) {
    article::GetArticleRequest request;
    request.set_path("/a");
    auto call = CallUnary(*queues_, context, *articles_,
                          &article::ArticleService::Stub::PrepareAsyncGetArticle, request);
    CompletionQueue* const before = CompletionQueues::Current();
    absl::StatusOr<article::GetArticleResponse> response = co_await call;
    if (!response.ok()) co_return response.status();
    page::GetPageResponse answer;
    answer.set_status(CompletionQueues::Current() == before ? 200 : 500);
    answer.set_body(response->article().path());
    co_return Serialized(answer);
  }

  Task<absl::StatusOr<page::ListDependentsResponse>> WaitForEver() {
    co_await released;
    co_return page::ListDependentsResponse();
  }

  std::optional<absl::StatusOr<grpc::ByteBuffer>> AtOnce() {
    std::lock_guard lock(mutex_);
    return at_once_;
  }

  std::mutex mutex_;
  std::optional<absl::StatusOr<grpc::ByteBuffer>> at_once_;  // guarded by mutex_
  AsyncPageService service_;
  std::unique_ptr<article::ArticleService::Stub> articles_;
  CompletionQueues* queues_ = nullptr;
};

class AsyncHandlers : public ::testing::Test {
 protected:
  Articles articles_;
  test::GrpcServer articles_server_{{&articles_}, {}, {.max_threads = 500}};
  Pages pages_{articles_server_.channel()};
  test::GrpcServer server_{{}, {&pages_}, {.queue_threads = 2, .shutdown_grace = absl::Milliseconds(200)}};
  std::unique_ptr<page::PageService::Stub> stub_ = page::PageService::NewStub(server_.channel());
};

TEST_F(AsyncHandlers, AnswerWithPreparedBytesAndStayOnTheirThread) {
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    const Context mine(kLong);
    mine.Prepare(context);
    page::GetPageResponse response;
    const grpc::Status status = stub_->GetPage(&context, {}, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.status(), 200);
    // The trace went through the handler to the service it called.
    EXPECT_THAT(response.body(), ::testing::HasSubstr(mine.trace().trace_id()));
  }
}

TEST_F(AsyncHandlers, AnswerAtOnceWhatNeedsNoWaiting) {
  page::GetPageResponse prepared;
  prepared.set_status(204);
  pages_.AnswerAtOnce(Serialized(prepared));
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  page::GetPageResponse response;
  ASSERT_TRUE(stub_->GetPage(&context, {}, &response).ok());
  EXPECT_EQ(response.status(), 204);
}

TEST_F(AsyncHandlers, CountTheirCallsOnce) {
  const auto counted = [](const std::string& code) {
    return telemetry::Counter("broadsheet_rpc_server_calls_total", "",
                              {{"method", "broadsheet.page.v1.PageService/GetPage"}, {"code", code}})
        .Value();
  };
  const double ok = counted("OK");
  const double aborted = counted("ABORTED");
  const auto ask = [&] {
    grpc::ClientContext context;
    Context(kLong).Prepare(context);
    page::GetPageResponse response;
    return stub_->GetPage(&context, {}, &response).error_code();
  };
  ASSERT_EQ(ask(), grpc::StatusCode::OK);
  pages_.AnswerAtOnce(absl::AbortedError("no"));
  ASSERT_EQ(ask(), grpc::StatusCode::ABORTED);
  server_.Stop();  // calls are counted when their answers have gone
  EXPECT_EQ(counted("OK"), ok + 1);
  EXPECT_EQ(counted("ABORTED"), aborted + 1);
}

TEST_F(AsyncHandlers, AnswerErrorsWithDetails) {
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  page::ExplainPageRequest request;
  request.set_path("/x");
  page::ExplainPageResponse response;
  const absl::Status status = FromGrpc(stub_->ExplainPage(&context, request, &response));
  ASSERT_EQ(Violations(status).size(), 1U);
  EXPECT_EQ(Violations(status)[0].description, "is not for tests: /x");
}

TEST_F(AsyncHandlers, MoreCallsThanAcceptedInAdvanceAreAllAnswered) {
  CompletionQueues queues(1);
  const Context context(kLong);
  std::vector<UnaryCall<page::GetPageResponse>> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back(CallUnary(queues, context, *stub_, &page::PageService::Stub::PrepareAsyncGetPage,
                              page::GetPageRequest()));
  }
  auto await = [](UnaryCall<page::GetPageResponse> call) -> Task<absl::StatusOr<page::GetPageResponse>> {
    co_return co_await call;
  };
  for (auto& call : calls) EXPECT_EQ(Wait(await(std::move(call))).status(), absl::OkStatus());
}

TEST_F(AsyncHandlers, StuckInACallDoNotKeepTheServerFromEnding) {
  CompletionQueues queues(1);
  auto call = CallUnary(queues, Context(kLong), *stub_, &page::PageService::Stub::PrepareAsyncListDependents,
                        page::ListDependentsRequest());
  // The call has arrived once a later one on the same connection has been answered.
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  page::GetPageResponse response;
  ASSERT_TRUE(stub_->GetPage(&context, {}, &response).ok());
  server_.Stop();
  SUCCEED();
}

}  // namespace
}  // namespace broadsheet::rpc
