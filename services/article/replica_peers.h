#ifndef BROADSHEET_SERVICES_ARTICLE_REPLICA_PEERS_H_
#define BROADSHEET_SERVICES_ARTICLE_REPLICA_PEERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "services/article/replica_table.h"

namespace broadsheet::article {

// What one process knows of the others that serve the same database, by its own clock. Pure; not thread-safe.
//
// Clocks are not compared. A replica relies on a heartbeat for its `timeout` from when it ASKED for it to be
// written; this one counts from when it SAW it: so it never gives a replica up that still relies on its last
// heartbeat, as long as their clocks' speeds agree to a tenth.
class ReplicaPeers {
 public:
  explicit ReplicaPeers(std::string own_id) : own_id_(std::move(own_id)) {}

  // What the table held at some time before `now`. Returns those to be removed from it: no sign of life for
  // longer than a replica may live unnoticed. Until that is done they count.
  std::vector<Replica> Observe(const std::vector<Replica>& replicas, absl::Duration now);

  // The table may have gone back, or not been seen for a while: no sign of life seen so far counts as the
  // last.
  void Forget() { forgotten_ = true; }

  // Whether no peer, nor a follower of one, uses a state before `position`.
  bool Settled(std::int64_t position) const;
  // Adds their followers, as they said when they were there.
  void AddTo(change::v1::Propagation& propagation) const;

  bool empty() const { return peers_.empty(); }
  // For operators: as last seen, and how long ago that changed.
  struct Seen {
    Replica replica;
    absl::Duration at;
  };
  std::vector<Seen> peers() const;

 private:
  const std::string own_id_;
  std::map<std::string, Seen> peers_;
  bool forgotten_ = false;  // since the last Observe
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_REPLICA_PEERS_H_
