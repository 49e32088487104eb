#include "libs/rpc/completion_queues.h"

#include <algorithm>

#include "absl/base/config.h"
#include "grpcpp/alarm.h"

#ifdef ABSL_HAVE_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace broadsheet::rpc {
namespace {

thread_local CompletionQueue* current_queue = nullptr;

Completion* FromTag(void* tag) {
#ifdef ABSL_HAVE_THREAD_SANITIZER
  __tsan_acquire(tag);
#endif
  return static_cast<Completion*>(tag);
}

constexpr std::chrono::milliseconds kBetweenLooks(1);
constexpr std::uint64_t kClosed = 1;
constexpr std::uint64_t kOneOperation = 2;

// Resumes a coroutine when its alarm rings; deletes itself.
class Wakeup final : public Completion {
 public:
  explicit Wakeup(std::coroutine_handle<> coroutine) : coroutine_(coroutine) {}

  void Set(grpc::CompletionQueue* queue, absl::Duration delay) {
    // A time in the past rings at once; `now` would go through the timer thread.
    const gpr_timespec at =
        delay <= absl::ZeroDuration()
            ? gpr_inf_past(GPR_CLOCK_MONOTONIC)
            : gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                           gpr_time_from_nanos(absl::ToInt64Nanoseconds(delay), GPR_TIMESPAN));
    alarm_.Set(queue, at, AsTag(this));
  }

  void Complete(bool) override {
    const std::coroutine_handle<> coroutine = coroutine_;
    delete this;
    coroutine.resume();
  }

 private:
  grpc::Alarm alarm_;
  std::coroutine_handle<> coroutine_;
};

}  // namespace

void* AsTag(Completion* completion) {
#ifdef ABSL_HAVE_THREAD_SANITIZER
  __tsan_release(completion);
#endif
  return completion;
}

void Guests::Add(Guest& guest) {
  std::lock_guard lock(mutex_);
  guests_.push_back(&guest);
  any_ = true;
}

void Guests::Remove(Guest& guest) {
  std::lock_guard lock(mutex_);
  std::erase(guests_, &guest);
  any_ = !guests_.empty();
}

void Guests::LookIn() {
  if (!any_.load(std::memory_order_relaxed)) return;
  const Clock::duration now = Clock::now().time_since_epoch();
  if (now.count() < next_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  next_.store((now + kBetweenLooks).count(), std::memory_order_relaxed);
  for (Guest* guest : guests_) guest->LookIn();
}

CompletionQueue::CompletionQueue(std::unique_ptr<grpc::CompletionQueue> queue, std::shared_ptr<Guests> guests)
    : queue_(std::move(queue)), guests_(std::move(guests)), thread_([this] { Run(); }) {}

CompletionQueue::~CompletionQueue() { Close(); }

bool CompletionQueue::Begin() {
  std::uint64_t state = state_.load(std::memory_order_relaxed);
  while ((state & kClosed) == 0) {
    if (state_.compare_exchange_weak(state, state + kOneOperation, std::memory_order_acq_rel)) return true;
  }
  return false;
}

void CompletionQueue::End() {
  if (state_.fetch_sub(kOneOperation, std::memory_order_acq_rel) == (kOneOperation | kClosed)) {
    state_.notify_all();
  }
}

void CompletionQueue::Run() {
  current_queue = this;
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    FromTag(tag)->Complete(ok);
    events_.store(events_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    End();
    if (guests_) guests_->LookIn();
  }
}

void CompletionQueue::Refuse() { state_.fetch_or(kClosed, std::memory_order_acq_rel); }

void CompletionQueue::Close() {
  std::uint64_t state = state_.fetch_or(kClosed, std::memory_order_acq_rel) | kClosed;
  while (state != kClosed) {
    state_.wait(state, std::memory_order_acquire);
    state = state_.load(std::memory_order_acquire);
  }
  if (!thread_.joinable()) return;
  queue_->Shutdown();
  thread_.join();
}

CompletionQueues::CompletionQueues(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    queues_.push_back(std::make_shared<CompletionQueue>(std::make_unique<grpc::CompletionQueue>(), guests_));
  }
}

CompletionQueues::CompletionQueues(std::vector<std::unique_ptr<grpc::CompletionQueue>> queues) {
  for (auto& queue : queues) queues_.push_back(std::make_shared<CompletionQueue>(std::move(queue), guests_));
}

CompletionQueue& CompletionQueues::Local() {
  if (OnOwnThread()) return *current_queue;
  return *queues_[turn_.fetch_add(1, std::memory_order_relaxed) % queues_.size()];
}

bool CompletionQueues::OnOwnThread() const {
  if (current_queue == nullptr) return false;
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const auto& queue) { return queue.get() == current_queue; });
}

CompletionQueue* CompletionQueues::Current() { return current_queue; }

bool CompletionQueues::ResumeAfter(CompletionQueue& queue, absl::Duration delay,
                                   std::coroutine_handle<> coroutine) {
  if (!queue.Begin()) return false;
  (new Wakeup(coroutine))->Set(queue.grpc_queue(), delay);
  return true;
}

void CompletionQueues::Resume(CompletionQueue& queue, std::coroutine_handle<> coroutine) {
  if (!ResumeAfter(queue, absl::ZeroDuration(), coroutine)) coroutine.resume();
}

// All refuse before the first is waited for: what goes on elsewhere because its own queue is closed begins
// nothing on another one, where it would meet itself.
void CompletionQueues::Close() {
  for (const auto& queue : queues_) queue->Refuse();
  for (const auto& queue : queues_) queue->Close();
}

}  // namespace broadsheet::rpc
