#include "services/gateway/fake_server_testing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/testing/free_port.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kLease = absl::Seconds(1);

rpc::ServerOptions ServerOptionsFor(int port) {
  rpc::ServerOptions options;
  options.port = port;
  options.shutdown_grace = absl::ZeroDuration();
  return options;
}

}  // namespace

void Faults::Set(Fault fault) {
  std::lock_guard lock(mutex_);
  fault_ = fault;
  changed_.notify_all();
}

void Faults::SetOf(const std::string& method, Fault fault) {
  std::lock_guard lock(mutex_);
  by_method_[method] = fault;
  changed_.notify_all();
}

Fault Faults::Of(const std::string& method) const {
  const auto found = by_method_.find(method);
  return found == by_method_.end() ? fault_ : found->second;
}

Fault Faults::current() const {
  std::lock_guard lock(mutex_);
  return fault_;
}

grpc::Status Faults::Enter(grpc::ServerContext& context, const std::string& method) {
  std::unique_lock lock(mutex_);
  ++calls_[method];
  while (Of(method) == Fault::kHang && !context.IsCancelled())
    changed_.wait_for(lock, std::chrono::milliseconds(5));
  if (Of(method) == Fault::kHang) ++cancelled_[method];
  if (Of(method) == Fault::kUnavailable) return {grpc::StatusCode::UNAVAILABLE, "told to fail"};
  return grpc::Status::OK;
}

int Faults::calls(const std::string& method) const {
  std::lock_guard lock(mutex_);
  auto found = calls_.find(method);
  return found == calls_.end() ? 0 : found->second;
}

int Faults::cancelled(const std::string& method) const {
  std::lock_guard lock(mutex_);
  auto found = cancelled_.find(method);
  return found == cancelled_.end() ? 0 : found->second;
}

RestartableServer::RestartableServer(std::vector<grpc::Service*> services, std::string source,
                                     const change::ChangeLog* log)
    : services_(std::move(services)), source_(std::move(source)), log_(log), port_(test::FreePort()) {
  Start();
}

RestartableServer::~RestartableServer() { Stop(); }

void RestartableServer::Start() {
  if (server_) return;
  std::vector<rpc::AsyncService*> async_services;
  if (log_ != nullptr) {
    change::PublisherOptions options;
    options.source = source_;
    options.lease = kLease;
    options.restart_grace = absl::ZeroDuration();  // whoever stops it lets leases run out first
    publisher_ = *change::Publisher::Start(*log_, options);
    async_services.push_back(publisher_.get());
  }
  server_ = std::make_unique<test::GrpcServer>(services_, async_services, ServerOptionsFor(port_));
}

void RestartableServer::Stop() {
  if (!server_) return;
  server_->Stop();
  server_.reset();
  publisher_.reset();
}

std::string RestartableServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

change::v1::Propagation RestartableServer::Announce(std::int64_t position) {
  return publisher_ ? publisher_->WaitForFollowers(position) : change::v1::Propagation();
}

}  // namespace broadsheet::gateway
