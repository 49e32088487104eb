#ifndef BROADSHEET_LIBS_CHANGE_FOLLOWER_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOWER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "grpcpp/channel.h"
#include "libs/change/clock.h"
#include "libs/change/freshness.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/yielding_queue.h"

namespace broadsheet::change {

struct FollowerOptions {
  std::string source = {};       // for metrics and logs: "article", "media"
  std::string follower_id = {};  // for operators; empty: host name and process id
  // How many of the newest changes to ask for at a fresh start, 0 to 100,000: entries stored earlier and
  // elsewhere can be judged that far back.
  int history = 10'000;
  // Where to go on; for a follower that stores its position. An empty log_id is a fresh start.
  std::string log_id = {};
  std::int64_t applied_position = 0;
  // False: takes no lease, so writes do not wait for it; for a follower that only indexes. Judge then never
  // says kFresh.
  bool take_lease = true;
  std::size_t max_tags = 500'000;
  std::size_t max_withdrawn = 100'000;
  const Clock* clock = &Clock::Boot();
  // The queues that calls are served from in this process, if these are many: see rpc::YieldingQueue. Outlive
  // the follower.
  rpc::CompletionQueues* busy_queues = nullptr;
  // How quick they must be to be left the network; longer costs them less, and changes come later.
  std::chrono::microseconds busy_pace = rpc::YieldingQueue::kQuick;

  // Called on the follower's thread when the source has answered a new stream, before anything else of it.
  std::function<void()> on_connected = nullptr;
  // Called on the follower's thread for each change in order, after its tags are noted and before it is
  // acknowledged: what it drops is gone before the write returns. Must be quick: while it runs no lease is
  // renewed.
  std::function<void(const v1::Change&)> on_change = nullptr;
  // Called on the follower's thread at each fresh start, before any change of it: whatever was remembered
  // about another log, or between the last applied change and `floor`, is void.
  std::function<void(const std::string& log_id, std::int64_t floor)> on_reset = nullptr;
  // Called on the follower's thread when everything up to the answer has been applied, once for each stream:
  // with its first lease, for a follower that takes one. Must be quick.
  std::function<void()> on_caught_up = nullptr;
};

// Follows one source: keeps a stream, a lease, and for each tag when it last changed, so that the rest of the
// process can tell in well under a microsecond whether something remembered is still true. Reconnects by
// itself for as long as it lives. Thread-safe.
class Follower {
 public:
  // Starts at once; use a channel of its own (rpc::ChannelOptions::own_connection), so that renewals do not
  // queue behind large messages.
  static std::unique_ptr<Follower> Start(std::shared_ptr<grpc::Channel> channel, FollowerOptions options);

  // Ends the stream; no callback runs after it has returned. Not from a callback.
  virtual ~Follower() = default;

  // See change::Judge.
  virtual Verdict Judge(const Dependency& dependency) const = 0;
  // The same, quicker from the second time on; `mark` is always given with the same dependency.
  virtual Verdict Judge(const Dependency& dependency, FreshMark& mark) const = 0;
  virtual Verdict JudgeByMemory(const Dependency& dependency) const = 0;

  // Whether a request may join work in flight that reads, or will read, the source at `started.position` or
  // later: the lease holds and nothing among its tags has changed since; if `tags` is empty, which means that
  // they are not known yet, nothing at all has.
  virtual bool MayJoin(const Dependency& started) const = 0;

  // Whether `subject` (such as `article/ID`) is known to be withdrawn, or to have expired by the clock of
  // this machine: to be heeded with and without a lease. The newest `max_withdrawn` are known, back to the
  // floor, and as many that have an end.
  virtual bool IsWithdrawn(std::string_view subject) const = 0;
  // Whether `subject` is withdrawn, or has been since it was read at `read`, published again or not: what was
  // shown of it then was taken back, and often comes again without the passage in question. Of a `read` so
  // long ago that withdrawals since may have been forgotten, and of one of another log, the worst is
  // believed: ask only about what `JudgeByMemory` does not find fresh. `read.tags` is not looked at.
  virtual bool WithdrawnSince(const Dependency& read, std::string_view subject) const = 0;

  // Position of the newest change of `tag` that is known; 0: none since the floor. For people, not for
  // judging.
  virtual std::int64_t LastChange(std::string_view tag) const = 0;

  // Whether it may judge at this moment.
  virtual bool live() const = 0;
  // Whether it has ever applied the source's log since it started: if not, it knows of no withdrawal.
  virtual bool has_followed() const = 0;
  // Log and newest applied position: at least this is included in everything read from the source from now
  // on. `tags` is empty.
  virtual Dependency position() const = 0;

  // Blocks until live() or the time is over; whether it is live.
  virtual bool WaitUntilLive(absl::Duration timeout) const = 0;
  // Blocks until the change at `position` of the current log has been applied, or the time is over; whether
  // it has.
  virtual bool WaitForPosition(std::int64_t position, absl::Duration timeout) const = 0;

  // For /status.
  struct State {
    std::string log_id;                                   // empty: has never followed
    std::int64_t position = 0;                            // newest change applied
    std::int64_t floor = 0;                               // memory begins after this
    absl::Duration lease_left;                            // zero or less: no lease
    absl::Time connected_since = absl::InfiniteFuture();  // future: not connected
    absl::Duration lag;  // age of the newest applied change when it was applied
    std::size_t tags = 0;
    std::size_t withdrawn = 0;
    std::int64_t reconnects = 0;
    std::string last_error;  // why the last stream ended; empty if none has
  };
  virtual State state() const = 0;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOWER_H_
