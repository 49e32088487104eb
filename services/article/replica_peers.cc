#include "services/article/replica_peers.h"

#include <algorithm>
#include <utility>

namespace broadsheet::article {
namespace {

// For the speeds of two clocks.
constexpr double kClockMargin = 1.1;

}  // namespace

std::vector<Replica> ReplicaPeers::Observe(const std::vector<Replica>& replicas, absl::Duration now) {
  std::map<std::string, Seen> peers;
  std::vector<Replica> silent;
  for (const Replica& replica : replicas) {
    if (replica.replica_id == own_id_) continue;
    const auto known = peers_.find(replica.replica_id);
    const bool beaten =
        forgotten_ || known == peers_.end() || known->second.replica.heartbeat != replica.heartbeat;
    const absl::Duration at = beaten ? now : known->second.at;
    if (now - at > replica.timeout * kClockMargin) silent.push_back(replica);
    peers.emplace(replica.replica_id, Seen{replica, at});
  }
  peers_ = std::move(peers);
  forgotten_ = false;
  return silent;
}

bool ReplicaPeers::Settled(std::int64_t position) const {
  return std::all_of(peers_.begin(), peers_.end(),
                     [&](const auto& peer) { return peer.second.replica.settled >= position; });
}

void ReplicaPeers::AddTo(change::v1::Propagation& propagation) const {
  for (const auto& [id, peer] : peers_) {
    const auto acknowledged = static_cast<std::int32_t>(peer.replica.acknowledged);
    const auto expired = static_cast<std::int32_t>(peer.replica.expired);
    propagation.set_followers(propagation.followers() + acknowledged + expired);
    propagation.set_acknowledged(propagation.acknowledged() + acknowledged);
    propagation.set_expired(propagation.expired() + expired);
  }
}

std::vector<ReplicaPeers::Seen> ReplicaPeers::peers() const {
  std::vector<Seen> seen;
  for (const auto& [id, peer] : peers_) seen.push_back(peer);
  return seen;
}

}  // namespace broadsheet::article
