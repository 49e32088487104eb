#ifndef BROADSHEET_SERVICES_ARTICLE_SERVING_LOCK_H_
#define BROADSHEET_SERVICES_ARTICLE_SERVING_LOCK_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/article/sql.h"

namespace broadsheet::article {

// The right to be the one process that serves a PostgreSQL database: a lock that the server keeps for as long
// as one session lives. Only the process that commits can tell its followers, so there may be one only.
//
// Three things make a change of hands safe. Whoever holds the lock asks for it all the time, and must stop
// serving as soon as it is gone or has not been confirmed for `timeout`. Its successor waits before it
// acknowledges anything until the leases are over that the holder may have granted until then
// (`predecessor_outlasts`); what is left of that when it ends itself, it leaves to its own successor. And
// each holder has a number, one higher than the last: a write transaction looks whether the number is still
// its own (`Check`), so that nothing is committed behind the back of a successor.
class ServingLock {
 public:
  struct Options {
    absl::Duration timeout = absl::Seconds(3);
    absl::Duration lease = absl::Milliseconds(500);  // the longest that this process grants
  };
  // Called once, on any thread, when the lock is lost; in one sentence, why. Must end the process, or at
  // least its serving, at once.
  using LostCallback = std::function<void(const std::string& reason)>;

  // Waits until no other process serves the database, and says so in the log. `connection` must not be
  // replaced when it breaks, and must answer within a third of the time-out. CANCELLED: `give_up` said so,
  // which is asked several times a second.
  static absl::StatusOr<std::unique_ptr<ServingLock>> Take(std::unique_ptr<sql::Connection> connection,
                                                           Options options,
                                                           const std::function<bool()>& give_up,
                                                           LostCallback on_lost);
  // Gives the lock back; by now nothing may serve any more.
  ~ServingLock();
  ServingLock(const ServingLock&) = delete;
  ServingLock& operator=(const ServingLock&) = delete;

  // Takes the next number; from here on the lock is watched. After the schema is there, before anything of
  // the database is relied on.
  absl::Status Enter();

  // In a write transaction, after Enter: whether this process still is the one that serves. UNAVAILABLE: it
  // is not, and on_lost has been told.
  absl::Status Check(sql::Connection& writer);

  // After Enter: how long, from then on, followers may rely on what an earlier process told them. None: no
  // process served before.
  std::optional<absl::Duration> predecessor_outlasts() const { return predecessor_outlasts_; }

 private:
  ServingLock(std::unique_ptr<sql::Connection> connection, Options options, LostCallback on_lost);
  absl::Status TakeNumber();
  // How long a successor must wait if this process, having entered, ends in good order now.
  absl::Duration Outlasts() const;
  void Watch();
  void Lose(const std::string& reason);

  const Options options_;
  const LostCallback on_lost_;
  const std::unique_ptr<sql::Connection> connection_;  // used by the watch while that runs
  std::int64_t number_ = 0;
  std::optional<absl::Duration> predecessor_outlasts_;
  std::chrono::steady_clock::time_point entered_;

  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;  // under mutex_
  std::once_flag lost_;
  std::thread watch_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SERVING_LOCK_H_
