#include "services/gateway/earlier_run.h"

#include <algorithm>

namespace broadsheet::gateway {

Standing StandingOfLeftPage(const LeftPage& page, const LeftPageRules& rules) {
  const absl::Duration absence = page.started_at - page.vouched_at;
  const absl::Duration age = page.now - page.vouched_at;
  if (absence > rules.max_absence) return Standing::kUnknown;
  if (absence < -rules.max_clock_step || age < -rules.max_clock_step) return Standing::kUnknown;
  return Standing::kCutOff;
}

EarlierRun::EarlierRun(std::vector<End> ends, absl::Time started_at, LeftPageRules rules)
    : started_at_(started_at), rules_(rules) {
  for (End& end : ends) {
    std::vector<End>& of_subject = ends_[end.subject];
    of_subject.push_back(std::move(end));
  }
}

bool EarlierRun::HasEnded(std::string_view tag, const change::Dependency& vouched, absl::Time now) const {
  const auto found = ends_.find(tag);
  if (found == ends_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const End& end) {
    return end.at <= now && ComesAfter(end, vouched.log_id, vouched.position);
  });
}

}  // namespace broadsheet::gateway
