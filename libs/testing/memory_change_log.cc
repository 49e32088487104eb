#include "libs/testing/memory_change_log.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace broadsheet::test {

std::int64_t MemoryChangeLog::Append(const std::vector<std::string>& tags, change::v1::ChangeKind kind) {
  change::v1::Change change;
  change.set_subject(tags.front());
  for (const std::string& tag : tags) change.add_tags(tag);
  change.set_kind(kind);
  return Append(std::move(change));
}

std::int64_t MemoryChangeLog::Append(change::v1::Change change) {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  change.mutable_commit_time()->set_seconds(
      std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
  std::lock_guard lock(mutex_);
  change.set_position(floor_ + static_cast<std::int64_t>(changes_.size()) + 1);
  changes_.push_back(change);
  return change.position();
}

void MemoryChangeLog::Trim(std::int64_t position) {
  std::lock_guard lock(mutex_);
  const auto count =
      std::clamp<std::int64_t>(position - floor_, 0, static_cast<std::int64_t>(changes_.size()));
  changes_.erase(changes_.begin(), changes_.begin() + count);
  floor_ += count;
}

void MemoryChangeLog::Fail(bool failing) {
  std::lock_guard lock(mutex_);
  failing_ = failing;
}

void MemoryChangeLog::FailFollowers(bool failing) {
  std::lock_guard lock(mutex_);
  failing_followers_ = failing;
}

int MemoryChangeLog::reads() const {
  std::lock_guard lock(mutex_);
  return reads_;
}

absl::StatusOr<std::int64_t> MemoryChangeLog::Head() const {
  std::lock_guard lock(mutex_);
  if (failing_) return absl::UnavailableError("the log fails, as told");
  return floor_ + static_cast<std::int64_t>(changes_.size());
}

absl::StatusOr<std::int64_t> MemoryChangeLog::Floor() const {
  std::lock_guard lock(mutex_);
  if (failing_ || failing_followers_) return absl::UnavailableError("the log fails, as told");
  return floor_;
}

absl::StatusOr<std::vector<change::v1::Change>> MemoryChangeLog::Read(std::int64_t after, int limit) const {
  std::lock_guard lock(mutex_);
  ++reads_;
  if (failing_ || failing_followers_) return absl::UnavailableError("the log fails, as told");
  if (after < floor_) return absl::OutOfRangeError("the log begins later");
  const auto size = static_cast<std::int64_t>(changes_.size());
  const std::int64_t first = std::min(after - floor_, size);
  const std::int64_t last = std::min(first + limit, size);
  return std::vector<change::v1::Change>(changes_.begin() + first, changes_.begin() + last);
}

}  // namespace broadsheet::test
