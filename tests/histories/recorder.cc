#include "tests/histories/recorder.h"

#include <chrono>
#include <utility>

namespace broadsheet::histories {

std::int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Recorder::Add(Write write) {
  const std::lock_guard lock(mutex_);
  history_.writes.push_back(std::move(write));
}

void Recorder::Add(DraftRead read) {
  const std::lock_guard lock(mutex_);
  history_.draft_reads.push_back(std::move(read));
}

void Recorder::Add(Read read) {
  const std::lock_guard lock(mutex_);
  history_.reads.push_back(std::move(read));
}

void Recorder::Add(Stream stream) {
  const std::lock_guard lock(mutex_);
  history_.streams.push_back(std::move(stream));
}

void Recorder::Add(LeaseHeld held) {
  const std::lock_guard lock(mutex_);
  history_.leases.push_back(held);
}

void Recorder::AddUnexpected(const std::string& what) {
  const std::lock_guard lock(mutex_);
  unexpected_.push_back({"unexpected answer", what});
}

void Recorder::Count(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++counts_[name];
}

std::int64_t Recorder::count(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(name);
  return found == counts_.end() ? 0 : found->second;
}

std::map<std::string, std::int64_t> Recorder::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

History Recorder::Take() {
  const std::lock_guard lock(mutex_);
  return std::move(history_);
}

}  // namespace broadsheet::histories
