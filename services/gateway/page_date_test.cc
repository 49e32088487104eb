#include "services/gateway/page_date.h"

#include <algorithm>
#include <random>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

const absl::Time kMidnight = absl::FromCivil(absl::CivilDay(2026, 11, 29), absl::UTCTimeZone());

absl::Time At(double seconds) { return kMidnight + absl::Seconds(seconds); }

TEST(DateOfPage, IsTheSecondThatBeginsNextByAClockThatIsHalfASecondFast) {
  const absl::Time none = absl::InfinitePast();
  EXPECT_EQ(DateOfPage(At(10), none), At(11));
  EXPECT_EQ(DateOfPage(At(10.499), none), At(11));
  EXPECT_EQ(DateOfPage(At(10.5), none), At(12));
  EXPECT_EQ(DateOfPage(At(10.999), none), At(12));
}

TEST(DateOfPage, IsNoneBeforeTheBound) {
  EXPECT_EQ(DateOfPage(At(10), At(10)), At(11));
  EXPECT_EQ(DateOfPage(At(10), At(12)), At(12));
}

TEST(DateBound, IsADateThatNobodyHasBeenToldOfItselfAndOtherwiseTheSecondAfterIt) {
  EXPECT_EQ(DateBound(At(10), At(11), At(10.2)), At(11))
      << "many versions in a second do not run ahead of it";
  EXPECT_EQ(DateBound(At(10), At(11), At(7)), At(12)) << "the clock was put back";
  EXPECT_EQ(DateBound(At(10), absl::InfinitePast(), At(7)), absl::InfinitePast());
}

// Two gateways make each version when they are first asked, and tell its date once their clocks have come to
// it.
TEST(DateOfPage, IsLaterThanAnyThatWasToldOfTheVersionBefore) {
  std::mt19937 random(20261129);
  std::uniform_real_distribution<double> any(0, 1);
  for (int i = 0; i < 100'000; ++i) {
    const double fast = any(random) - 0.5;  // one of the clocks, at most half a second either way
    const double made = 100 + any(random), changed = made + 3 * any(random),
                 asked = changed + any(random) / 10;
    const absl::Time date = DateOfPage(At(made + fast), absl::InfinitePast());
    if (date > At(changed + fast)) continue;  // nobody was told of it
    EXPECT_GT(DateOfPage(At(asked), absl::InfinitePast()), date) << made << " " << changed << " " << fast;
  }
}

}  // namespace
}  // namespace broadsheet::gateway
