#include "services/media/work_slots.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace broadsheet::media {

absl::StatusOr<WorkSlots::Lease> WorkSlots::Acquire(absl::Time deadline,
                                                    const std::function<bool()>& abandoned) {
  constexpr absl::Duration kStep = absl::Milliseconds(200);
  const absl::MutexLock lock(&mutex_);
  if (free_ > 0) {
    --free_;
    return Lease(this);
  }
  if (places_ == 0) return absl::ResourceExhaustedError(absl::StrCat("too many ", what_, " at once"));
  --places_;
  const auto leave = absl::MakeCleanup([this] {
    mutex_.AssertHeld();
    ++places_;
  });
  const absl::Condition is_free(
      +[](int* free) { return *free > 0; }, &free_);
  while (!mutex_.AwaitWithDeadline(is_free, std::min(deadline, absl::Now() + kStep))) {
    if (abandoned()) return absl::CancelledError("the caller has gone");
    if (absl::Now() >= deadline)
      return absl::ResourceExhaustedError(absl::StrCat("too many ", what_, " at once"));
  }
  --free_;
  return Lease(this);
}

void WorkSlots::Release() {
  const absl::MutexLock lock(&mutex_);
  ++free_;
}

}  // namespace broadsheet::media
