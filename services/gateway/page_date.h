#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_

#include "absl/time/time.h"

// Dates for Last-Modified, such that whoever has an earlier version of a page and nothing but its date is
// never told that it has not changed: not within one second, and not by another gateway that made the earlier
// version. They rest on http::Content, which leaves a date out of answers as long as it lies ahead.
namespace broadsheet::gateway {

// The date of a page that was made at `made`, a whole second: the next one that begins, also by the clock of
// another gateway that is half a second fast; and none before `bound`.
//
// Nobody has the version before this one with a later date than when it was changed, by the clock of the
// gateway he had it from: no answer bore one, and this page was made after the change.
absl::Time DateOfPage(absl::Time made, absl::Time bound);

// Before which no version that is made at `now` may be dated, where one is known that was made at `made` and
// has `date` (InfinitePast: none). It matters where that is of a time to come: this clock has been put back,
// or its maker's is fast.
absl::Time DateBound(absl::Time made, absl::Time date, absl::Time now);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_
