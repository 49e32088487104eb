#include "libs/rpc/call_metrics.h"

namespace broadsheet::rpc {
namespace {

constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::size_t CodeIndex(grpc::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kCodeNames.size() ? index : static_cast<std::size_t>(grpc::StatusCode::UNKNOWN);
}

}  // namespace

std::string_view StatusCodeName(grpc::StatusCode code) { return kCodeNames[CodeIndex(code)]; }

telemetry::Counter CallCounter(std::string_view side, const std::string& method, grpc::StatusCode code) {
  return {"broadsheet_rpc_" + std::string(side) + "_calls_total",
          "gRPC calls by method and status code.",
          {{"method", method}, {"code", std::string(StatusCodeName(code))}}};
}

MethodMetrics::MethodMetrics(std::string_view side, const std::string& method)
    : side_(side),
      method_(method),
      duration_("broadsheet_rpc_" + std::string(side) + "_duration_seconds",
                "Duration of gRPC calls in seconds.", {{"method", method}}) {}

telemetry::Counter& MethodMetrics::Calls(std::size_t code) {
  if (telemetry::Counter* counter = calls_[code].load(std::memory_order_acquire)) return *counter;
  std::lock_guard lock(mutex_);
  if (owned_[code] == nullptr) {
    owned_[code] = std::make_unique<telemetry::Counter>(
        CallCounter(side_, method_, static_cast<grpc::StatusCode>(code)));
    calls_[code].store(owned_[code].get(), std::memory_order_release);
  }
  return *owned_[code];
}

void MethodMetrics::Record(grpc::StatusCode code, absl::Duration duration) {
  Calls(CodeIndex(code)).Increment();
  duration_.Observe(absl::ToDoubleSeconds(duration));
}

MethodMetrics& CallMetrics::Method(std::string_view path) {
  constexpr std::size_t kMaxMethods = 500;
  if (path.starts_with('/')) path.remove_prefix(1);
  std::lock_guard lock(mutex_);
  auto found = methods_.find(path);
  if (found != methods_.end()) return found->second;
  const std::string name(methods_.size() < kMaxMethods ? path : "other");
  return methods_.try_emplace(name, side_, name).first->second;
}

}  // namespace broadsheet::rpc
