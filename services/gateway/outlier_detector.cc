#include "services/gateway/outlier_detector.h"

#include <algorithm>
#include <cstddef>

namespace broadsheet::gateway {

bool OutlierDetector::OnCall(const std::string& name, CallOutcome outcome, absl::Time now) {
  Replica& replica = replicas_[name];
  replica.last_call = now;
  if (outcome != CallOutcome::kUnanswered) replica.last_answer = now;
  Forget(now);
  if (replica.ejected) return false;  // begun before it was
  NextInterval(replica, now);
  ++replica.calls;
  if (outcome == CallOutcome::kWell) {
    replica.in_row = 0;
    replica.on_trial = false;
    return false;
  }
  ++replica.in_row;
  ++replica.failed;
  return EjectIfOutlier(replica, now);
}

bool OutlierDetector::OnSilence(absl::Time now) {
  Forget(now);
  Replica* silent = nullptr;
  for (auto& [name, replica] : replicas_) {
    if (!replica.ejected && (silent == nullptr || replica.last_answer < silent->last_answer))
      silent = &replica;
  }
  if (silent == nullptr) return ReadmitAll();  // whoever was asked has not answered for long
  silent->last_call = now;
  ++silent->in_row;
  return EjectIfOutlier(*silent, now);
}

void OutlierDetector::Forget(absl::Time now) {
  std::erase_if(replicas_, [&](const auto& known) {
    return !known.second.ejected && now - known.second.last_call > options_.forgotten_after;
  });
}

bool OutlierDetector::EjectIfOutlier(Replica& replica, absl::Time now) {
  if (!IsOutlier(replica)) return false;
  // Those that are left fail as well: it is not the replicas, or they are the ones to have back.
  if (!MayEject(replica, now)) {
    none_before_ = now + options_.base_ejection;  // or it would go to and fro for as long as all fail
    return ReadmitAll();
  }
  Eject(replica, now);
  return true;
}

void OutlierDetector::NextInterval(Replica& replica, absl::Time now) const {
  if (now - replica.interval_began < options_.interval) return;
  if (replica.failed == 0 && replica.calls > 0) replica.ejections = std::max(0, replica.ejections - 1);
  replica.calls = 0;
  replica.failed = 0;
  replica.interval_began = now;
}

bool OutlierDetector::IsOutlier(const Replica& replica) const {
  if (replica.on_trial || replica.in_row >= options_.failures_in_row) return true;
  return replica.calls >= options_.min_calls &&
         replica.failed >= options_.failure_rate * static_cast<double>(replica.calls);
}

bool OutlierDetector::HasAnswered(const Replica& replica, absl::Time now) const {
  return now - replica.last_answer <= options_.forgotten_after;
}

// At most half of those that are there for certain, beside the candidate: so never the last.
bool OutlierDetector::MayEject(const Replica& candidate, absl::Time now) const {
  if (now < none_before_) return false;
  std::size_t ejected = 0;
  std::size_t others = 0;
  for (const auto& [name, replica] : replicas_) {
    if (&replica == &candidate) continue;
    if (replica.ejected) {
      ++ejected;
    } else if (HasAnswered(replica, now)) {
      ++others;
    }
  }
  return ejected + 1 <= others;
}

void OutlierDetector::Eject(Replica& replica, absl::Time now) {
  ++replica.ejections;
  replica.ejected = true;
  replica.until = now + std::min(options_.max_ejection, replica.ejections * options_.base_ejection);
}

bool OutlierDetector::ReadmitAll() {
  bool any = false;
  for (auto& [name, replica] : replicas_) {
    any = any || replica.ejected;
    replica.ejected = false;
    replica.on_trial = false;
    replica.in_row = 0;
    replica.calls = 0;
    replica.failed = 0;
  }
  return any;
}

bool OutlierDetector::ReadmitDue(absl::Time now) {
  bool any = false;
  for (auto& [name, replica] : replicas_) {
    if (!replica.ejected || now < replica.until) continue;
    const int ejections = replica.ejections;
    replica = {.ejections = ejections, .on_trial = true, .interval_began = now, .last_call = now};
    any = true;
  }
  return any;
}

std::vector<std::string> OutlierDetector::ejected() const {
  std::vector<std::string> names;
  for (const auto& [name, replica] : replicas_) {
    if (replica.ejected) names.push_back(name);
  }
  return names;
}

std::vector<std::string> OutlierDetector::admitted(absl::Time now) const {
  std::vector<std::string> names;
  for (const auto& [name, replica] : replicas_) {
    const bool takes_part = replica.on_trial || HasAnswered(replica, now);
    if (!replica.ejected && takes_part) names.push_back(name);
  }
  return names;
}

}  // namespace broadsheet::gateway
