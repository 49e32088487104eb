#include "libs/rpc/server.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/context.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/free_port.h"
#include "libs/testing/grpc_server.h"

namespace broadsheet::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace article = article::v1;
namespace health = grpc::health::v1;

constexpr absl::Duration kLong = absl::Seconds(20);

class Articles final : public article::ArticleService::Service {
 public:
  grpc::Status GetArticle(grpc::ServerContext* context, const article::GetArticleRequest* request,
                          article::GetArticleResponse*) override {
    {
      std::lock_guard lock(mutex_);
      connections_.insert(context->peer());
    }
    if (request->path() == "/blocked") {
      ++blocked;
      release.WaitForNotification();
    }
    if (request->path() == "/broken") return {grpc::StatusCode::INTERNAL, "broken"};
    return grpc::Status::OK;
  }
  grpc::Status ListSections(grpc::ServerContext*, const article::ListSectionsRequest*,
                            article::ListSectionsResponse* response) override {
    response->add_sections()->set_name(std::string(9 * 1024 * 1024, 'x'));
    return grpc::Status::OK;
  }
  std::size_t connections_seen() {
    std::lock_guard lock(mutex_);
    return connections_.size();
  }
  std::atomic<int> blocked = 0;
  absl::Notification release;

 private:
  std::mutex mutex_;
  std::set<std::string> connections_;  // by the client's address and port
};

grpc::Status Get(article::ArticleService::Stub& stub, const std::string& path,
                 absl::Duration timeout = kLong) {
  grpc::ClientContext context;
  Context(timeout).Prepare(context);
  article::GetArticleRequest request;
  request.set_path(path);
  article::GetArticleResponse response;
  return stub.GetArticle(&context, request, &response);
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kLong;
  while (absl::Now() < deadline) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return false;
}

health::HealthCheckResponse::ServingStatus Health(const std::shared_ptr<grpc::Channel>& channel,
                                                  const std::string& service) {
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  health::HealthCheckRequest request;
  request.set_service(service);
  health::HealthCheckResponse response;
  const grpc::Status status = health::Health::NewStub(channel)->Check(&context, request, &response);
  return status.ok() ? response.status() : health::HealthCheckResponse::SERVICE_UNKNOWN;
}

TEST(Server, SaysWhichPortIsInUse) {
  Articles articles;
  test::GrpcServer first({&articles});
  ServerOptions options;
  options.port = first.port();
  Server second(options);
  second.Register(&articles);
  const absl::Status status = second.Start();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(status.message(), absl::StrCat("port ", first.port(), " on 127.0.0.1 is in use"));
}

TEST(Server, SaysWhichHostItCannotListenOn) {
  ServerOptions options;
  options.host = "192.0.2.1";  // reserved for documentation: nobody's
  options.port = test::FreePort();
  Server server(options);
  EXPECT_THAT(std::string(server.Start().message()), HasSubstr("cannot listen on 192.0.2.1:"));
}

// Has nothing to do: it is never started.
class Pages final : public AsyncService {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(CompletionQueues&) override { served = true; }
  bool served = false;

 private:
  broadsheet::page::v1::PageService::AsyncService service_;
};

TEST(Server, RefusesAnAsynchronousServiceWithoutQueues) {
  Pages pages;
  ServerOptions options;
  options.queue_threads = 0;
  Server server(options);
  server.Register(&pages);
  EXPECT_TRUE(absl::IsInternal(server.Start()));
  EXPECT_FALSE(pages.served);
}

TEST(Server, TellsTheHealthOfItselfAndOfEachService) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto channel = server.channel();
  EXPECT_EQ(Health(channel, ""), health::HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(channel, "broadsheet.article.v1.ArticleService"), health::HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(channel, "nobody.knows.It"), health::HealthCheckResponse::SERVICE_UNKNOWN);
  server.server().SetServing(false);
  // Asked past the client's own health check, which would not use the server any more.
  ChannelOptions unchecked;
  unchecked.health_check = false;
  const auto direct = NewChannel(server.address(), unchecked);
  EXPECT_EQ(Health(direct, ""), health::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Health(direct, "broadsheet.article.v1.ArticleService"), health::HealthCheckResponse::NOT_SERVING);
  server.server().SetServing(true);
  EXPECT_EQ(Health(direct, ""), health::HealthCheckResponse::SERVING);
}

