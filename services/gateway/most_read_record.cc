#include "services/gateway/most_read_record.h"

#include <algorithm>

namespace broadsheet::gateway {

std::optional<std::vector<std::string>> MostReadRecord::Fresh(absl::Time now) const {
  std::lock_guard lock(mutex_);
  if (now - answered_at_ >= fresh_for_) return std::nullopt;
  return ids_;
}

std::vector<std::string> MostReadRecord::Known() const {
  std::lock_guard lock(mutex_);
  return known_;
}

absl::Status MostReadRecord::Take(const std::vector<std::string>& ids, std::size_t named, absl::Time now) {
  std::lock_guard lock(mutex_);
  if (ids.empty() && named > 0) return absl::InternalError("none of the most-read stories has an id");
  if (ids.empty() && !known_.empty() && now - known_at_ < kDoubtedFor)
    return absl::InternalError("no most-read stories, although some were read");
  if (ids.empty()) known_.clear();
  ids_ = ids;
  answered_at_ = now;
  return absl::OkStatus();
}

bool MostReadRecord::IsNonsense(const std::vector<std::string>& ids,
                                const std::vector<std::string>& published) {
  if (ids.empty()) return false;
  std::lock_guard lock(mutex_);
  const bool of_last_answer = ids.size() <= ids_.size() && std::equal(ids.begin(), ids.end(), ids_.begin());
  if (!published.empty()) {
    if (!of_last_answer) return false;
    if (known_ != ids_) known_published_.clear();
    known_ = ids_;
    known_at_ = answered_at_;
    known_published_.insert(published.begin(), published.end());
    return false;
  }
  if (of_last_answer) answered_at_ = absl::InfinitePast();
  const bool were_there = std::any_of(
      ids.begin(), ids.end(), [this](const std::string& id) { return known_published_.contains(id); });
  if (were_there) known_.clear();  // withdrawn since, or expired
  return !were_there;
}

}  // namespace broadsheet::gateway
