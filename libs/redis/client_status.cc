#include "libs/redis/client_status.h"

namespace broadsheet::redis {
namespace {

telemetry::Counter Operations(const char* outcome) {
  return {"broadsheet_redis_operations_total", "Redis operations by outcome.", {{"outcome", outcome}}};
}

}  // namespace

ClientStatus::ClientStatus(bool shown)
    : shown_(shown),
      ok_(Operations("ok")),
      timeout_(Operations("timeout")),
      unavailable_(Operations("unavailable")),
      rejected_(Operations("rejected")),
      error_(Operations("error")) {}

telemetry::Counter& ClientStatus::Outcome(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return ok_;
    case absl::StatusCode::kDeadlineExceeded:
      return timeout_;
    case absl::StatusCode::kUnavailable:
      return unavailable_;
    case absl::StatusCode::kResourceExhausted:
      return rejected_;
    default:
      return error_;
  }
}

void ClientStatus::OperationEnded(const absl::Status& status, absl::Duration duration) {
  if (status.ok()) {
    seconds_.Observe(absl::ToDoubleSeconds(duration));
  } else {
    ++failures_;
  }
  Outcome(status.code()).Increment();
}

void ClientStatus::NodeConnected(const Address& address) {
  ++connects_;
  connects_counter_.Increment();
  telemetry::Log(telemetry::Severity::kInfo, "connected to Redis", {{"address", ToText(address)}});
}

void ClientStatus::Problem(const std::string& message, const Address& address, const std::string& reason) {
  {
    std::lock_guard lock(mutex_);
    last_error_ = reason;
  }
  const std::string text = ToText(address);
  limited_log_.Log(message + text, telemetry::Severity::kWarning, message,
                   {{"address", text}, {"error", reason}});
}

void ClientStatus::SetAvailable(bool available, int nodes, int available_nodes) {
  available_ = available;
  nodes_ = nodes;
  available_nodes_ = available_nodes;
  if (!shown_) return;
  available_gauge_.Set(available ? 1 : 0);
  nodes_gauge_.Set(nodes);
  available_nodes_gauge_.Set(available_nodes);
}

Client::State ClientStatus::state() const {
  Client::State state;
  state.available = available_;
  state.nodes = nodes_;
  state.available_nodes = available_nodes_;
  state.connects = connects_;
  state.failures = failures_;
  std::lock_guard lock(mutex_);
  state.last_error = last_error_;
  return state;
}

}  // namespace broadsheet::redis
