#include "services/gateway/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace broadsheet::gateway {

Worker::Worker(Priority priority, std::size_t max_waiting)
    : priority_(priority), max_waiting_(max_waiting), thread_([this] { Run(); }) {}

Worker::~Worker() { Stop(); }

bool Worker::Post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    full_ = work_.size() >= max_waiting_;
    if (stopped_ || full_) return false;
    work_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Worker::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    work_.clear();
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t Worker::waiting() const {
  std::lock_guard lock(mutex_);
  return work_.size();
}

void Worker::Run() {
  constexpr int kLowPriority = 10;
  if (priority_ == Priority::kLow)
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowPriority);  // of this thread alone on Linux
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !work_.empty(); });
    if (stopped_) return;
    std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    full_ = false;
    lock.unlock();
    work();
    work = nullptr;  // what it holds may end here
    lock.lock();
  }
}

}  // namespace broadsheet::gateway
