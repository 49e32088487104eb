#include "services/gateway/freshness.h"

namespace broadsheet::gateway {
namespace {

// Whole: both logs vouch for it. Degraded: article does, media does not contradict, and it is young; what
// media would say is not known while it is cut off, which is what the page's label says.
bool MayServe(const EntryFacts& entry, const FreshnessRules& rules) {
  if (entry.withdrawn || entry.article != Standing::kFresh) return false;
  if (!entry.degraded) return entry.media == Standing::kFresh;
  return entry.media != Standing::kChanged && entry.age < rules.degraded_lifetime;
}

// "Not found" is only ever said on the owner's word of now.
bool MayServeStale(const EntryFacts& entry, const FreshnessRules& rules) {
  return !entry.withdrawn && !entry.not_found && entry.article != Standing::kUnknown &&
         entry.stale_for <= rules.max_stale;
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
    const bool due = !entry.degraded && entry.age >= rules.refresh_after;
    return due ? Decision::kServeAndRefresh : Decision::kServe;
  }
  if (owner == Owner::kNotAsked) return Decision::kMakeAnew;
  return MayServeStale(entry, rules) ? Decision::kServeStale : Decision::kRefuse;
}

}  // namespace broadsheet::gateway
