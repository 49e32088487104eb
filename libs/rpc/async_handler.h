#ifndef BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_
#define BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/context.h"
#include "libs/rpc/status.h"
#include "libs/rpc/task.h"

namespace broadsheet::rpc {

// A coroutine that answers one unary call. Called on a queue's thread.
template <class Request, class Response>
using AsyncHandler = std::function<Task<absl::StatusOr<Response>>(Context, Request)>;

struct AsyncHandlerOptions {
  absl::Duration at_most = absl::Seconds(10);  // deadline when the caller sets none or a later one
  // Calls asked for in advance on each queue: a burst of this many finds a place at once.
  int accepted_in_advance = 16;
};

namespace internal {

template <class Service, class Request, class Response, class Ask>
class AsyncUnaryCall final : public Completion {
 public:
  using Handler = AsyncHandler<Request, Response>;

  // Asks the server for the next call on `queue`.
  static void Accept(CompletionQueue& queue, Service& service, Ask ask,
                     std::shared_ptr<const Handler> handler, absl::Duration at_most) {
    if (!queue.Begin()) return;
    auto* call = new AsyncUnaryCall(queue, service, ask, std::move(handler), at_most);
    (service.*ask)(&call->context_, &call->request_, &call->writer_, queue.grpc_queue(), queue.server_queue(),
                   AsTag(call));
  }

  void Complete(bool ok) override {
    if (answered_ || !ok) {  // sent, or the server is shutting down
      delete this;
      return;
    }
    Accept(queue_, service_, ask_, handler_, at_most_);
    Detach(Answer(this));
  }

 private:
  AsyncUnaryCall(CompletionQueue& queue, Service& service, Ask ask, std::shared_ptr<const Handler> handler,
                 absl::Duration at_most)
      : queue_(queue), service_(service), ask_(ask), handler_(std::move(handler)), at_most_(at_most) {}

  static Task<void> Answer(AsyncUnaryCall* call) {
    auto task =
        (*call->handler_)(Context::ForHandler(call->context_, call->at_most_), std::move(call->request_));
    absl::StatusOr<Response> response = co_await task;
    call->Send(std::move(response));
  }

  void Send(absl::StatusOr<Response> response) {
    answered_ = true;
    if (!queue_.Begin()) {  // closed: gRPC cancels the call
      delete this;
      return;
    }
    if (response.ok()) {
      writer_.Finish(*response, grpc::Status::OK, AsTag(this));
    } else {
      writer_.FinishWithError(ToGrpc(response.status()), AsTag(this));
    }
  }

  CompletionQueue& queue_;
  Service& service_;
  const Ask ask_;
  const std::shared_ptr<const Handler> handler_;
  const absl::Duration at_most_;
  grpc::ServerContext context_;
  Request request_;
  grpc::ServerAsyncResponseWriter<Response> writer_{&context_};
  bool answered_ = false;
};

}  // namespace internal

// Serves one unary method on every queue; call it in AsyncService::Serve, once for each method:
//
//   rpc::ServeUnary<grpc::ByteBuffer, grpc::ByteBuffer>(
//       queues, service_, &Service::RequestGetPage,
//       [this](rpc::Context context, grpc::ByteBuffer request) { return GetPage(context, std::move(request));
//       });
//
// The caller's cancellation is not watched: the work ends by its deadline. gRPC queues calls that arrive
// while none is asked for; a handler that must shed load answers RESOURCE_EXHAUSTED at once.
template <class Request, class Response, class Service, class Ask>
void ServeUnary(CompletionQueues& queues, Service& service, Ask ask, AsyncHandler<Request, Response> handler,
                AsyncHandlerOptions options = {}) {
  using Call = internal::AsyncUnaryCall<Service, Request, Response, Ask>;
  auto shared = std::make_shared<const AsyncHandler<Request, Response>>(std::move(handler));
  for (const auto& queue : queues.all()) {
    for (int i = 0; i < options.accepted_in_advance; ++i) {
      Call::Accept(*queue, service, ask, shared, options.at_most);
    }
  }
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_ASYNC_HANDLER_H_
