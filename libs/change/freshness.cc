#include "libs/change/freshness.h"

#include <algorithm>
#include <iterator>

namespace broadsheet::change {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFresh:
      return "fresh";
    case Verdict::kChanged:
      return "changed";
    case Verdict::kBelowFloor:
      return "below_floor";
    case Verdict::kNoLease:
      return "no_lease";
    case Verdict::kCatchingUp:
      return "catching_up";
    case Verdict::kOtherLog:
      return "other_log";
  }
  return "unknown";
}

void TagHistory::Reset(std::int64_t floor) {
  by_tag_.clear();
  by_age_.clear();
  floor_ = floor;
}

void TagHistory::Note(std::string_view tag, std::int64_t position) {
  if (const auto found = by_tag_.find(tag); found != by_tag_.end()) {
    found->second->position = position;
    by_age_.splice(by_age_.end(), by_age_, found->second);
    return;
  }
  by_age_.push_back({std::string(tag), position});
  by_tag_.emplace(by_age_.back().name, std::prev(by_age_.end()));
  while (by_age_.size() > max_tags_) {
    floor_ = std::max(floor_, by_age_.front().position);
    by_tag_.erase(std::string_view(by_age_.front().name));
    by_age_.pop_front();
  }
}

void TagHistory::Forget(std::string_view tag) {
  const auto found = by_tag_.find(tag);
  if (found == by_tag_.end()) return;
  const auto node = found->second;
  by_tag_.erase(found);  // its key lives in the node
  by_age_.erase(node);
}

std::int64_t TagHistory::LastChange(std::string_view tag) const {
  const auto found = by_tag_.find(tag);
  return found == by_tag_.end() ? 0 : found->second->position;
}

Verdict Judge(const Dependency& dependency, const View& view, absl::Duration now) {
  if (view.log_id.empty() || now >= view.lease_until) return Verdict::kNoLease;
  return JudgeByMemory(dependency, view);
}

Verdict JudgeByMemory(const Dependency& dependency, const View& view) {
  if (view.log_id.empty() || dependency.log_id != view.log_id) return Verdict::kOtherLog;
  // The floor comes first: below it a change is known at best in part, and what came before may have been
  // worse.
  if (dependency.position < view.tags->floor()) return Verdict::kBelowFloor;
  if (!view.caught_up) return Verdict::kCatchingUp;
  for (const std::string& tag : dependency.tags) {
    if (view.tags->LastChange(tag) > dependency.position) return Verdict::kChanged;
  }
  return Verdict::kFresh;
}

}  // namespace broadsheet::change
