#include "services/gateway/page_date.h"

#include <random>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

const absl::Time kMidnight = absl::FromCivil(absl::CivilDay(2026, 11, 29), absl::UTCTimeZone());

absl::Time At(double seconds) { return kMidnight + absl::Seconds(seconds); }

TEST(DateOfPage, IsTheFirstSecondThatBeginsMoreThanASecondLater) {
  EXPECT_EQ(DateOfPage(At(10)), At(12));
  EXPECT_EQ(DateOfPage(At(10.999)), At(12));
  EXPECT_EQ(DateOfPage(At(11)), At(13));
}

// Two gateways make each version when they are first asked. The one that has the version before tells its
// date once its clock has come to it, until the publication returns.
TEST(DateOfPage, IsLaterThanAnyThatWasToldOfTheVersionBefore) {
  std::mt19937 random(20261129);
  std::uniform_real_distribution<double> any(0, 1);
  for (int i = 0; i < 100'000; ++i) {
    const double apart = any(random) - 0.5, made = 100 + any(random), changed = made + 3 * any(random);
    const double returned = changed + 0.5 * any(random);
    const absl::Time date = DateOfPage(At(made + apart));
    if (date > At(returned + apart)) continue;  // nobody was told of it
    EXPECT_GT(DateOfPage(At(changed)), date) << made << " " << changed << " " << returned << " " << apart;
  }
}

TEST(DatingClock, GoesWithTheWallClock) {
  DatingClock clock;
  EXPECT_EQ(clock.Now(At(10), At(1000)), At(10));
  EXPECT_EQ(clock.Now(At(12), At(1002)), At(12));
  EXPECT_EQ(clock.Now(At(90), At(1003)), At(90)) << "put forward";
}

TEST(DatingClock, GoesOnWhenTheWallClockIsPutBackUntilThatHasCaughtUp) {
  DatingClock clock;
  clock.Now(At(600), At(1000));
  EXPECT_EQ(clock.Now(At(301), At(1001)), At(601));
  EXPECT_EQ(clock.Now(At(302), At(1002)), At(602));
  EXPECT_EQ(clock.Now(At(700), At(1003)), At(700));
}

TEST(DatingClock, BelievesALargeCorrection) {
  DatingClock clock;
  clock.Now(At(3600), At(1000));
  EXPECT_EQ(clock.Now(At(10), At(1001)), At(10));
  EXPECT_EQ(clock.Now(At(11), At(1002)), At(11));
}

}  // namespace
}  // namespace broadsheet::gateway
