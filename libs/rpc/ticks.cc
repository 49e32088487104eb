#include "libs/rpc/ticks.h"

#include <utility>

namespace broadsheet::rpc {

Ticks::Ticks(CompletionQueues& queues, absl::Duration tick)
    : queues_(queues), tick_(tick), started_(Clock::now()) {}

// The coroutine may have gone on, and ended, before this returns.
void Ticks::Wait(absl::Duration duration, std::coroutine_handle<> coroutine) {
  const absl::Duration end = absl::FromChrono(Clock::now() - started_) + duration;
  const Tick tick(CompletionQueues::Current(),
                  absl::ToInt64Nanoseconds(end) / absl::ToInt64Nanoseconds(tick_) + 1);
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    std::vector<std::coroutine_handle<>>& waiting = waiting_[tick];
    first = waiting.empty();
    waiting.push_back(coroutine);
  }
  if (first) Detach(Ring(tick));
}

Task<void> Ticks::Ring(Tick tick) {
  auto pause = queues_.Sleep(tick.second * tick_ - absl::FromChrono(Clock::now() - started_));
  co_await pause;
  std::vector<std::coroutine_handle<>> due;
  {
    std::lock_guard lock(mutex_);
    due = std::move(waiting_.extract(tick).mapped());
  }
  for (const std::coroutine_handle<> coroutine : due) coroutine.resume();
}

}  // namespace broadsheet::rpc
