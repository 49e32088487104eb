#include "services/gateway/freshness.h"

namespace broadsheet::gateway {
namespace {

// Both logs vouch for it; of pictures that could not be had media need only not contradict: what it would say
// is not known while it is cut off, which is what the page's label says. A degraded page is used while young;
// one that is younger than nothing was made before the clock was set back.
bool MayServe(const EntryFacts& entry, const FreshnessRules& rules) {
  if (entry.withdrawn || entry.aged || entry.article != Standing::kFresh) return false;
  const bool young = entry.age >= absl::ZeroDuration() && entry.age < rules.degraded_lifetime;
  if (entry.degraded && !young) return false;
  return entry.media == Standing::kFresh || (entry.without_images && entry.media != Standing::kChanged);
}

// Where a log cannot be judged a withdrawal may have been missed; kUnknown comes before kChanged, so below
// the floor no change that is known hides that. What depends on a list alone does not tell whether it changed
// by a withdrawal. "Not found" is only ever said on the owner's word of now; "gone" not once something has
// changed there, which may be that it is back.
bool MayServeStale(const EntryFacts& entry, const FreshnessRules& rules) {
  if (entry.withdrawn || entry.not_found || entry.stale_for > rules.max_stale) return false;
  if ((entry.by_list_alone || entry.gone) && entry.article == Standing::kChanged) return false;
  return entry.article != Standing::kUnknown && (entry.media != Standing::kUnknown || entry.without_images);
}

}  // namespace

std::string_view StandingName(Standing standing) {
  switch (standing) {
    case Standing::kFresh:
      return "fresh";
    case Standing::kChanged:
      return "changed";
    case Standing::kCutOff:
      return "cut off";
    case Standing::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Decision Decide(const EntryFacts& entry, Owner owner, const FreshnessRules& rules) {
  if (MayServe(entry, rules)) {
    const bool due = !entry.degraded && (entry.other_templates || entry.age >= rules.refresh_after);
    return due ? Decision::kServeAndRefresh : Decision::kServe;
  }
  if (owner == Owner::kNotAsked) return Decision::kMakeAnew;
  return MayServeStale(entry, rules) ? Decision::kServeStale : Decision::kRefuse;
}

}  // namespace broadsheet::gateway
