#ifndef BROADSHEET_LIBS_RPC_CONTEXT_H_
#define BROADSHEET_LIBS_RPC_CONTEXT_H_

#include <chrono>
#include <memory>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_context.h"
#include "libs/telemetry/trace_context.h"

namespace broadsheet::rpc {

// What work done for one request carries along to every call it makes: how long it may take, whose trace it
// belongs to, and whether anybody still wants it. A cheap value; copies share the cancellation. Thread-safe.
class Context {
 public:
  // Work that ends within `timeout` from now. Every context has a deadline.
  explicit Context(absl::Duration timeout, telemetry::TraceContext trace = telemetry::TraceContext::New());

  // For work done in a gRPC handler: the caller's deadline, but at most `at_most` from now, and its trace.
  // The handler's own cancellation is not watched: the work ends by its deadline.
  static Context ForHandler(const grpc::ServerContextBase& handler, absl::Duration at_most);

  // The same work with a shorter deadline: the earlier of this one's and `timeout` from now. Shares the
  // cancellation.
  Context WithTimeout(absl::Duration timeout) const;

  const telemetry::TraceContext& trace() const { return trace_; }
  // Time left; zero when the deadline has passed.
  absl::Duration remaining() const;
  bool cancelled() const;

  // Cancels every call in flight and every later one: they end with CANCELLED. Idempotent.
  void Cancel() const;

  // Gives `call` this context's deadline and `traceparent` metadata. For synchronous calls; CallUnary does
  // it.
  void Prepare(grpc::ClientContext& call) const;

 private:
  friend class CallRegistration;
  struct Cancellation;
  std::shared_ptr<Cancellation> cancellation_;
  std::chrono::steady_clock::time_point deadline_;
  telemetry::TraceContext trace_;
};

// Cancels the context when it goes out of scope: hold one where the result is wanted.
class CancelOnExit {
 public:
  explicit CancelOnExit(Context context) : context_(std::move(context)) {}
  ~CancelOnExit() { context_.Cancel(); }
  CancelOnExit(const CancelOnExit&) = delete;
  CancelOnExit& operator=(const CancelOnExit&) = delete;

 private:
  Context context_;
};

// Registers a call in flight for cancellation by its context; deregisters when destroyed, which must be
// before the call's ClientContext is. Used by CallUnary.
class CallRegistration {
 public:
  CallRegistration(const Context& context, grpc::ClientContext& call);
  ~CallRegistration();
  CallRegistration(const CallRegistration&) = delete;
  CallRegistration& operator=(const CallRegistration&) = delete;

 private:
  std::shared_ptr<Context::Cancellation> cancellation_;
  grpc::ClientContext* call_;
};

// The trace of a call being handled: read from its `traceparent` metadata, or a new one.
telemetry::TraceContext TraceOf(const grpc::ServerContextBase& handler);

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_CONTEXT_H_
