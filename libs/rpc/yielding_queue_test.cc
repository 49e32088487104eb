#include "libs/rpc/yielding_queue.h"

#include <latch>

#include "grpcpp/alarm.h"
#include "gtest/gtest.h"
#include "libs/rpc/task.h"
#include "libs/testing/quick_work.h"

namespace broadsheet::rpc {
namespace {

using Clock = std::chrono::system_clock;
using NextStatus = grpc::CompletionQueue::NextStatus;

// Waits until `queue` has come to that conclusion.
void WaitUntilYielding(YieldingQueue& queue, bool yielding) {
  void* tag = nullptr;
  bool ok = false;
  const auto last = Clock::now() + std::chrono::seconds(20);
  while (queue.yielding() != yielding) {
    ASSERT_LT(Clock::now(), last);
    EXPECT_EQ(queue.AsyncNext(&tag, &ok, Clock::now() + std::chrono::milliseconds(5)), NextStatus::TIMEOUT);
  }
}

void ExpectAnEvent(YieldingQueue& queue) {
  grpc::Alarm alarm;
  alarm.Set(&queue.queue(), Clock::now(), &alarm);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_EQ(queue.AsyncNext(&tag, &ok, Clock::now() + std::chrono::seconds(20)), NextStatus::GOT_EVENT);
  EXPECT_EQ(tag, &alarm);
}

TEST(YieldingQueue, StaysAwayWhileOthersAreQuickAndStillHasItsEvents) {
  CompletionQueues others(1);
  YieldingQueue queue(&others);
  EXPECT_FALSE(queue.yielding());
  ExpectAnEvent(queue);
  {
    test::QuickWork work(others);
    WaitUntilYielding(queue, true);
    ExpectAnEvent(queue);
  }
  WaitUntilYielding(queue, false);
  ExpectAnEvent(queue);
}

TEST(YieldingQueue, WaitsItselfWhileTheOthersTakeLong) {
  std::latch release(1);
  CompletionQueues others(1);
  YieldingQueue queue(&others);
  {
    test::QuickWork work(others);
    WaitUntilYielding(queue, true);
  }
  const auto block = [](CompletionQueues* queues, std::latch* until) -> Task<void> {
    auto pause = queues->Sleep(absl::ZeroDuration());
    co_await pause;
    until->wait();
  };
  Detach(block(&others, &release));
  WaitUntilYielding(queue, false);
  ExpectAnEvent(queue);
  release.count_down();
}

TEST(YieldingQueue, EndsWaitingAtTheDeadline) {
  CompletionQueues others(1);
  YieldingQueue queue(&others);
  YieldingQueue alone(nullptr);
  void* tag = nullptr;
  bool ok = false;
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(250);
  EXPECT_EQ(queue.AsyncNext(&tag, &ok, deadline), NextStatus::TIMEOUT);
  EXPECT_EQ(alone.AsyncNext(&tag, &ok, deadline), NextStatus::TIMEOUT);
  EXPECT_GE(Clock::now(), deadline);
}

TEST(YieldingQueue, EndsWaitingAtTheDeadlineWhileItStaysAway) {
  CompletionQueues others(1);
  YieldingQueue queue(&others);
  test::QuickWork work(others);
  WaitUntilYielding(queue, true);
  void* tag = nullptr;
  bool ok = false;
  const Clock::time_point began = Clock::now();
  EXPECT_EQ(queue.AsyncNext(&tag, &ok, began + std::chrono::milliseconds(50)), NextStatus::TIMEOUT);
  EXPECT_GE(Clock::now(), began + std::chrono::milliseconds(50));
  EXPECT_LT(Clock::now(), began + std::chrono::seconds(10));
}

TEST(YieldingQueue, SaysThatItIsShutDown) {
  CompletionQueues others(1);
  YieldingQueue queue(&others);
  queue.queue().Shutdown();
  void* tag = nullptr;
  bool ok = false;
  EXPECT_EQ(queue.AsyncNext(&tag, &ok, Clock::now() + std::chrono::seconds(20)), NextStatus::SHUTDOWN);
}

}  // namespace
}  // namespace broadsheet::rpc
