#include "services/gateway/told_withdrawals.h"

namespace broadsheet::gateway {

void ToldWithdrawals::Note(std::string_view tag, const change::v1::Snapshot& snapshot) {
  std::lock_guard lock(mutex_);
  const auto [entry, is_new] = by_tag_.try_emplace(std::string(tag));
  entry->second = snapshot;
  if (!is_new) return;
  by_age_.emplace_back(tag);
  if (by_age_.size() <= max_withdrawals_) return;
  by_tag_.erase(by_age_.front());
  by_age_.pop_front();
}

bool ToldWithdrawals::Rule(std::string_view tag, const change::Dependency& dependency,
                           const change::v1::Snapshot& followed) const {
  std::lock_guard lock(mutex_);
  const auto found = by_tag_.find(tag);
  if (found == by_tag_.end()) return false;
  const change::v1::Snapshot& told = found->second;
  // Of two logs nobody knows which came first.
  if (dependency.log_id == told.log_id() && dependency.position >= told.position()) return false;
  return followed.log_id() != told.log_id() || followed.position() < told.position();
}

}  // namespace broadsheet::gateway
