#include "libs/rpc/ticks.h"

#include <atomic>
#include <latch>
#include <thread>

#include "gtest/gtest.h"
#include "libs/rpc/task.h"

namespace broadsheet::rpc {
namespace {

using Clock = std::chrono::steady_clock;

Task<Clock::duration> Measure(Ticks* ticks, absl::Duration duration) {
  const Clock::time_point begun = Clock::now();
  auto pause = ticks->Pause(duration);
  co_await pause;
  co_return Clock::now() - begun;
}

Task<std::uint64_t> EndsCounted(Ticks* ticks, const CompletionQueue* queue) {
  auto pause = ticks->Pause(absl::Milliseconds(1));
  co_await pause;
  co_return queue->events();
}

Task<void> Count(Ticks* ticks, std::latch* done) {
  auto pause = ticks->Pause(absl::Milliseconds(2));
  co_await pause;
  done->count_down();
}

TEST(Ticks, EndAPauseNotBeforeItsTime) {
  CompletionQueues queues(1);
  Ticks ticks(queues, absl::Milliseconds(3));
  for (const int milliseconds : {0, 1, 3, 4, 20}) {
    const Clock::duration taken = Wait(Measure(&ticks, absl::Milliseconds(milliseconds)));
    EXPECT_GE(taken, std::chrono::milliseconds(milliseconds));
  }
}

TEST(Ticks, ShareOneAlarmAmongAllThatEndTogether) {
  CompletionQueues queues(1);
  Ticks ticks(queues, absl::Milliseconds(200));
  constexpr int kPauses = 100;
  std::vector<Task<std::uint64_t>> pauses;
  for (int i = 0; i < kPauses; ++i) pauses.push_back(EndsCounted(&ticks, queues.all().front().get()));
  std::uint64_t most = 0;
  for (Task<std::uint64_t>& pause : pauses) most = std::max(most, Wait(std::move(pause)));
  // All began within one tick, or within two if the machine stood still.
  EXPECT_LT(most, 5u);
}

TEST(Ticks, EndEveryPauseOfManyThreads) {
  CompletionQueues queues(2);
  Ticks ticks(queues, absl::Milliseconds(1));
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::latch done(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) Detach(Count(&ticks, &done));
    });
  }
  for (std::thread& thread : threads) thread.join();
  done.wait();
}

Task<bool> StaysOnItsQueue(CompletionQueues* queues, Ticks* ticks) {
  auto hop = queues->Hop();
  co_await hop;
  const CompletionQueue* begun = CompletionQueues::Current();
  auto pause = ticks->Pause(absl::Milliseconds(1));
  co_await pause;
  co_return begun != nullptr&& CompletionQueues::Current() == begun;
}

TEST(Ticks, EndAPauseOnTheQueueItWasAwaitedOn) {
  CompletionQueues queues(3);
  Ticks ticks(queues, absl::Milliseconds(20));
  std::vector<Task<bool>> pauses;
  for (int i = 0; i < 60; ++i) pauses.push_back(StaysOnItsQueue(&queues, &ticks));
  for (Task<bool>& pause : pauses) EXPECT_TRUE(Wait(std::move(pause)));
}

TEST(Ticks, EndAPauseAtOnceWhenTheQueuesAreClosed) {
  CompletionQueues queues(1);
  Ticks ticks(queues, absl::Hours(1));
  queues.Close();
  EXPECT_TRUE(Measure(&ticks, absl::Hours(1)).finished());
}

}  // namespace
}  // namespace broadsheet::rpc
