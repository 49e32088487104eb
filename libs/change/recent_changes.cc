#include "libs/change/recent_changes.h"

#include <algorithm>
#include <utility>

namespace broadsheet::change {

RecentChanges::RecentChanges(std::int64_t position, int capacity)
    : capacity_(static_cast<std::size_t>(std::max(capacity, 1))), head_(position) {}

bool RecentChanges::Append(std::vector<v1::Change> changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].position() != head_ + static_cast<std::int64_t>(i) + 1) return false;
  }
  for (v1::Change& change : changes) changes_.push_back(std::move(change));
  head_ += static_cast<std::int64_t>(changes.size());
  while (changes_.size() > capacity_) changes_.pop_front();
  return true;
}

std::int64_t RecentChanges::Fill(std::int64_t after, v1::FollowResponse& message) const {
  std::int64_t position = after;
  std::size_t bytes = 0;
  while (position < head_ && message.changes_size() < kMaxChangesPerMessage && bytes < kMaxBytesPerMessage) {
    const v1::Change& change = changes_[static_cast<std::size_t>(position - floor())];
    bytes += change.ByteSizeLong();
    *message.add_changes() = change;
    ++position;
  }
  return position;
}

}  // namespace broadsheet::change
