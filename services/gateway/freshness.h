#ifndef BROADSHEET_SERVICES_GATEWAY_FRESHNESS_H_
#define BROADSHEET_SERVICES_GATEWAY_FRESHNESS_H_

#include <string_view>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// How an entry stands with one source, as far as this gateway knows.
enum class Standing {
  kFresh,    // the lease holds, and nothing the entry depends on has changed since it was read
  kChanged,  // something it depends on has changed since
  kCutOff,   // no lease; nothing it depends on had changed when the lease ended
  // Cannot be judged: read from another log, before the floor, or the source was never followed. Says more
  // than a change: a withdrawal may have been missed, whatever else is known.
  kUnknown,
};

std::string_view StandingName(Standing standing);

// What is known of an entry at one moment.
struct EntryFacts {
  Standing article = Standing::kUnknown;
  Standing media = Standing::kUnknown;  // kFresh for an entry that shows nothing of media's
  bool withdrawn = false;  // something it shows was withdrawn since, as far as known, or has expired
  bool aged = false;       // time alone has made it wrong, see Dependencies::Ages
  bool not_found = false;  // it says that nothing is there
  bool gone = false;       // it says that what was there was withdrawn
  bool degraded = false;   // made while a part could not be had
  // Degraded, and pictures are among those parts; where media cannot be judged, only if none can be shown.
  bool without_images = false;
  bool other_templates = false;   // made by templates that are not in force any more
  bool by_list_alone = false;     // depends on a list, not on each story in it: see MayServeStale
  absl::Duration age = {};        // since it was made; below zero if the clock was set back since
  absl::Duration stale_for = {};  // since it was last known to be right; zero while it is
};

struct FreshnessRules {
  absl::Duration degraded_lifetime = absl::Seconds(5);  // a degraded page is tried again after this
  absl::Duration refresh_after = absl::Minutes(1);  // for what a page shows without depending on it strictly
  absl::Duration max_stale = absl::Hours(24);       // a page not known to be right is not shown after this
};

// Whether article, which decides what a page says, can be asked just now.
enum class Owner { kNotAsked, kUnreachable };

enum class Decision {
  kServe,            // as it is
  kServeAndRefresh,  // as it is, and make a new one behind the reader
  kServeStale,       // labelled as last known
  kMakeAnew,         // ask the owners
  kRefuse,           // it must not be shown, and there is no other: 410 if withdrawn, otherwise 503
};

// Whether it is shown as it is.
inline bool IsServed(Decision decision) {
  return decision == Decision::kServe || decision == Decision::kServeAndRefresh;
}

// "May I serve this entry now?": the one place that decides it. Pure.
//
// Before the owner was asked the answer is one of kServe, kServeAndRefresh and kMakeAnew; once it has turned
// out to be unreachable, one of kServe, kServeAndRefresh, kServeStale and kRefuse.
Decision Decide(const EntryFacts& entry, Owner owner, const FreshnessRules& rules);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FRESHNESS_H_
