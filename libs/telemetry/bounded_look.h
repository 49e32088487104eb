#ifndef BROADSHEET_LIBS_TELEMETRY_BOUNDED_LOOK_H_
#define BROADSHEET_LIBS_TELEMETRY_BOUNDED_LOOK_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::telemetry {

// Looks at what may hang, on a thread of its own, for those who must have an answer in time. Thread-safe.
class BoundedLook {
 public:
  // Told once: true after a look that began when it was asked for or later, false if that took too long.
  using Then = std::function<void(bool looked)>;

  // `look` is never called twice at a time.
  BoundedLook(std::function<void()> look, absl::Duration patience);
  // Waits for a look that is under way. Whoever waits still is told nothing.
  ~BoundedLook();
  BoundedLook(const BoundedLook&) = delete;
  BoundedLook& operator=(const BoundedLook&) = delete;

  // Does not block. `then` is called at once if a look is under way that has taken longer than `patience`, or
  // if 100 wait already; otherwise on another thread, after `patience` at the latest. It must be quick.
  void Ask(Then then);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Then then;
    Clock::time_point deadline;
    bool in_hand = false;  // the look under way began after it was asked for
  };

  void LookAgainAndAgain();
  void GiveUpInTime();
  // With the mutex held.
  template <class Condition>
  std::vector<Waiting> TakeThose(Condition condition);
  bool SomebodyWaits() const;

  const std::function<void()> look_;
  const Clock::duration patience_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::condition_variable waiting_changed_;
  std::vector<Waiting> waiting_;
  std::optional<Clock::time_point> looking_since_;
  bool stopping_ = false;
  std::thread looker_;
  std::thread timekeeper_;
};

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_BOUNDED_LOOK_H_
