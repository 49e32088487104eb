#ifndef BROADSHEET_SERVICES_GATEWAY_BACKEND_CALL_H_
#define BROADSHEET_SERVICES_GATEWAY_BACKEND_CALL_H_

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/deferred.h"
#include "libs/rpc/ticks.h"
#include "libs/rpc/unary_call.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/answers.h"
#include "services/gateway/backends.h"
#include "services/gateway/circuit_breaker.h"
#include "services/gateway/hedge_policy.h"
#include "services/gateway/replica_channels.h"
#include "services/gateway/steady_time.h"

// How backends.cc makes a call: within its budget, by way of its service's breaker, and, where that is worth
// it, a second time when the first attempt is slow. For backends.cc alone.
namespace broadsheet::gateway::internal {

// Whether a failure says that the service is not well, rather than that it did not like the request.
inline bool IsOutage(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return !IsTooLarge(status);
    default:
      return false;
  }
}

// Whether another attempt could not be answered better.
inline bool IsFinal(const absl::Status& status) {
  return status.ok() || status.code() == absl::StatusCode::kNotFound;
}

// One service: how to reach it and whether it is worth trying.
template <class Stub>
struct Service {
  std::string name;  // of the proto service
  std::unique_ptr<ReplicaChannels> replicas;
  std::shared_ptr<grpc::Channel> followed;  // of the follower of its log; null: it has none
  CircuitBreaker breaker{CircuitBreaker::Options()};
  absl::Duration known_budget = absl::InfiniteDuration();  // see Budgets::known

  // For a call that begins now, by SteadyNow; keep it until the call has ended.
  std::shared_ptr<Stub> StubFor(absl::Time now) {
    std::shared_ptr<grpc::Channel> channel = replicas->Current(now);
    std::lock_guard lock(mutex);
    if (channel != channel_of_stub) {
      stub = std::make_shared<Stub>(channel);
      channel_of_stub = std::move(channel);
    }
    return stub;
  }

  // Of a replica that has not reached what a client demands ahead of this gateway nobody is told.
  rpc::CallObserver* ObserverOf(const CallScope& scope) const {
    return scope.ahead ? nullptr : replicas.get();
  }

  std::mutex mutex;
  std::shared_ptr<Stub> stub;                      // guarded by mutex
  std::shared_ptr<grpc::Channel> channel_of_stub;  // guarded by mutex
};

void ShowBreaker(const std::string& service, bool open);
void CountBreaker(const std::string& service, bool open);  // the same, with a line in the log
// A second attempt was made; whether it was the one that was answered first.
void CountHedge(const std::string& method, bool won);

// `due`: when the call had to be answered, by SteadyNow.
template <class Stub>
void Note(Service<Stub>& service, const CallScope& scope, const absl::Status& status, absl::Time due) {
  // That time was up is noticed this late only when this process stood still, and its answers lay unread.
  constexpr absl::Duration kLate = absl::Milliseconds(50);
  const bool stood_still = absl::IsDeadlineExceeded(status) && SteadyNow() > due + kLate;
  if (status.code() == absl::StatusCode::kCancelled || stood_still || (scope.ahead && IsOutage(status))) {
    service.breaker.Abandoned();
  } else if (IsOutage(status)) {
    if (service.breaker.Failed(SteadyNow())) CountBreaker(service.name, true);
  } else if (service.breaker.Succeeded()) {
    if (service.followed) rpc::ConnectNow(*service.followed);
    CountBreaker(service.name, false);
  }
}

inline void Record(const CallScope& scope, std::string_view service, std::string_view method,
                   absl::Time started, const absl::Status& status, bool hedged = false) {
  if (!scope.log) return;
  page::v1::BackendCall call;
  call.set_method(std::string(service).append("/").append(method));
  call.set_latency_micros(absl::ToInt64Microseconds(SteadyNow() - started));
  call.set_status_code(static_cast<int>(status.code()));
  call.set_hedged(hedged);
  if (!status.ok()) call.set_error(std::string(status.message()));
  scope.log->Add(std::move(call));
}

template <class Stub>
absl::Status Refused(const Service<Stub>& service) {
  return absl::UnavailableError(service.name + " has not answered for a while");
}

template <class Response, class Stub, class Request, class Prepare>
rpc::Task<absl::StatusOr<Response>> Run(rpc::CompletionQueues& queues, Service<Stub>& service,
                                        Prepare prepare, std::string_view method, CallScope scope,
                                        absl::Duration budget, Request request) {
  const absl::Time started = SteadyNow();
  if (!service.breaker.Allow(started)) {
    absl::Status refused = Refused(service);
    Record(scope, service.name, method, started, refused);
    co_return refused;
  }
  if (scope.known) budget = std::min(budget, service.known_budget);
  budget = std::min(budget, scope.context.remaining());
  const std::shared_ptr<Stub> stub = service.StubFor(started);
  auto call = rpc::CallUnary(queues, scope.context.WithTimeout(budget), *stub, prepare, request,
                             service.ObserverOf(scope));
  absl::StatusOr<Response> response = co_await call;
  Note(service, scope, response.status(), started + budget);
  Record(scope, service.name, method, started, response.status());
  co_return response;
}