TEST(Server, DoesNotServeByWhatHealthSaysBeforeItIsToldToIfItStartsSo) {
  Articles articles;
  ServerOptions options;
  options.serving_at_start = false;
  Server server(options);
  server.Register(&articles);
  ASSERT_TRUE(server.Start().ok());
  ChannelOptions unchecked;
  unchecked.health_check = false;
  const auto direct = NewChannel(server.address(), unchecked);
  EXPECT_EQ(Health(direct, ""), health::HealthCheckResponse::NOT_SERVING);
  server.SetServing(true);
  EXPECT_EQ(Health(direct, ""), health::HealthCheckResponse::SERVING);
}

// Asks the reflection service, whose messages are few enough to be written by hand: field 7, list_services;
// field 4, file_containing_symbol.
std::string Reflect(const std::shared_ptr<grpc::Channel>& channel, const std::string& request) {
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  const grpc::internal::RpcMethod method("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                         grpc::internal::RpcMethod::BIDI_STREAMING);
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          channel.get(), method, &context));
  const grpc::Slice slice(request);
  stream->Write(grpc::ByteBuffer(&slice, 1));
  stream->WritesDone();
  std::string text;
  grpc::ByteBuffer answer;
  while (stream->Read(&answer)) {
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(answer.Dump(&slices).ok());
    for (const grpc::Slice& part : slices)
      text.append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  EXPECT_TRUE(stream->Finish().ok());
  return text;
}

TEST(Server, ReflectionListsAndDescribesEveryServiceHealthIncluded) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto channel = server.channel();
  const std::string services = Reflect(channel, std::string("\x3a\x01*"));
  EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
  EXPECT_THAT(services, HasSubstr("broadsheet.article.v1.ArticleService"));
  const std::string symbol = "grpc.health.v1.Health";
  const std::string file =
      Reflect(channel, absl::StrCat("\x22", std::string(1, static_cast<char>(symbol.size())), symbol));
  EXPECT_THAT(file, HasSubstr("HealthCheckRequest"));
  EXPECT_THAT(file, HasSubstr("grpc/health/v1/health.proto"));
}

TEST(Server, CountsCallsByMethodAndCode) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto stub = article::ArticleService::NewStub(server.channel());
  EXPECT_TRUE(Get(*stub, "/a").ok());
  EXPECT_EQ(Get(*stub, "/broken").error_code(), grpc::StatusCode::INTERNAL);
  // The server counts a call when it lets go of it, which may be after the client has its answer.
  const auto count = [](const std::string& side, const std::string& code) {
    return telemetry::Counter("broadsheet_rpc_" + side + "_calls_total",
                              "gRPC calls by method and status code.",
                              {{"method", "broadsheet.article.v1.ArticleService/GetArticle"}, {"code", code}})
        .Value();
  };
  EXPECT_TRUE(Eventually([&] { return count("server", "OK") >= 1 && count("server", "INTERNAL") >= 1; }));
  EXPECT_GE(count("client", "OK"), 1);
  EXPECT_GE(count("client", "INTERNAL"), 1);
  EXPECT_THAT(telemetry::MetricsText(), HasSubstr("broadsheet_rpc_server_duration_seconds_bucket"));
}

TEST(Server, TellsThatNoCallHasFailedBeforeAnyIsMade) {
  Articles articles;
  const test::GrpcServer server({&articles});
  for (const std::string code : {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN", "DATA_LOSS"}) {
    EXPECT_THAT(telemetry::MetricsText(),
                HasSubstr(absl::StrCat("broadsheet_rpc_server_calls_total{code=\"", code,
                                       "\",method=\"broadsheet.article.v1.ArticleService/GetAuthor\"} 0\n")));
  }
}

// gRPC answers INTERNAL to nobody then.
TEST(Server, IsNotToBlameForACallThatIsTakenBackBeforeItsRequestIsHere) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto failed = [] {
    return telemetry::Counter(
               "broadsheet_rpc_server_calls_total", "gRPC calls by method and status code.",
               {{"method", "broadsheet.article.v1.ArticleService/ListSections"}, {"code", "INTERNAL"}})
        .Value();
  };
  const double before = failed();
  grpc::GenericStub stub(server.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  testing::internal::CaptureStderr();
  auto call = stub.PrepareCall(&context, "/broadsheet.article.v1.ArticleService/ListSections", &queue);
  call->StartCall(&queue);  // and no request
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, &queue);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_TRUE(Eventually([&] { return failed() > before; }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("call failed")));
}

