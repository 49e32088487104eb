#include "services/gateway/told_withdrawals.h"

#include <algorithm>
#include <string>

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kWordOfAnotherLog = absl::Minutes(1);

}  // namespace

void ToldWithdrawals::Note(std::string_view tag, const change::v1::Snapshot& snapshot, absl::Time now) {
  std::lock_guard lock(mutex_);
  Told& told = by_tag_[std::string(tag)];
  const bool older =
      told.snapshot.log_id() == snapshot.log_id() && told.snapshot.position() > snapshot.position();
  if (!older) told = {snapshot, now};
  if (by_tag_.size() > max_withdrawals_) {
    by_tag_.erase(std::min_element(by_tag_.begin(), by_tag_.end(),
                                   [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
  }
  none_ = false;
}

template <class Condition>
void ToldWithdrawals::Forget(const Condition& condition) {
  if (none()) return;
  std::lock_guard lock(mutex_);
  std::erase_if(by_tag_, [&](const auto& entry) { return condition(entry.second.snapshot); });
  none_ = by_tag_.empty();
}

void ToldWithdrawals::Passed(std::string_view log_id, std::int64_t position) {
  Forget([&](const change::v1::Snapshot& told) {
    return told.log_id() == log_id && told.position() <= position;
  });
}

void ToldWithdrawals::KeepOnly(std::string_view log_id) {
  Forget([&](const change::v1::Snapshot& told) { return told.log_id() != log_id; });
}

// Of two logs nobody knows which came first.
bool ToldWithdrawals::Counts(const Told& told, const change::Dependency& dependency,
                             std::string_view followed_log_id, absl::Time now) {
  if (dependency.log_id == told.snapshot.log_id()) return dependency.position < told.snapshot.position();
  return followed_log_id.empty() || followed_log_id == told.snapshot.log_id() ||
         now - told.at < kWordOfAnotherLog;
}

bool ToldWithdrawals::RuleOut(std::string_view tag, const change::Dependency& dependency,
                              std::string_view followed_log_id, absl::Time now) const {
  if (none()) return false;
  std::lock_guard lock(mutex_);
  const auto found = by_tag_.find(tag);
  return found != by_tag_.end() && Counts(found->second, dependency, followed_log_id, now);
}

bool ToldWithdrawals::RuleOutAny(const change::Dependency& dependency, std::string_view followed_log_id,
                                 absl::Time now) const {
  if (none()) return false;
  std::lock_guard lock(mutex_);
  return std::any_of(by_tag_.begin(), by_tag_.end(),
                     [&](const auto& told) { return Counts(told.second, dependency, followed_log_id, now); });
}

}  // namespace broadsheet::gateway
