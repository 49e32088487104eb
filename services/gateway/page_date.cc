#include "services/gateway/page_date.h"

#include <algorithm>

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kClocksApart = absl::Milliseconds(500);

}  // namespace

absl::Time DateOfPage(absl::Time made, absl::Time bound) {
  const absl::Time next = absl::FromUnixSeconds(absl::ToUnixSeconds(made + kClocksApart) + 1);
  return std::max(next, bound);
}

absl::Time DateBound(absl::Time made, absl::Time date, absl::Time now) {
  // Otherwise no answer has borne it yet if it lies ahead.
  const bool may_have_been_told = made > now;
  return may_have_been_told ? date + absl::Seconds(1) : date;
}

}  // namespace broadsheet::gateway
