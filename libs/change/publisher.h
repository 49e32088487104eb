#ifndef BROADSHEET_LIBS_CHANGE_PUBLISHER_H_
#define BROADSHEET_LIBS_CHANGE_PUBLISHER_H_

#include <cstdint>
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
  // Newest changes kept in memory, so that one commit costs one read of the log however many follow.
  int recent_changes = 4096;
  const Clock* clock = &Clock::Boot();
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
