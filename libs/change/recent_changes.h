#ifndef BROADSHEET_LIBS_CHANGE_RECENT_CHANGES_H_
#define BROADSHEET_LIBS_CHANGE_RECENT_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "broadsheet/change/v1/change.pb.h"
#include "broadsheet/change/v1/change_service.pb.h"

namespace broadsheet::change {

// Most changes of one message, and about how many bytes they may have.
inline constexpr int kMaxChangesPerMessage = 1000;
inline constexpr std::size_t kMaxBytesPerMessage = 1U << 20U;

// The end of the log, in memory. Not thread-safe.
class RecentChanges {
 public:
  // Empty, at `position`; keeps `capacity` changes.
  RecentChanges(std::int64_t position, int capacity);

  // Changes that follow `head()` without a gap; false, and nothing done, if they do not.
  bool Append(std::vector<v1::Change> changes);

  // It holds the changes after floor(), up to head().
  std::int64_t floor() const { return head_ - static_cast<std::int64_t>(changes_.size()); }
  std::int64_t head() const { return head_; }

  // Adds the changes after `after`, which is not below the floor, as far as a message may hold; returns the
  // position of the last one added, or `after`.
  std::int64_t Fill(std::int64_t after, v1::FollowResponse& message) const;

 private:
  std::size_t capacity_;
  std::int64_t head_;
  std::deque<v1::Change> changes_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_RECENT_CHANGES_H_