// Attempts of one call: the first final answer wins, and the others are cancelled.
template <class Response>
struct Race {
  std::mutex mutex;
  int running = 1;                     // guarded by mutex
  bool hedged = false;                 // guarded by mutex
  bool decided = false;                // guarded by mutex
  std::vector<rpc::Context> attempts;  // guarded by mutex
  rpc::Deferred<std::shared_ptr<absl::StatusOr<Response>>> first;
};

template <class Response, class Stub, class Request, class Prepare>
rpc::Task<void> Attempt(std::shared_ptr<Race<Response>> race, rpc::CompletionQueues& queues,
                        Service<Stub>& service, Prepare prepare, rpc::Context context, Request request,
                        HedgePolicy& policy, std::string method, bool second, rpc::CallObserver* observer) {
  const absl::Time started = SteadyNow();
  const std::shared_ptr<Stub> stub = service.StubFor(started);
  auto call = rpc::CallUnary(queues, context, *stub, prepare, request, observer);
  absl::StatusOr<Response> answer = co_await call;
  auto response = std::make_shared<absl::StatusOr<Response>>(std::move(answer));
  policy.OnLatency(SteadyNow() - started);  // of one that was cancelled: it would have taken longer
  bool hedged = false;
  std::vector<rpc::Context> attempts;
  {
    std::lock_guard lock(race->mutex);
    const bool last = --race->running == 0;
    if (race->decided || (!last && !IsFinal(response->status()))) co_return;
    race->decided = true;
    hedged = race->hedged;
    attempts.swap(race->attempts);
  }
  for (const rpc::Context& attempt : attempts) attempt.Cancel();
  if (hedged) CountHedge(method, second);
  race->first.Set(std::move(response));
}

template <class Response, class Stub, class Request, class Prepare>
rpc::Task<void> AttemptLater(std::shared_ptr<Race<Response>> race, rpc::CompletionQueues& queues,
                             rpc::Ticks& ticks, Service<Stub>& service, Prepare prepare, rpc::Context context,
                             Request request, HedgePolicy& policy, std::string method, absl::Duration delay,
                             rpc::CallObserver* observer) {
  auto pause = ticks.Pause(delay);
  co_await pause;
  {
    std::lock_guard lock(race->mutex);
    if (race->decided || !policy.TakeToken()) co_return;
    race->hedged = true;
    ++race->running;
    race->attempts.push_back(context);
  }
  auto attempt =
      Attempt(race, queues, service, prepare, context, std::move(request), policy, method, true, observer);
  co_await attempt;
}

// Run, but with a second attempt when `policy` says so. gRPC 1.51 has no hedging of its own.
template <class Response, class Stub, class Request, class Prepare>
rpc::Task<absl::StatusOr<Response>> RunHedged(rpc::CompletionQueues& queues, rpc::Ticks& ticks,
                                              Service<Stub>& service, HedgePolicy& policy, Prepare prepare,
                                              std::string_view method, CallScope scope, absl::Duration budget,
                                              Request request) {
  const absl::Time started = SteadyNow();
  if (!service.breaker.Allow(started)) {
    absl::Status refused = Refused(service);
    Record(scope, service.name, method, started, refused);
    co_return refused;
  }
  if (scope.known) budget = std::min(budget, service.known_budget);
  budget = std::min(budget, scope.context.remaining());
  const absl::Duration delay = scope.ahead ? absl::InfiniteDuration() : policy.OnCall();
  auto race = std::make_shared<Race<Response>>();
  // Contexts of their own, so that one attempt is cancelled without the other.
  const rpc::Context context(budget, scope.context.trace());
  race->attempts.push_back(context);
  rpc::Detach(Attempt(race, queues, service, prepare, context, request, policy, std::string(method), false,
                      service.ObserverOf(scope)));
  if (delay < budget) {
    rpc::Detach(AttemptLater(race, queues, ticks, service, prepare,
                             rpc::Context(budget, scope.context.trace()), std::move(request), policy,
                             std::string(method), delay, service.ObserverOf(scope)));
  }
  const auto first = race->first;
  std::shared_ptr<absl::StatusOr<Response>> response = co_await first;
  bool hedged = false;
  {
    std::lock_guard lock(race->mutex);
    hedged = race->hedged;
  }
  Note(service, scope, response->status(), started + budget);
  Record(scope, service.name, method, started, response->status(), hedged);
  co_return std::move(*response);
}

}  // namespace broadsheet::gateway::internal

#endif  // BROADSHEET_SERVICES_GATEWAY_BACKEND_CALL_H_
