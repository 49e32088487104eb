#ifndef BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_
#define BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/context.h"
#include "libs/rpc/server_metrics.h"
#include "libs/rpc/status.h"
#include "libs/rpc/task.h"

namespace broadsheet::rpc {

// A coroutine that answers one unary call. Called on a queue's thread.
template <class Request, class Response>
using AsyncHandler = std::function<Task<absl::StatusOr<Response>>(Context, Request)>;

// Answers a call that needs nobody to be waited for; nothing: the handler answers it. Called on a queue's
// thread.
template <class Request, class Response>
using AtOnceHandler = std::function<std::optional<absl::StatusOr<Response>>(const Request&)>;

// A unary method and how it is answered.
template <class Request, class Response>
struct AsyncMethod {
  std::string name;  // "broadsheet.page.v1.PageService/GetPage"
  AsyncHandler<Request, Response> handler;
  AtOnceHandler<Request, Response> at_once = nullptr;  // asked first, unless it is null
  absl::Duration at_most = absl::Seconds(10);          // deadline when the caller sets none or a later one
  // Calls asked for in advance on each queue: a burst of this many finds a place at once.
  int accepted_in_advance = 16;
};

namespace internal {

template <class Service, class Request, class Response, class Ask>
class AsyncUnaryCall final : public Completion {
 public:
  struct Method {
    explicit Method(AsyncMethod<Request, Response> method) : how(std::move(method)), counter(how.name) {}

    const AsyncMethod<Request, Response> how;
    const ServerCallCounter counter;
  };

  // Asks the server for the next call on `queue`.
  static void Accept(CompletionQueue& queue, Service& service, Ask ask,
                     std::shared_ptr<const Method> method) {
    if (!queue.Begin()) return;
    auto* call = new AsyncUnaryCall(queue, service, ask, std::move(method));
    (service.*ask)(&call->context_, &call->request_, &call->writer_, queue.grpc_queue(), queue.server_queue(),
                   AsTag(call));
  }

  void Complete(bool ok) override {
    if (status_ || !ok) {  // sent, or the server is shutting down
      End();
      return;
    }
    Accept(queue_, service_, ask_, method_);
    started_ = std::chrono::steady_clock::now();
    if (method_->how.at_once != nullptr) {
      std::optional<absl::StatusOr<Response>> response = method_->how.at_once(request_);
      if (response) return Send(*std::move(response));
    }
    Detach(Answer(this));
  }

 private:
  AsyncUnaryCall(CompletionQueue& queue, Service& service, Ask ask, std::shared_ptr<const Method> method)
      : queue_(queue), service_(service), ask_(ask), method_(std::move(method)) {}

  static Task<void> Answer(AsyncUnaryCall* call) {
    auto task = call->method_->how.handler(Context::ForHandler(call->context_, call->method_->how.at_most),
                                           std::move(call->request_));
    absl::StatusOr<Response> response = co_await task;
    call->Send(std::move(response));
  }

  void Send(absl::StatusOr<Response> response) {
    if (!queue_.Begin()) {  // closed: gRPC cancels the call
      status_ = grpc::Status::CANCELLED;
      End();
      return;
    }
    status_ = response.ok() ? grpc::Status::OK : ToGrpc(response.status());
    if (response.ok()) {
      writer_.Finish(*response, *status_, AsTag(this));
    } else {
      writer_.FinishWithError(*status_, AsTag(this));
    }
  }

  void End() {
    if (status_) {
      method_->counter.Record(context_, *status_,
                              absl::FromChrono(std::chrono::steady_clock::now() - started_));
    }
    delete this;
  }

  CompletionQueue& queue_;
  Service& service_;
  const Ask ask_;
  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  Request request_;
  grpc::ServerAsyncResponseWriter<Response> writer_{&context_};
  std::optional<grpc::Status> status_;  // once it is answered
  std::chrono::steady_clock::time_point started_;
};

}  // namespace internal

// Serves one unary method on every queue; call it in AsyncService::Serve, once for each method:
//
//   rpc::ServeUnary<grpc::ByteBuffer, grpc::ByteBuffer>(
//       queues, service_, &Service::RequestGetPage,
//       {.name = "broadsheet.page.v1.PageService/GetPage",
//        .handler = [this](rpc::Context context, grpc::ByteBuffer request) {
//          return GetPage(context, std::move(request));
//        }});
//
// The caller's cancellation is not watched: the work ends by its deadline. gRPC queues calls that arrive
// while none is asked for; a handler that must shed load answers RESOURCE_EXHAUSTED at once. Calls are
// counted as ServerMetrics does.
template <class Request, class Response, class Service, class Ask>
void ServeUnary(CompletionQueues& queues, Service& service, Ask ask, AsyncMethod<Request, Response> method) {
  using Call = internal::AsyncUnaryCall<Service, Request, Response, Ask>;
  const int accepted = method.accepted_in_advance;
  auto shared = std::make_shared<const typename Call::Method>(std::move(method));
  for (const auto& queue : queues.all()) {
    for (int i = 0; i < accepted; ++i) Call::Accept(*queue, service, ask, shared);
  }
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_
