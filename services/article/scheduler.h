#ifndef BROADSHEET_SERVICES_ARTICLE_SCHEDULER_H_
#define BROADSHEET_SERVICES_ARTICLE_SCHEDULER_H_

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/log.h"
#include "services/article/article_store.h"
#include "services/article/clock.h"
#include "services/article/retry_times.h"

namespace broadsheet::article {

// Does what time alone brings about: scheduled publications, ends of embargoes, expiries. Each is a commit
// like an editor's, within 200 milliseconds of its time, or as soon as the program runs again. Any number of
// schedulers may share a store: what is due is decided within the edit, so one of them commits and the others
// find nothing to do.
class Scheduler {
 public:
  // The clock is looked at every `period`, so that one that is set counts at once.
  explicit Scheduler(EditStore& store, Clock clock = absl::Now,
                     absl::Duration period = absl::Milliseconds(100));
  // Stops; an edit begun is finished.
  ~Scheduler();

  // Starts a thread that calls RunDue again and again; otherwise nothing happens by itself.
  void Start();

  // Commits everything due by now; returns how many commits there were. A story that cannot be advanced does
  // not keep others from it: it is tried again later, see RetryTimes. The error returned is the first of
  // those met. Thread-safe.
  absl::StatusOr<int> RunDue();

  struct State {
    int due = 0;      // stories that were left at the last look, of many the first
    int put_off = 0;  // of them and of others: those that failed and are to be tried again later
    // How long the oldest of them has been due; if what is due cannot be listed, how long not, if that is
    // longer.
    absl::Duration late;
  };
  // Thread-safe, waits for no storage.
  State state() const;

 private:
  struct Progress {
    int commits = 0;
    bool any = false;  // one story at least is not due any more, now
  };
  // In one commit.
  absl::StatusOr<Progress> AdvanceTogether(const std::vector<DueStory>& stories, absl::Time now);
  // Each in a commit of its own, putting off those that fail. UNAVAILABLE, with some left undone: it is
  // rather the store that cannot write.
  absl::StatusOr<Progress> AdvanceEach(const std::vector<DueStory>& stories, absl::Time now,
                                       absl::Status& error);
  // The first stories due that are not put off.
  absl::StatusOr<std::vector<DueStory>> ListDue(absl::Time now);
  void NoteDue(const std::vector<DueStory>& due, absl::Time now);
  void Prune(absl::Time now);
  bool stopping();
  void Loop();

  EditStore& store_;
  const Clock clock_;
  const absl::Duration period_;
  std::mutex retry_mutex_;
  RetryTimes retry_times_;
  telemetry::LimitedLog log_;
  absl::Time next_prune_;  // used by Loop alone
  mutable std::mutex mutex_;
  int due_ = 0;
  int put_off_ = 0;
  std::optional<absl::Time> oldest_due_;
  absl::Time listed_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SCHEDULER_H_
