#ifndef BROADSHEET_LIBS_TESTING_QUICK_WORK_H_
#define BROADSHEET_LIBS_TESTING_QUICK_WORK_H_

#include <atomic>
#include <latch>

#include "libs/rpc/completion_queues.h"
#include "libs/rpc/task.h"

namespace broadsheet::test {

// Keeps one of the queues busy with one short piece of work after the other, for as long as it lives.
class QuickWork {
 public:
  explicit QuickWork(rpc::CompletionQueues& queues) { rpc::Detach(Work(&queues, this)); }
  ~QuickWork() {
    stop_ = true;
    ended_.wait();
  }
  QuickWork(const QuickWork&) = delete;
  QuickWork& operator=(const QuickWork&) = delete;

 private:
  static rpc::Task<void> Work(rpc::CompletionQueues* queues, QuickWork* work) {
    while (!work->stop_) {
      auto pause = queues->Sleep(absl::ZeroDuration());
      co_await pause;
    }
    work->ended_.count_down();
  }

  std::atomic<bool> stop_ = false;
  std::latch ended_{1};
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_QUICK_WORK_H_
