#include "libs/rpc/health_service.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/context.h"
#include "libs/testing/grpc_server.h"

namespace broadsheet::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kLong = absl::Seconds(20);

// Asked past the client's own health check, which would not use a server that does not serve.
std::shared_ptr<grpc::Channel> Unchecked(const std::string& address) {
  ChannelOptions options;
  options.health_check = false;
  options.own_connection = true;
  return NewChannel(address, options);
}

class Watcher {
 public:
  Watcher(const std::string& address, const std::string& service)
      : stub_(Health::NewStub(Unchecked(address))) {
    Context(kLong).Prepare(context_);
    context_.set_wait_for_ready(true);
    HealthCheckRequest request;
    request.set_service(service);
    stream_ = stub_->Watch(&context_, request);
  }

  // What it is told next; UNKNOWN: nothing more.
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    return stream_->Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() { return stream_->Finish(); }

 private:
  const std::unique_ptr<Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> stream_;
};

grpc::Status Check(const std::string& address, const std::string& service) {
  grpc::ClientContext context;
  Context(kLong).Prepare(context);
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  return Health::NewStub(Unchecked(address))->Check(&context, request, &response);
}

ServerOptions WithQueues(int threads) {
  ServerOptions options;
  options.queue_threads = threads;
  options.shutdown_grace = kLong;
  return options;
}

TEST(Health, IsNotFoundOfAServiceThatNobodyServes) {
  test::GrpcServer server({});
  EXPECT_TRUE(Check(server.address(), "").ok());
  EXPECT_TRUE(Check(server.address(), "grpc.health.v1.Health").ok());
  EXPECT_EQ(Check(server.address(), "nobody.knows.It").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(Health, TellsThoseWhoWatchAtOnceAndAtEachChange) {
  for (const int threads : {0, 2}) {
    test::GrpcServer server({}, {}, WithQueues(threads));
    Watcher whole(server.address(), "");
    Watcher part(server.address(), "grpc.health.v1.Health");
    for (Watcher* watcher : {&whole, &part}) EXPECT_EQ(watcher->Next(), HealthCheckResponse::SERVING);
    server.server().SetServing(true);  // no news
    server.server().SetServing(false);
    for (Watcher* watcher : {&whole, &part}) EXPECT_EQ(watcher->Next(), HealthCheckResponse::NOT_SERVING);
    server.server().SetServing(true);
    for (Watcher* watcher : {&whole, &part}) EXPECT_EQ(watcher->Next(), HealthCheckResponse::SERVING);
  }
}

TEST(Health, AWatchOfAnUnknownServiceGoesOn) {
  test::GrpcServer server({});
  Watcher watcher(server.address(), "nobody.knows.It");
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  server.Stop();
  EXPECT_EQ(watcher.Next(), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(watcher.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// The grace is longer than the test may take.
TEST(Health, AShutdownEndsEveryWatchWithoutWaitingForIt) {
  test::GrpcServer server({}, {}, WithQueues(2));
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 20; ++i) {
    watchers.push_back(std::make_unique<Watcher>(server.address(), ""));
    EXPECT_EQ(watchers.back()->Next(), HealthCheckResponse::SERVING);
  }
  const absl::Time before = absl::Now();
  server.Stop();
  EXPECT_LT(absl::Now() - before, kLong / 2);
  for (const auto& watcher : watchers) {
    EXPECT_EQ(watcher->Next(), HealthCheckResponse::NOT_SERVING);
    EXPECT_EQ(watcher->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
}

// The service alone, without the server that it is a part of.
class ServedHealth {
 public:
  ServedHealth() {
    std::vector<std::unique_ptr<grpc::CompletionQueue>> queues;
    queues.push_back(builder_.AddCompletionQueue());
    queues_ = std::make_unique<CompletionQueues>(std::move(queues));
    builder_.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder_.RegisterService(service.service());
    server_ = builder_.BuildAndStart();
    service.SetServing(true);
    service.Serve(*queues_);
  }
  ~ServedHealth() {
    service.Stop();
    server_->Shutdown();
    queues_->Close();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  HealthService service;

 private:
  int port_ = 0;
  grpc::ServerBuilder builder_;
  std::unique_ptr<CompletionQueues> queues_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(Health, WhoeverStopsWatchingIsForgotten) {
  ServedHealth health;
  for (int i = 0; i < 20; ++i) {
    Watcher watcher(health.address(), "");
    EXPECT_EQ(watcher.Next(), HealthCheckResponse::SERVING);
    watcher.Cancel();
    EXPECT_EQ(watcher.Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  Watcher last(health.address(), "");
  EXPECT_EQ(last.Next(), HealthCheckResponse::SERVING);
  const absl::Time deadline = absl::Now() + kLong;
  while (health.service.watches() > 1 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(health.service.watches(), 1u);
  health.service.SetServing(false);
  EXPECT_EQ(last.Next(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace broadsheet::rpc
