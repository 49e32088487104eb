#include "libs/rpc/health_service.h"

#include <optional>
#include <utility>

#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "libs/rpc/async_handler.h"

namespace broadsheet::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One who watches. Everything happens under the service's mutex.
class HealthService::Watch final : public std::enable_shared_from_this<Watch> {
 public:
  // Waits on `queue` for the next who wants to, and after that for another.
  static void Accept(HealthService& host, CompletionQueue& queue) {
    const std::shared_ptr<Watch> watch(new Watch(host, queue));
    void* accepted = watch->accept_.Begin();
    void* gone = accepted == nullptr ? nullptr : watch->done_.Begin();
    if (gone == nullptr) {
      if (accepted != nullptr) watch->accept_.Retract();
      return;
    }
    watch->context_.AsyncNotifyWhenDone(gone);
    host.service_.RequestWatch(&watch->context_, &watch->request_, &watch->writer_, queue.grpc_queue(),
                               queue.server_queue(), accepted);
  }

  // Says how it stands unless that is what was said last, and after that, if this is the end, no more.
  void Update() {
    if (gone_ || write_.in_flight()) return;
    const Status status = host_.StatusOf(request_.service());
    if (status != said_) return Say(status);
    if (ending_) Finish();
  }

  void End() {
    if (!std::exchange(ending_, true)) Update();
  }

 private:
  // One kind of operation; keeps the call alive while one is in flight.
  class Operation final : public Completion {
   public:
    using Handler = void (Watch::*)(bool ok);
    Operation(Watch& watch, Handler handler) : watch_(watch), handler_(handler) {}
    // The tag for an operation that starts now; null when the queue is closed.
    void* Begin() {
      if (!watch_.queue_.Begin()) return nullptr;
      keep_alive_ = watch_.shared_from_this();
      return AsTag(this);
    }
    void Retract() {
      watch_.queue_.Retract();
      keep_alive_.reset();
    }
    bool in_flight() const { return keep_alive_ != nullptr; }
    void Complete(bool ok) override {
      std::shared_ptr<Watch> keep_alive;  // released after the mutex
      std::lock_guard lock(watch_.host_.mutex_);
      keep_alive = std::move(keep_alive_);
      (watch_.*handler_)(ok);
    }

   private:
    Watch& watch_;
    const Handler handler_;
    std::shared_ptr<Watch> keep_alive_;
  };

  Watch(HealthService& host, CompletionQueue& queue) : host_(host), queue_(queue) {}

  void OnAccepted(bool ok) {
    if (!ok) return done_.Retract();  // the server is shutting down: there is no call that could end
    Accept(host_, queue_);
    host_.watches_.insert(shared_from_this());
    host_.stopped_ ? End() : Update();
  }
  void OnWritten(bool ok) {
    if (ok) Update();  // otherwise whoever watched is gone
  }
  void OnFinished(bool) {}
  void OnDone(bool) {
    gone_ = true;
    host_.watches_.erase(shared_from_this());
  }
  void Say(Status status) {
    void* tag = write_.Begin();
    if (tag == nullptr) return;
    said_ = status;
    HealthCheckResponse response;
    response.set_status(status);
    writer_.Write(response, tag);
  }
  void Finish() {
    gone_ = true;
    const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down");
    if (void* tag = finish_.Begin()) writer_.Finish(status, tag);
  }

  HealthService& host_;
  CompletionQueue& queue_;
  grpc::ServerContext context_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_{&context_};
  std::optional<Status> said_;
  bool ending_ = false;
  bool gone_ = false;  // or told that this was all
  Operation accept_{*this, &Watch::OnAccepted};
  Operation write_{*this, &Watch::OnWritten};
  Operation finish_{*this, &Watch::OnFinished};
  Operation done_{*this, &Watch::OnDone};
};

HealthService::HealthService() = default;
HealthService::~HealthService() = default;

void HealthService::SetNames(const std::vector<std::string>& names) {
  std::lock_guard lock(mutex_);
  names_.insert(names.begin(), names.end());
}

void HealthService::SetServing(bool serving) {
  std::lock_guard lock(mutex_);
  serving_ = serving;
  for (const std::shared_ptr<Watch>& watch : watches_) watch->Update();
}

HealthService::Status HealthService::StatusOf(const std::string& name) const {
  if (!names_.contains(name)) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

absl::StatusOr<HealthCheckResponse> HealthService::Check(const std::string& name) {
  std::lock_guard lock(mutex_);
  const Status status = StatusOf(name);
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return absl::NotFoundError("no service of that name is served here");
  }
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

void HealthService::Serve(CompletionQueues& queues) {
  ServeUnary<HealthCheckRequest, HealthCheckResponse>(
      queues, service_, &grpc::health::v1::Health::AsyncService::RequestCheck,
      {.name = "grpc.health.v1.Health/Check",
       .handler = nullptr,  // nothing is left to it
       .at_once = [this](const HealthCheckRequest& request) { return Check(request.service()); },
       .accepted_in_advance = 1});
  for (const auto& queue : queues.all()) Watch::Accept(*this, *queue);
}

void HealthService::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const std::shared_ptr<Watch>& watch : watches_) watch->End();
}

std::size_t HealthService::watches() const {
  std::lock_guard lock(mutex_);
  return watches_.size();
}

}  // namespace broadsheet::rpc
