#include "services/gateway/page_date.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kToldOfEarlier = absl::Seconds(1);  // a lease, and how far clocks are apart
constexpr absl::Duration kBelieved = absl::Minutes(10);

}  // namespace

absl::Time DateOfPage(absl::Time made) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(made + kToldOfEarlier) + 1);
}

absl::Time DatingClock::Now(absl::Time wall, absl::Time steady) {
  std::lock_guard lock(mutex_);
  const absl::Time expected = latest_ + (steady - latest_steady_);
  const bool set_back = wall < expected && expected - wall <= kBelieved;
  latest_ = set_back ? expected : wall;
  latest_steady_ = steady;
  return latest_;
}

}  // namespace broadsheet::gateway
