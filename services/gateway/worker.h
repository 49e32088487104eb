#ifndef BROADSHEET_SERVICES_GATEWAY_WORKER_H_
#define BROADSHEET_SERVICES_GATEWAY_WORKER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace broadsheet::gateway {

// One thread for work that no reader waits for and that would hold up a loop or a queue. Thread-safe.
class Worker {
 public:
  enum class Priority {
    kUsual,
    // For what takes long and holds no lock that readers wait for: a thread of low priority that does may not
    // run again for tenths of a second while others are busy.
    kLow,
  };
  explicit Worker(Priority priority, std::size_t max_waiting = 1'000);
  ~Worker();  // Stop

  // Whether it was taken; not when too much is waiting, or after Stop.
  bool Post(std::function<void()> work);
  // Whether too much is waiting, at a glance: what Post said last.
  bool full() const { return full_.load(std::memory_order_relaxed); }

  // Drops what waits, returns when nothing runs any more. Idempotent.
  void Stop();

  std::size_t waiting() const;

 private:
  void Run();

  const Priority priority_;
  const std::size_t max_waiting_;
  std::atomic<bool> full_ = false;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;  // guarded by mutex_
  bool stopped_ = false;                    // guarded by mutex_
  std::thread thread_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_WORKER_H_
