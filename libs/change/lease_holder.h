#ifndef BROADSHEET_LIBS_CHANGE_LEASE_HOLDER_H_
#define BROADSHEET_LIBS_CHANGE_LEASE_HOLDER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/time/time.h"

namespace broadsheet::change {

// What the server knows of one follower's stream: what it has acknowledged and which leases it was granted.
// Outlives the stream for as long as a lease may still be in use. All times by the server's clock. Not
// thread-safe.
class LeaseHolder {
 public:
  LeaseHolder(std::string follower_id, std::string peer)
      : follower_id_(std::move(follower_id)), peer_(std::move(peer)) {}

  // A lease until `until`, granted in a message after which the follower has applied `carried`. Neither goes
  // back.
  void Grant(std::int64_t carried, absl::Duration until, absl::Duration now);

  void Acknowledge(std::int64_t position) { acknowledged_ = position; }

  // Whether it may, at `now`, use a state before `position`: it has not acknowledged `position`, and a lease
  // it was granted without knowing of `position` still runs. A lease granted later is no matter: the follower
  // cannot have it without having applied `position`.
  bool MayUseOlderThan(std::int64_t position, absl::Duration now) const;
  // When that ends at the latest, if nothing is acknowledged.
  absl::Duration OlderUntil(std::int64_t position) const;

  // The oldest state it may use at `now`, given that the newest is `head`.
  std::int64_t OldestInUse(std::int64_t head, absl::Duration now) const;

  // When its last lease ends; zero if it never had one.
  absl::Duration lease_until() const { return grants_.empty() ? absl::ZeroDuration() : grants_.back().until; }
  bool Holds(absl::Duration now) const { return now < lease_until(); }

  std::int64_t acknowledged() const { return acknowledged_; }
  const std::string& follower_id() const { return follower_id_; }
  const std::string& peer() const { return peer_; }

 private:
  struct Lease {
    std::int64_t carried;
    absl::Duration until;
  };
  const std::string follower_id_;
  const std::string peer_;
  std::int64_t acknowledged_ = 0;
  std::deque<Lease> grants_;  // both members ascend
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_LEASE_HOLDER_H_
