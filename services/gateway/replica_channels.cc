#include "services/gateway/replica_channels.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/gateway/steady_time.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kIpv4 = "ipv4:";
constexpr std::string_view kIpv6 = "ipv6:";

// Of a call that reached nobody gRPC names the target, which may be several.
bool IsReplica(std::string_view peer) {
  return (peer.starts_with(kIpv4) || peer.starts_with(kIpv6)) && peer.find(',') == peer.npos;
}

// The target of all these; empty if there is none, as they are of both kinds.
std::string TargetOf(const std::vector<std::string>& replicas) {
  std::string target;
  for (const std::string& replica : replicas) {
    if (replica.substr(0, kIpv4.size()) != replicas.front().substr(0, kIpv4.size())) return "";
    target += target.empty() ? replica : "," + replica.substr(kIpv4.size());
  }
  return target;
}

}  // namespace

CallOutcome OutcomeOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return CallOutcome::kUnanswered;
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::UNIMPLEMENTED:
      return CallOutcome::kFailed;
    default:
      return CallOutcome::kWell;
  }
}

ReplicaChannels::ReplicaChannels(std::string service, const std::string& target, rpc::ChannelOptions options,
                                 OutlierDetector::Options rules)
    : service_(std::move(service)),
      options_(std::move(options)),
      all_(rpc::NewChannel(target, options_)),
      ejections_("broadsheet_gateway_ejections_total",
                 "Times a replica was left alone because its calls failed.", {{"service", service_}}),
      ejected_("broadsheet_gateway_ejected_replicas", "Replicas left alone at present.",
               {{"service", service_}}),
      detector_(rules),
      current_(all_) {}

std::shared_ptr<grpc::Channel> ReplicaChannels::Current(absl::Time now) {
  std::lock_guard lock(mutex_);
  if (ejected_count_ > 0 && detector_.ReadmitDue(now)) Switch(now);
  return current_;
}

void ReplicaChannels::ConnectNow() {
  std::lock_guard lock(mutex_);
  rpc::ConnectNow(*all_);
  if (current_ != all_) rpc::ConnectNow(*current_);
}

void ReplicaChannels::OnEnd(std::string_view peer, const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::CANCELLED) return;
  std::lock_guard lock(mutex_);
  const absl::Time now = SteadyNow();
  if (Count(peer, status.error_code(), now)) Switch(now);
}

// Whether a call of no replica had this target's channel, as those have that begin now.
bool ReplicaChannels::IsOfCurrent(std::string_view target) const {
  return (ejected_count_ > 0) == (target == others_);
}

bool ReplicaChannels::Count(std::string_view peer, grpc::StatusCode code, absl::Time now) {
  const bool unanswered = OutcomeOf(code) == CallOutcome::kUnanswered;
  // Of a call that nobody answered the peer is the target of its channel, also where that is one address.
  const bool of_others = ejected_count_ > 0 && peer == others_;
  if (unanswered && of_others) {
    const bool reached =
        code == grpc::StatusCode::DEADLINE_EXCEEDED && current_->GetState(false) == GRPC_CHANNEL_READY;
    return reached ? detector_.OnSilence(now) : detector_.ReadmitAll();  // else they are there no more
  }
  if (IsReplica(peer)) return detector_.OnCall(std::string(peer), OutcomeOf(code), now);
  // What began before somebody was left alone, or came back, says nothing of those who are asked now.
  if (code == grpc::StatusCode::DEADLINE_EXCEEDED && IsOfCurrent(peer)) return detector_.OnSilence(now);
  return false;
}

void ReplicaChannels::Switch(absl::Time now) {
  std::vector<std::string> ejected = detector_.ejected();
  std::string others = ejected.empty() ? "" : TargetOf(detector_.admitted(now));
  if (!ejected.empty() && others.empty()) {
    detector_.ReadmitAll();
    ejected.clear();
  }
  if (!ejected.empty()) others_ = std::move(others);
  current_ = ejected.empty() ? all_ : rpc::NewChannel(others_, options_);
  if (ejected.size() > ejected_count_) ejections_.Increment();
  ejected_count_ = ejected.size();
  ejected_.Set(static_cast<double>(ejected_count_));
  log_.Log("ejected", telemetry::Severity::kWarning, "which replicas are left alone has changed",
           {{"of", service_}, {"left_alone", ejected.empty() ? "none" : absl::StrJoin(ejected, " ")}});
}

}  // namespace broadsheet::gateway
