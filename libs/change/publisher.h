#ifndef BROADSHEET_LIBS_CHANGE_PUBLISHER_H_
#define BROADSHEET_LIBS_CHANGE_PUBLISHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/change/change_log.h"
#include "libs/change/clock.h"
#include "libs/rpc/server.h"

namespace broadsheet::change {

struct PublisherOptions {
  std::string source = {};                         // for metrics and logs: "article", "media"
  absl::Duration lease = absl::Milliseconds(500);  // 50 milliseconds to 10 seconds; see the proto
  // How long after its start the publisher reckons with leases granted before it: as long as any lease may be
  // that an earlier run granted. None: `lease`. Zero only where there was no earlier run.
  std::optional<absl::Duration> restart_grace = std::nullopt;
  int max_followers = 1000;
  // A follower that does not read what it is sent for this long is dropped.
  absl::Duration slow_follower = absl::Seconds(10);
  // A stream that has not begun to follow this long after it was opened is ended: it holds one of the places.
  absl::Duration silent_follower = absl::Seconds(10);
  // Newest changes kept in memory, so that one commit costs one read of the log however many follow.
  int recent_changes = 4096;
  const Clock* clock = &Clock::Boot();
  // For an owner that serves its log by several processes: until when, by `clock`, this one may let its
  // followers rely on it. No lease is granted that would last longer. Asked for each lease, with a mutex
  // held: must be quick. None: for ever.
  std::function<absl::Duration()> leases_end_by = nullptr;
};

// Serves broadsheet.change.v1.ChangeService for the owner of a change log, and tells the owner when nobody
// uses an older state any more. libs/change/README.md explains the protocol.
//
//   rpc::Server server(…);
//   absl::StatusOr<std::unique_ptr<change::Publisher>> publisher = change::Publisher::Start(log, options);
//   server.Register(publisher->get());
//
//   // In a handler, or any thread that commits:
//   absl::StatusOr<std::int64_t> position = store.Publish(…);      // commits, appends to the log
//   *response->mutable_propagation() = publisher.WaitForFollowers(*position);
//
// Thread-safe. Two threads of its own read the log; streams run on the server's queues.
class Publisher : public rpc::AsyncService {
 public:
  // `log` must outlive the publisher. Errors: INVALID_ARGUMENT for a lease out of range, what the log says.
  static absl::StatusOr<std::unique_ptr<Publisher>> Start(const ChangeLog& log, PublisherOptions options);

  // After the server it is registered with has shut down.
  ~Publisher() override = default;

  // Tells the followers about changes up to and including `position`, which must be committed. For commits
  // that nobody waits for; does not block.
  virtual void Notify(std::int64_t position) = 0;

  // Does Notify, then blocks until every follower that may still use an older state has acknowledged
  // `position` or has lost its lease: usually a few milliseconds, at most one lease (after a restart, one
  // restart grace). When it returns, no follower uses a state before `position` without asking.
  virtual v1::Propagation WaitForFollowers(std::int64_t position) = 0;

  // What WaitForFollowers is for one process, for owners of which several serve the log together: none of the
  // followers of this one uses a state before `position` without asking.
  struct Settlement {
    std::int64_t position = 0;
    // Of the followers that held leases when the newest change became known: how many acknowledged
    // `position`, how many did not and lost their lease.
    int acknowledged = 0;
    int expired = 0;
  };
  // Blocks until that position is beyond `position`, at most `timeout`; returns how it stands then.
  virtual Settlement WaitForSettlement(std::int64_t position, absl::Duration timeout) = 0;

  // To be called when `leases_end_by` has moved on: grants what had to be put off.
  virtual void ReviewLeases() = 0;

  // The followers as they stand, for /status.
  struct FollowerState {
    std::string follower_id;
    std::string peer;
    std::int64_t acknowledged = 0;
    absl::Duration lease_left;  // zero or less: it holds none
    bool connected = false;     // false: the stream ended, its lease is waited out
  };
  virtual std::vector<FollowerState> followers() const = 0;
  // Newest position the publisher knows of.
  virtual std::int64_t head() const = 0;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_PUBLISHER_H_
