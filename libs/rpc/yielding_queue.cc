#include "libs/rpc/yielding_queue.h"

#include <algorithm>
#include <utility>

namespace broadsheet::rpc {
namespace {

// How often it looks whether the others are quick.
constexpr std::chrono::milliseconds kAway(5);
// How long it waits at most before it looks whether the others have become busy.
constexpr std::chrono::milliseconds kLongestWait(160);
// So often in a row they must be found slow: a thread that had to leave the processor to others, which it
// may for several milliseconds, is as quick as before when it is back.
constexpr int kSlowLooks = 3;

}  // namespace

bool YieldingQueue::yielding() const { return slow_looks_ < kSlowLooks; }

YieldingQueue::YieldingQueue(CompletionQueues* others, std::chrono::microseconds quick)
    : others_(others),
      quick_(quick),
      events_(others == nullptr ? 0 : others->all().size()),
      looked_(std::chrono::steady_clock::now()),
      wait_(kAway),
      slow_looks_(kSlowLooks) {
  for (std::size_t i = 0; i < events_.size(); ++i) events_[i] = others_->all()[i]->events();
  if (others_ != nullptr) others_->guests().Add(*this);
}

YieldingQueue::~YieldingQueue() {
  if (others_ != nullptr) others_->guests().Remove(*this);
}

// One of them that is quick is enough: it reads the network for all.
bool YieldingQueue::AnyIsQuick(std::chrono::steady_clock::duration elapsed) {
  const std::uint64_t quick = static_cast<std::uint64_t>(elapsed / quick_);
  bool any = false;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const std::uint64_t events = others_->all()[i]->events();
    any |= events - events_[i] >= quick;
    events_[i] = events;
  }
  return any;
}

void YieldingQueue::Look() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kAway) return;
  slow_looks_ = AnyIsQuick(now - looked_) ? 0 : std::min(slow_looks_ + 1, kSlowLooks);
  looked_ = now;
  wait_ = yielding() ? kAway : std::min(2 * wait_, kLongestWait);
}

void YieldingQueue::LookIn() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !waiting_) return;
  Brought event{};
  // A time in the past: what has come already.
  event.status = queue_.AsyncNext(&event.tag, &event.ok, std::chrono::system_clock::time_point());
  if (event.status == NextStatus::TIMEOUT) return;
  waiting_ = false;
  brought_ = event;
  changed_.notify_one();
}

YieldingQueue::NextStatus YieldingQueue::NextBrought(void** tag, bool* ok, Time until) {
  std::unique_lock lock(mutex_);
  waiting_ = true;
  changed_.wait_until(lock, until, [this] { return brought_.has_value(); });
  waiting_ = false;
  const std::optional<Brought> event = std::exchange(brought_, std::nullopt);
  if (!event) return NextStatus::TIMEOUT;
  *tag = event->tag;
  *ok = event->ok;
  return event->status;
}

// In steady time, which nobody sets back while this waits.
YieldingQueue::NextStatus YieldingQueue::AsyncNext(void** tag, bool* ok,
                                                   std::chrono::system_clock::time_point deadline) {
  if (others_ == nullptr) return queue_.AsyncNext(tag, ok, deadline);
  using SystemClock = std::chrono::system_clock;
  const Time end = Clock::now() + std::chrono::duration_cast<Clock::duration>(deadline - SystemClock::now());
  for (;;) {
    Look();
    const Time now = Clock::now();
    NextStatus status = NextStatus::TIMEOUT;
    if (yielding()) status = NextBrought(tag, ok, std::min<Time>(end, now + kAway));
    const bool over = Clock::now() >= end;
    // Somebody who was slow once may not look in for some time; and in the end it looks itself.
    if (status == NextStatus::TIMEOUT && (slow_looks_ > 0 || over)) {
      const bool waits = !yielding() && !over;
      const auto wait = std::min<Clock::duration>(end - now, wait_);
      status = queue_.AsyncNext(
          tag, ok,
          waits ? SystemClock::now() + std::chrono::duration_cast<SystemClock::duration>(wait)
                : SystemClock::time_point());
    }
    if (status != NextStatus::TIMEOUT || Clock::now() >= end) return status;
  }
}

}  // namespace broadsheet::rpc
