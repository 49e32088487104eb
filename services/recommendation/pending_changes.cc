#include "services/recommendation/pending_changes.h"

namespace broadsheet::recommendation {

void PendingChanges::Note(const std::string& article_id, std::int64_t position) {
  const auto [known, added] = positions_.emplace(article_id, position);
  if (!added) {
    by_position_.erase(known->second);
    known->second = position;
  }
  by_position_.emplace(position, article_id);
}

void PendingChanges::Done(const std::string& article_id, std::int64_t position) {
  const auto known = positions_.find(article_id);
  if (known == positions_.end() || known->second > position) return;
  by_position_.erase(known->second);
  positions_.erase(known);
}

void PendingChanges::Clear() {
  positions_.clear();
  by_position_.clear();
}

bool PendingChanges::ChangedAfter(const std::string& article_id, std::int64_t position) const {
  const auto known = positions_.find(article_id);
  return known != positions_.end() && known->second > position;
}

std::optional<PendingChanges::Change> PendingChanges::First() const {
  if (by_position_.empty()) return std::nullopt;
  return Change{by_position_.begin()->second, by_position_.begin()->first};
}

}  // namespace broadsheet::recommendation
