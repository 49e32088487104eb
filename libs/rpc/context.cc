#include "libs/rpc/context.h"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace broadsheet::rpc {

struct Context::Cancellation {
  std::mutex mutex;
  bool cancelled = false;
  std::unordered_set<grpc::ClientContext*> calls;
};

namespace {

std::chrono::steady_clock::time_point FromNow(absl::Duration timeout) {
  // Far beyond any deadline in use, and safe to add to a time point.
  const absl::Duration bounded = std::clamp(timeout, absl::ZeroDuration(), absl::Hours(24 * 365));
  return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(bounded);
}

}  // namespace

Context::Context(absl::Duration timeout, telemetry::TraceContext trace)
    : cancellation_(std::make_shared<Cancellation>()),
      deadline_(FromNow(timeout)),
      trace_(std::move(trace)) {}

Context Context::ForHandler(const grpc::ServerContextBase& handler, absl::Duration at_most) {
  const absl::Duration callers = absl::FromChrono(handler.deadline()) - absl::Now();
  return Context(std::min(callers, at_most), TraceOf(handler));
}

Context Context::WithTimeout(absl::Duration timeout) const {
  Context shorter = *this;
  shorter.deadline_ = std::min(deadline_, FromNow(timeout));
  return shorter;
}

absl::Duration Context::remaining() const {
  return std::max(absl::FromChrono(deadline_ - std::chrono::steady_clock::now()), absl::ZeroDuration());
}

bool Context::cancelled() const {
  std::lock_guard lock(cancellation_->mutex);
  return cancellation_->cancelled;
}

void Context::Cancel() const {
  std::lock_guard lock(cancellation_->mutex);
  cancellation_->cancelled = true;
  for (grpc::ClientContext* call : cancellation_->calls) call->TryCancel();
}

void Context::Prepare(grpc::ClientContext& call) const {
  // The monotonic clock, so that setting the machine's clock changes no deadline.
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::max(deadline_ - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero()));
  call.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(left.count(), GPR_TIMESPAN)));
  call.AddMetadata("traceparent", trace_.Child().ToHeader());
}

CallRegistration::CallRegistration(const Context& context, grpc::ClientContext& call)
    : cancellation_(context.cancellation_), call_(&call) {
  std::lock_guard lock(cancellation_->mutex);
  if (cancellation_->cancelled) call.TryCancel();
  cancellation_->calls.insert(call_);
}

CallRegistration::~CallRegistration() {
  std::lock_guard lock(cancellation_->mutex);
  cancellation_->calls.erase(call_);
}

telemetry::TraceContext TraceOf(const grpc::ServerContextBase& handler) {
  const auto& metadata = handler.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end()) return telemetry::TraceContext::New();
  return telemetry::TraceContext::FromHeader(std::string_view(found->second.data(), found->second.size()));
}

}  // namespace broadsheet::rpc
