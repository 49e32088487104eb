#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_

#include <mutex>

#include "absl/time/time.h"

// Dates for Last-Modified, such that whoever has the date of an earlier version of a page and nothing else is
// not told that it has not changed: not within one second, and not by another gateway than the one that made
// the earlier version. They rest on http::Content, which leaves a date out of answers as long as it lies
// ahead.
namespace broadsheet::gateway {

// The date of a page that was made at `made`, a whole second: the first that begins more than a second later.
//
// The version before this one may be served until its publication returns: by the gateways that do not
// answer, for as long as article's lease is, half a second by default. Their clocks may be another half
// second fast. They tell no date that is later than their clocks, and this page was made after the change: so
// none as late as this one's.
absl::Time DateOfPage(absl::Time made);

// What pages are dated by: the wall clock, but never set back, so that a version is not dated before the one
// that it replaces. A correction of more than ten minutes is believed all the same: the time was wrong, and
// what was dated by it would have no date for as long. Thread-safe.
class DatingClock {
 public:
  // `steady`: time since an arbitrary moment.
  absl::Time Now(absl::Time wall, absl::Time steady);

 private:
  std::mutex mutex_;
  absl::Time latest_ = absl::InfinitePast();  // what was answered last, guarded by mutex_
  absl::Time latest_steady_;                  // and when, guarded by mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_DATE_H_
