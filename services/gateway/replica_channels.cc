#include "services/gateway/replica_channels.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

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

bool IsReplicasFault(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::UNIMPLEMENTED:
      return true;
    default:
      return false;
  }
}

ReplicaChannels::ReplicaChannels(std::string service, const std::string& target, rpc::ChannelOptions options)
    : service_(std::move(service)),
      options_(std::move(options)),
      all_(rpc::NewChannel(target, options_)),
      ejections_("broadsheet_gateway_ejections_total",
                 "Times a replica was left alone because its calls failed.", {{"service", service_}}),
      ejected_("broadsheet_gateway_ejected_replicas", "Replicas left alone at present.",
               {{"service", service_}}),
      current_(all_) {}

std::shared_ptr<grpc::Channel> ReplicaChannels::Current(absl::Time now) {
  std::lock_guard lock(mutex_);
  if (ejected_count_ > 0 && detector_.ReadmitDue(now)) Switch();
  return current_;
}

void ReplicaChannels::OnEnd(std::string_view peer, const grpc::Status& status) {
  const grpc::StatusCode code = status.error_code();
  if (code == grpc::StatusCode::CANCELLED) return;
  std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  bool changed = false;
  if (IsReplica(peer)) {
    changed = detector_.OnCall(std::string(peer), IsReplicasFault(code), now);
  } else if (code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    changed = detector_.OnSilence(now);
  } else if (code == grpc::StatusCode::UNAVAILABLE) {
    changed = detector_.ReadmitAll();  // none of the others is there any more
  }
  if (changed) Switch();
}

void ReplicaChannels::Switch() {
  const std::vector<std::string> ejected = detector_.ejected();
  const std::string others = TargetOf(detector_.admitted());
  current_ = ejected.empty() || others.empty() ? all_ : rpc::NewChannel(others, options_);
  if (ejected.size() > ejected_count_) ejections_.Increment();
  ejected_count_ = ejected.size();
  ejected_.Set(static_cast<double>(ejected_count_));
  log_.Log("ejected", telemetry::Severity::kWarning, "which replicas are left alone has changed",
           {{"of", service_}, {"left_alone", ejected.empty() ? "none" : absl::StrJoin(ejected, " ")}});
}

}  // namespace broadsheet::gateway
