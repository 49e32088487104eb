#ifndef BROADSHEET_SERVICES_ARTICLE_REPLICA_GROUP_H_
#define BROADSHEET_SERVICES_ARTICLE_REPLICA_GROUP_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/change/clock.h"
#include "libs/change/publisher.h"
#include "services/article/postgres.h"
#include "services/article/replica_peers.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {

// This process as one of those that serve a PostgreSQL database together. It makes three things true:
//
//   - What another process commits is known here within milliseconds: whoever commits a change notifies, and
//     everybody is woken and catches up.
//   - A write is over when no follower of ANY process uses the older state, and no process answers with it
//     from memory. Each writes down how far its own are (`settled`); a writer waits for all of them.
//   - A process that died, or hangs, or is cut off from the database, holds nobody up for long, and does no
//     harm if it comes back. Each relies on what it remembers, and lets its followers do so, only for
//     `timeout` after it asked for its last heartbeat to be written (`IsCurrent`, `leases_end_by`). The
//     others count from when they saw that heartbeat; then they remove it from the table, and only then go on
//     without it. Finding itself removed, it joins anew and catches up before it relies on anything again.
//
// Thread-safe. Two threads of its own, each with a connection.
class ReplicaGroup {
 public:
  struct Options {
    std::string conninfo;
    std::string name;  // of this process, for operators
    // How long a process may live unnoticed. At least two leases, so that one late heartbeat ends none.
    absl::Duration timeout = absl::Milliseconds(1500);
    // How long a write waits for the others in all: longer only if the database does not answer.
    absl::Duration wait_limit = absl::Seconds(10);
    const change::Clock* clock = &change::Clock::Boot();
  };
  // Called once, on any thread, when the database turns out to be another one than before, in one sentence.
  // Must end the process: what it remembers holds no more.
  using LostCallback = std::function<void(const std::string& reason)>;

  // Waits while a process of a release that knew no replicas serves, and says so in the log. CANCELLED:
  // `give_up` said so, which is asked several times a second. Other errors: as sql::ConnectPostgres says.
  static absl::StatusOr<std::unique_ptr<ReplicaGroup>> Enter(Options options,
                                                             const std::function<bool()>& give_up,
                                                             LostCallback on_lost);
  // Leaves. Whatever uses the rest must be gone.
  ~ReplicaGroup();
  ReplicaGroup(const ReplicaGroup&) = delete;
  ReplicaGroup& operator=(const ReplicaGroup&) = delete;

  // For SqlArticleStore::Options.
  absl::Status MayWrite(sql::Connection& writer) const { return CheckReplicasServe(writer, log_id_); }
  absl::Status Announce(sql::Connection& writer) const { return article::Announce(writer); }

  // From here on the others wait for this process. Once, when the schema is there and before the state is
  // read that this process begins with.
  absl::Status Join();
  // After Join: the log that it has joined for.
  const std::string& log_id() const { return log_id_; }
  // After Join, for PublisherOptions::restart_grace.
  absl::Duration restart_grace() const { return restart_grace_; }

  // Begins to take part; both must outlive Leave.
  void Start(SqlArticleStore& store, change::Publisher& publisher);

  // Whether what this process remembers is as new as every write that has returned.
  bool IsCurrent() const { return options_.clock->Now() < leases_end_by(); }
  // By the clock of the options; for PublisherOptions.
  absl::Duration leases_end_by() const { return absl::Nanoseconds(current_until_.load()); }

  // Waits for the other processes as Publisher::WaitForFollowers does for the followers of this one, and adds
  // what they report. UNAVAILABLE: not all could be heard in time; some may use the state before `position`.
  absl::Status WaitForPeers(std::int64_t position, change::v1::Propagation& propagation);

  // In good order: when all leases that this process granted are over. No write is under way any more, and
  // its followers' streams have ended.
  void Leave();

  std::vector<ReplicaPeers::Seen> peers() const;
  const change::Clock& clock() const { return *options_.clock; }

 private:
  ReplicaGroup(Options options, LostCallback on_lost);
  // A connection for heartbeats that keeps sole servers out. FAILED_PRECONDITION: one of them serves.
  absl::Status ConnectBeats();
  absl::Status ConnectListener();

  void BeatLoop();
  absl::Status BeatOnce(const change::Publisher::Settlement& settlement);
  absl::Status JoinAnew();
  void BeCurrentUntil(absl::Duration until);

  void ListenLoop();
  absl::Status ListenOnce();
  absl::Status Look();
  void Wake() const;

  absl::Status CatchUp();
  absl::Status GiveLogNewId();
  bool HasPeers() const;
  // False: it is time to stop.
  bool Pause(absl::Duration time);

  const Options options_;
  const LostCallback on_lost_;
  const int wake_;  // wakes the listener
  absl::Duration restart_grace_;
  std::string log_id_;
  SqlArticleStore* store_ = nullptr;
  change::Publisher* publisher_ = nullptr;

  // The beating thread's, once it runs.
  std::unique_ptr<sql::ListeningConnection> beats_;
  Replica self_;
  std::atomic<std::int64_t> current_until_{0};  // nanoseconds; zero for good once leaving
  std::atomic<bool> leaving_{false};

  std::unique_ptr<sql::ListeningConnection> listener_;  // the listening thread's

  mutable std::mutex mutex_;
  std::condition_variable looked_or_stopping_;
  ReplicaPeers peers_;
  std::int64_t looks_wanted_ = 0;
  std::int64_t looks_done_ = 0;  // a look that began after that many were wanted is over
  bool stopping_ = false;
  std::once_flag lost_;
  std::thread beating_;
  std::thread listening_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_REPLICA_GROUP_H_
