#ifndef BROADSHEET_LIBS_RPC_UNARY_CALL_H_
#define BROADSHEET_LIBS_RPC_UNARY_CALL_H_

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/context.h"
#include "libs/rpc/rendezvous.h"
#include "libs/rpc/status.h"

namespace broadsheet::rpc {

// Who is told how calls ended. Thread-safe; must not block.
class CallObserver {
 public:
  // `peer` is the address that the call went to last, as gRPC writes it; of one that went nowhere, or that
  // nobody answered in time, the target.
  virtual void OnEnd(std::string_view peer, const grpc::Status& status) = 0;

 protected:
  ~CallObserver() = default;
};

// A unary call in flight. `co_await` it once, from one coroutine, also when it has ended before: the answer
// or the error with its details. Destroyed unawaited, it cancels the call.
template <class Response>
class [[nodiscard]] UnaryCall {
 public:
  UnaryCall(UnaryCall&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  UnaryCall& operator=(UnaryCall&&) = delete;
  ~UnaryCall() {
    if (state_ == nullptr) return;
    // The completion may come, and with `Abandon` delete the state, at any time: cancel first.
    if (!state_->rendezvous.finished()) state_->call.TryCancel();
    if (state_->rendezvous.Abandon()) delete state_;
  }

  // Whether awaiting it would not wait.
  bool finished() const { return state_->rendezvous.finished(); }

  auto operator co_await() const noexcept {
    struct Awaiter {
      State* state;
      bool await_ready() const noexcept { return state->rendezvous.finished(); }
      bool await_suspend(std::coroutine_handle<> waiter) const noexcept {
        return state->rendezvous.Await(waiter);
      }
      absl::StatusOr<Response> await_resume() const {
        if (!state->status.ok()) return FromGrpc(state->status);
        return std::move(state->response);
      }
    };
    return Awaiter{state_};
  }

 private:
  template <class Stub, class Prepare, class Request>
  friend auto CallUnary(CompletionQueues& queues, const Context& context, Stub& stub, Prepare prepare,
                        const Request& request, CallObserver* observer);

  struct State final : Completion {
    explicit State(const Context& context) : registration(std::in_place, context, call) {
      context.Prepare(call);
    }
    // Of an answer that is no such message gRPC says OK, with what could be read of it.
    void Complete(bool ok) override {
      if (!ok && status.ok()) status = grpc::Status(grpc::StatusCode::INTERNAL, "the answer cannot be read");
      if (observer != nullptr) observer->OnEnd(call.peer(), status);
      Finish();
    }
    void Finish() {
      registration.reset();
      const Rendezvous::Outcome outcome = rendezvous.Finish();
      if (outcome.abandoned) {
        delete this;
      } else if (outcome.waiter) {
        outcome.waiter.resume();
      }
    }

    grpc::ClientContext call;
    std::optional<CallRegistration> registration;
    Response response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReaderInterface<Response>> reader;
    Rendezvous rendezvous;
    CallObserver* observer = nullptr;
  };
  explicit UnaryCall(State* state) : state_(state) {}

  State* state_;
};

namespace internal {
template <class Response>
Response ResponseOf(const std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>&);
template <class Response>
Response ResponseOf(const std::unique_ptr<grpc::ClientAsyncResponseReaderInterface<Response>>&);
}  // namespace internal

// Starts a call and returns at once:
//
//   auto call = rpc::CallUnary(queues, context, *stub, &v1::ArticleService::Stub::PrepareAsyncGetArticle,
//   request); absl::StatusOr<v1::GetArticleResponse> response = co_await call;
//
// Deadline, trace and cancellation come from `context`; the coroutine goes on on the thread of `queues` that
// got the answer, the calling thread if it is one of them. `queues`, the stub's channel, and who observes
// (null: nobody) must outlive the call.
template <class Stub, class Prepare, class Request>
auto CallUnary(CompletionQueues& queues, const Context& context, Stub& stub, Prepare prepare,
               const Request& request, CallObserver* observer = nullptr) {
  using Reader = decltype((stub.*prepare)(nullptr, request, nullptr));
  using Response = decltype(internal::ResponseOf(std::declval<Reader>()));
  auto* state = new typename UnaryCall<Response>::State(context);
  UnaryCall<Response> call(state);
  CompletionQueue& queue = queues.Local();
  if (!queue.Begin()) {
    state->status = grpc::Status(grpc::StatusCode::CANCELLED, "the process is shutting down");
    state->Finish();
    return call;
  }
  state->observer = observer;
  // gRPC keeps the reader in the call's own memory: its deleters do nothing, and do not convert.
  state->reader.reset((stub.*prepare)(&state->call, request, queue.grpc_queue()).release());
  state->reader->StartCall();
  state->reader->Finish(&state->response, &state->status, AsTag(state));
  return call;
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_UNARY_CALL_H_
