#include "libs/change/lease_holder.h"

#include <algorithm>

namespace broadsheet::change {

void LeaseHolder::Grant(std::int64_t carried, absl::Duration until, absl::Duration now) {
  while (!grants_.empty() && grants_.front().until <= now) grants_.pop_front();
  if (!grants_.empty() && grants_.back().carried == carried) {
    grants_.back().until = until;
  } else {
    grants_.push_back({carried, until});
  }
}

bool LeaseHolder::MayUseOlderThan(std::int64_t position, absl::Duration now) const {
  return acknowledged_ < position && now < OlderUntil(position);
}

absl::Duration LeaseHolder::OlderUntil(std::int64_t position) const {
  absl::Duration until;
  for (const Lease& lease : grants_) {
    if (lease.carried < position) until = lease.until;
  }
  return until;
}

std::int64_t LeaseHolder::OldestInUse(std::int64_t head, absl::Duration now) const {
  for (const Lease& lease : grants_) {
    if (now < lease.until) return std::min(head, std::max(acknowledged_, lease.carried));
  }
  return head;
}

}  // namespace broadsheet::change
