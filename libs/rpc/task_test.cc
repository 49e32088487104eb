#include "libs/rpc/task.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/deferred.h"

namespace broadsheet::rpc {
namespace {

Task<int> Three() { co_return 3; }

Task<int> Sum(Task<int> a, Task<int> b) {
  const int first = co_await a;
  const int second = co_await b;
  co_return first + second;
}

Task<int> After(Deferred<int> value) {
  const int result = co_await value;
  co_return result;
}

TEST(Task, RunsUpToItsFirstWaitWhenItIsCalled) {
  Deferred<int> value;
  bool begun = false;
  auto task = [](Deferred<int> awaited, bool& flag) -> Task<int> {
    flag = true;
    co_return co_await awaited;
  }(value, begun);
  EXPECT_TRUE(begun);
  EXPECT_FALSE(task.finished());
  value.Set(5);
  EXPECT_TRUE(task.finished());
  EXPECT_EQ(Wait(std::move(task)), 5);
}

TEST(Task, CanBeAwaitedAfterItHasFinished) {
  auto task = Three();
  EXPECT_TRUE(task.finished());
  EXPECT_EQ(Wait(Sum(std::move(task), Three())), 6);
}

TEST(Task, WaitsForSeveralInTheOrderOfNeed) {
  Deferred<int> a;
  Deferred<int> b;
  auto sum = Sum(After(a), After(b));
  b.Set(2);
  EXPECT_FALSE(sum.finished());
  a.Set(1);
  EXPECT_TRUE(sum.finished());
  EXPECT_EQ(Wait(std::move(sum)), 3);
}

TEST(Task, MovesItsResult) {
  auto make = []() -> Task<std::unique_ptr<std::string>> { co_return std::make_unique<std::string>("text"); };
  EXPECT_EQ(*Wait(make()), "text");
}

// Counts how many are alive.
struct Counted {
  explicit Counted(std::atomic<int>& count) : count(&count) { ++*this->count; }
  Counted(const Counted& other) : count(other.count) { ++*count; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*count; }
  std::atomic<int>* count;
};

TEST(Task, DestroyedUnawaitedRunsToItsEndAndLeavesNothing) {
  std::atomic<int> alive = 0;
  Deferred<int> value;
  bool ended = false;
  {
    auto task = [](Deferred<int> awaited, Counted counted, bool& flag) -> Task<Counted> {
      co_await awaited;
      flag = true;
      co_return counted;
    }(value, Counted(alive), ended);
    EXPECT_GE(alive, 1);
  }
  EXPECT_FALSE(ended);
  value.Set(1);
  EXPECT_TRUE(ended);
  EXPECT_EQ(alive, 0);
}

TEST(Task, DestroyedUnawaitedWhenFinishedLeavesNothing) {
  std::atomic<int> alive = 0;
  {
    auto task = [](Counted counted) -> Task<Counted> { co_return counted; }(Counted(alive));
  }
  EXPECT_EQ(alive, 0);
}

TEST(Task, FinishingAndAwaitingMayRace) {
  CompletionQueues queues(2);
  for (int i = 0; i < 2000; ++i) {
    Deferred<int> value;
    auto task = [](CompletionQueues& threads, Deferred<int> awaited) -> Task<int> {
      auto hop = threads.Hop();
      co_await hop;
      co_return co_await awaited;
    }(queues, value);
    auto outer = [](Task<int> inner) -> Task<int> { co_return co_await inner; }(std::move(task));
    value.Set(i);
    ASSERT_EQ(Wait(std::move(outer)), i);
  }
}

TEST(Task, FinishingAndLettingGoMayRace) {
  std::atomic<int> alive = 0;
  {
    CompletionQueues queues(2);
    for (int i = 0; i < 2000; ++i) {
      Detach([](CompletionQueues& threads, Counted counted) -> Task<Counted> {
        auto hop = threads.Hop();
        co_await hop;
        co_return counted;
      }(queues, Counted(alive)));
    }
  }
  EXPECT_EQ(alive, 0);
}

TEST(Task, ManyFinishedTasksInALoopNeedNoStack) {
  auto sum = []() -> Task<int> {
    int total = 0;
    for (int i = 0; i < 100'000; ++i) {
      auto task = Three();
      total += co_await task;
    }
    co_return total;
  };
  EXPECT_EQ(Wait(sum()), 300'000);
}

TEST(Deferred, GivesEveryoneTheFirstValue) {
  Deferred<int> value;
  auto a = After(value);
  auto b = After(value);
  EXPECT_TRUE(value.Set(1));
  EXPECT_FALSE(value.Set(2));
  EXPECT_EQ(Wait(std::move(a)), 1);
  EXPECT_EQ(Wait(std::move(b)), 1);
  EXPECT_EQ(Wait(After(value)), 1);
}

TEST(CompletionQueues, AHopGoesToAQueueAndStaysThere) {
  CompletionQueues queues(2);
  auto hops = [](CompletionQueues& threads) -> Task<bool> {
    auto first = threads.Hop();
    co_await first;
    CompletionQueue* const queue = CompletionQueues::Current();
    auto second = threads.Hop();
    co_await second;
    co_return queue != nullptr&& CompletionQueues::Current() == queue&&& threads.Local() == queue;
  };
  EXPECT_TRUE(Wait(hops(queues)));
  EXPECT_EQ(CompletionQueues::Current(), nullptr);
}

TEST(CompletionQueues, SleepTakesAsLongAsItSays) {
  CompletionQueues queues(1);
  auto nap = [](CompletionQueues& threads) -> Task<> {
    auto pause = threads.Sleep(absl::Milliseconds(20));
    co_await pause;
  };
  const absl::Time before = absl::Now();
  Wait(nap(queues));
  EXPECT_GE(absl::Now() - before, absl::Milliseconds(19));
}

TEST(CompletionQueues, AfterClosingWorkGoesOnWithoutThem) {
  CompletionQueues queues(1);
  queues.Close();
  auto hop = [](CompletionQueues& threads) -> Task<int> {
    auto away = threads.Hop();
    co_await away;
    auto pause = threads.Sleep(absl::Hours(1));
    co_await pause;
    co_return 1;
  };
  EXPECT_EQ(Wait(hop(queues)), 1);
  queues.Close();
}

TEST(CompletionQueues, ClosingWaitsForWhatIsUnderWay) {
  std::atomic<int> finished = 0;
  {
    CompletionQueues queues(2);
    for (int i = 0; i < 100; ++i) {
      Detach([](CompletionQueues& threads, std::atomic<int>& count) -> Task<> {
        auto pause = threads.Sleep(absl::Milliseconds(5));
        co_await pause;
        ++count;
      }(queues, finished));
    }
  }
  EXPECT_EQ(finished, 100);
}

}  // namespace
}  // namespace broadsheet::rpc
