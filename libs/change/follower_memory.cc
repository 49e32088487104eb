#include "libs/change/follower_memory.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <shared_mutex>

#include "absl/time/clock.h"

namespace broadsheet::change {

std::uint64_t FollowerMemory::NewKnowledge() {
  static std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void FollowerMemory::Reset(const std::string& log_id, std::int64_t floor) {
  {
    std::unique_lock lock(mutex_);
    if (log_id_ != log_id) {
      withdrawn_.Reset(0);
      withdrawals_.Reset(0);
      expiries_.Clear();
    }
    log_id_ = log_id;
    position_ = floor;
    caught_up_ = false;
    lease_until_ = absl::ZeroDuration();
    tags_.Reset(floor);
    knowledge_ = NewKnowledge();
  }
  Tell();
}

void FollowerMemory::Note(const v1::Change& change) {
  std::unique_lock lock(mutex_);
  knowledge_ = NewKnowledge();
  for (const std::string& tag : change.tags()) tags_.Note(tag, change.position());
  if (change.kind() == v1::CHANGE_KIND_WITHDRAWN) {
    withdrawn_.Note(change.subject(), change.position());
    // Told again what came before a reset, it knows of a later one already.
    withdrawals_.Note(change.subject(),
                      std::max(change.position(), withdrawals_.LastChange(change.subject())));
  } else {
    withdrawn_.Forget(change.subject());
  }
  NoteExpiry(change);
}

void FollowerMemory::NoteExpiry(const v1::Change& change) {
  if (!change.has_expires_at()) return expiries_.Forget(change.subject());
  expiries_.Set(change.subject(), absl::FromUnixSeconds(change.expires_at().seconds()) +
                                      absl::Nanoseconds(change.expires_at().nanos()));
}

void FollowerMemory::Applied(std::int64_t position) {
  {
    std::unique_lock lock(mutex_);
    position_ = position;
  }
  Tell();
}

void FollowerMemory::CaughtUp() {
  std::unique_lock lock(mutex_);
  caught_up_ = true;
  has_followed_ = true;
}

void FollowerMemory::SetLease(absl::Duration until) {
  {
    std::unique_lock lock(mutex_);
    caught_up_ = true;
    has_followed_ = true;
    lease_until_ = until;
  }
  Tell();
}

Verdict FollowerMemory::Judge(const Dependency& dependency) const {
  std::shared_lock lock(mutex_);
  return change::Judge(dependency, Look(), clock_.Now());
}

Verdict FollowerMemory::Judge(const Dependency& dependency, FreshMark& mark) const {
  std::shared_lock lock(mutex_);
  if (mark.known_.load(std::memory_order_relaxed) == knowledge_) {
    return clock_.Now() < lease_until_ ? Verdict::kFresh : Verdict::kNoLease;
  }
  const Verdict verdict = change::Judge(dependency, Look(), clock_.Now());
  if (verdict == Verdict::kFresh) mark.known_.store(knowledge_, std::memory_order_relaxed);
  return verdict;
}

Verdict FollowerMemory::JudgeByMemory(const Dependency& dependency) const {
  std::shared_lock lock(mutex_);
  return change::JudgeByMemory(dependency, Look());
}

bool FollowerMemory::MayJoin(const Dependency& started) const {
  std::shared_lock lock(mutex_);
  if (change::Judge(started, Look(), clock_.Now()) != Verdict::kFresh) return false;
  return !started.tags.empty() || position_ <= started.position;
}

bool FollowerMemory::IsWithdrawn(std::string_view subject) const {
  std::shared_lock lock(mutex_);
  return IsWithdrawnNow(subject);
}

bool FollowerMemory::WithdrawnSince(const Dependency& read, std::string_view subject) const {
  std::shared_lock lock(mutex_);
  if (IsWithdrawnNow(subject)) return true;
  const std::int64_t last = withdrawals_.LastChange(subject);
  if (read.log_id != log_id_) return last > 0;
  return last > read.position || read.position < withdrawals_.floor();
}

bool FollowerMemory::IsWithdrawnNow(std::string_view subject) const {
  if (withdrawn_.LastChange(subject) > 0) return true;
  const std::optional<absl::Time> end = expiries_.Find(subject);
  return end && *end <= absl::Now();
}

std::int64_t FollowerMemory::LastChange(std::string_view tag) const {
  std::shared_lock lock(mutex_);
  return tags_.LastChange(tag);
}

bool FollowerMemory::live() const {
  std::shared_lock lock(mutex_);
  return !log_id_.empty() && clock_.Now() < lease_until_;
}

Dependency FollowerMemory::position() const {
  std::shared_lock lock(mutex_);
  return {log_id_, position_, {}};
}

FollowerMemory::Size FollowerMemory::size() const {
  std::shared_lock lock(mutex_);
  return {tags_.floor(), tags_.size(), withdrawn_.size(), lease_until_ - clock_.Now()};
}

void FollowerMemory::Tell() {
  // Taken and let go so that whoever has just looked is waiting by now.
  { std::lock_guard lock(waiting_); }
  told_.notify_all();
}

template <class Condition>
bool FollowerMemory::WaitFor(absl::Duration timeout, Condition condition) const {
  const auto bounded = absl::ToChronoMilliseconds(std::min(timeout, absl::Hours(24)));
  std::unique_lock lock(waiting_);
  return told_.wait_for(lock, bounded, condition);
}

bool FollowerMemory::WaitUntilLive(absl::Duration timeout) const {
  return WaitFor(timeout, [this] { return live(); });
}

bool FollowerMemory::WaitForPosition(std::int64_t wanted, absl::Duration timeout) const {
  return WaitFor(timeout, [this, wanted] {
    const Dependency known = position();
    return !known.log_id.empty() && known.position >= wanted;
  });
}

}  // namespace broadsheet::change