TEST(Server, LimitsTheSizeOfMessages) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto stub = article::ArticleService::NewStub(server.channel());
  EXPECT_EQ(Get(*stub, "/" + std::string(9 * 1024 * 1024, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  article::ListSectionsResponse response;
  EXPECT_EQ(stub->ListSections(&context, {}, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(Server, BoundsItsThreads) {
  Articles articles;
  ServerOptions options;
  options.max_threads = 12;
  test::GrpcServer server({&articles}, {}, options);
  const auto stub = article::ArticleService::NewStub(server.channel());
  std::vector<std::thread> clients;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back([&] {
      if (Get(*stub, "/blocked").error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) ++refused;
    });
  }
  EXPECT_TRUE(Eventually([&] { return refused + articles.blocked == 40; }));
  EXPECT_LE(articles.blocked, 12);
  EXPECT_GE(articles.blocked, 4);
  articles.release.Notify();
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(Get(*stub, "/a").ok());
}

TEST(Server, ACallInFlightSurvivesTheDrain) {
  Articles articles;
  test::GrpcServer server({&articles});
  const auto stub = article::ArticleService::NewStub(server.channel());
  grpc::Status status(grpc::StatusCode::UNKNOWN, "");
  std::thread client([&] { status = Get(*stub, "/blocked"); });
  ASSERT_TRUE(Eventually([&] { return articles.blocked == 1; }));
  std::thread drain([&] { server.Stop(); });
  ASSERT_TRUE(Eventually([&] { return !Get(*stub, "/a", absl::Milliseconds(100)).ok(); }));
  articles.release.Notify();
  client.join();
  drain.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(Server, ACallThatDoesNotEndIsCancelledAfterTheGrace) {
  Articles articles;
  ServerOptions options;
  options.shutdown_grace = absl::Milliseconds(50);
  test::GrpcServer server({&articles}, {}, options);
  const auto stub = article::ArticleService::NewStub(server.channel());
  grpc::Status status;
  std::thread client([&] {
    status = Get(*stub, "/blocked");
    articles.release.Notify();  // the handler notices
  });
  ASSERT_TRUE(Eventually([&] { return articles.blocked == 1; }));
  server.Stop();
  client.join();
  EXPECT_FALSE(status.ok());
}

TEST(Server, ARollingRestartUnderLoadLosesNoCall) {
  Articles articles;
  ServerOptions options;
  options.drain = absl::Milliseconds(1500);
  auto old_server = std::make_unique<test::GrpcServer>(std::vector<grpc::Service*>{&articles},
                                                       std::vector<AsyncService*>{}, options);
  auto new_server = std::make_unique<test::GrpcServer>(std::vector<grpc::Service*>{&articles},
                                                       std::vector<AsyncService*>{}, options);
  // Both behind one name, as replicas are.
  const auto channel = NewChannel(absl::StrCat("ipv4:", old_server->address(), ",", new_server->address()));
  const auto stub = article::ArticleService::NewStub(channel);
  std::atomic<bool> done = false;
  std::atomic<int> answered = 0;
  std::atomic<int> lost = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      while (!done) ++(Get(*stub, "/a").ok() ? answered : lost);
    });
  }
  ASSERT_TRUE(Eventually([&] { return answered > 100; }));
  old_server->Stop();
  const int before = answered;
  ASSERT_TRUE(Eventually([&] { return answered > before + 100; }));
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(lost, 0);
}

// What gives a new replica its share: connections do not last, and their calls do not notice.
TEST(Server, ConnectionsEndAtTheirAgeAndLoseNoCall) {
  Articles articles;
  ServerOptions options;
  options.max_connection_age = absl::Milliseconds(100);
  test::GrpcServer server({&articles}, {}, options);
  const auto stub = article::ArticleService::NewStub(server.channel());
  int lost = 0;
  EXPECT_TRUE(Eventually([&] {
    if (!Get(*stub, "/a").ok()) ++lost;
    return articles.connections_seen() >= 3;
  }));
  EXPECT_EQ(lost, 0);
}

TEST(Server, AClientFindsARestartedServerQuickly) {
  Articles articles;
  auto server = std::make_unique<test::GrpcServer>(std::vector<grpc::Service*>{&articles});
  const int port = server->port();
  const auto stub = article::ArticleService::NewStub(server->channel());
  ASSERT_TRUE(Get(*stub, "/a").ok());
  server.reset();
  ASSERT_TRUE(Eventually([&] { return !Get(*stub, "/a").ok(); }));
  ServerOptions options;
  options.port = port;
  test::GrpcServer restarted({&articles}, {}, options);
  const absl::Time before = absl::Now();
  ASSERT_TRUE(Eventually([&] { return Get(*stub, "/a").ok(); }));
  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
}

}  // namespace
}  // namespace broadsheet::rpc
