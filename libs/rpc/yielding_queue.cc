#include "libs/rpc/yielding_queue.h"

#include <algorithm>
#include <thread>

namespace broadsheet::rpc {
namespace {

using NextStatus = grpc::CompletionQueue::NextStatus;

constexpr std::chrono::milliseconds kAway(5);
// How long it waits at most before it looks whether the others have become busy.
constexpr std::chrono::milliseconds kLongestWait(160);
// A thread that has an event more often than this takes no longer than this for one, on average, and reads the
// network in between. One that makes pages, a millisecond each, has several events for each page.
constexpr std::chrono::milliseconds kQuick(1);
// So often in a row they must be found slow: a thread that had to leave the processor to others, which it
// may for several milliseconds, is as quick as before when it is back.
constexpr int kSlowLooks = 3;

}  // namespace

bool YieldingQueue::yielding() const { return slow_looks_ < kSlowLooks; }

YieldingQueue::YieldingQueue(const CompletionQueues* others)
    : others_(others),
      events_(others == nullptr ? 0 : others->all().size()),
      looked_(std::chrono::steady_clock::now()),
      wait_(kAway),
      slow_looks_(kSlowLooks) {
  for (std::size_t i = 0; i < events_.size(); ++i) events_[i] = others_->all()[i]->events();
}

// One of them that is quick is enough: it reads the network for all.
bool YieldingQueue::AnyIsQuick(std::chrono::steady_clock::duration elapsed) {
  const std::uint64_t quick = static_cast<std::uint64_t>(elapsed / kQuick);
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

NextStatus YieldingQueue::AsyncNext(void** tag, bool* ok, std::chrono::system_clock::time_point deadline) {
  if (others_ == nullptr) return queue_.AsyncNext(tag, ok, deadline);
  for (;;) {
    Look();
    const auto now = std::chrono::system_clock::now();
    // A time in the past: what has come already.
    const auto until = yielding() ? std::chrono::system_clock::time_point()
                                  : std::min<std::chrono::system_clock::time_point>(deadline, now + wait_);
    const NextStatus status = queue_.AsyncNext(tag, ok, until);
    if (status != NextStatus::TIMEOUT || std::chrono::system_clock::now() >= deadline) return status;
    if (yielding())
      std::this_thread::sleep_for(std::min<std::chrono::system_clock::duration>(deadline - now, kAway));
  }
}

}  // namespace broadsheet::rpc
