#ifndef BROADSHEET_LIBS_RPC_TICKS_H_
#define BROADSHEET_LIBS_RPC_TICKS_H_

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/task.h"

namespace broadsheet::rpc {

// Pauses that need not be exact: each ends with the first tick after its time, and all that end with the same
// tick share one alarm. An alarm of gRPC's wakes its timer's thread twice, which is dear for what nearly
// always turns out not to be needed, such as a second attempt of a call. Thread-safe.
class Ticks {
 public:
  // `queues` outlive this, and this outlives every pause.
  explicit Ticks(CompletionQueues& queues, absl::Duration tick = absl::Milliseconds(5));

  // `auto pause = ticks.Pause(d); co_await pause;` goes on `d` to `d` and a tick later, on the queue's thread
  // it was awaited on, or on one of them if it was awaited elsewhere; at once if the queues are closed.
  auto Pause(absl::Duration duration);

 private:
  using Clock = std::chrono::steady_clock;

  // The number of a tick since `started_`, of those who began to wait on one queue's thread (null: on
  // others').
  using Tick = std::pair<const CompletionQueue*, std::int64_t>;

  void Wait(absl::Duration duration, std::coroutine_handle<> coroutine);
  Task<void> Ring(Tick tick);

  CompletionQueues& queues_;
  const absl::Duration tick_;
  const Clock::time_point started_;
  std::mutex mutex_;
  std::map<Tick, std::vector<std::coroutine_handle<>>> waiting_;  // guarded by mutex_
};

inline auto Ticks::Pause(absl::Duration duration) {
  struct Awaiter {
    Ticks* ticks;
    absl::Duration duration;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const { ticks->Wait(duration, coroutine); }
    void await_resume() const {}
  };
  return Awaiter{this, duration};
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_TICKS_H_
