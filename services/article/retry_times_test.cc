#include "services/article/retry_times.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'763'900'000);

TEST(RetryTimes, PutsNothingOffThatDidNotFail) { EXPECT_FALSE(RetryTimes().IsPutOff("a", kNow)); }

TEST(RetryTimes, WaitsTwiceAsLongEachTimeUpToFiveMinutes) {
  RetryTimes times;
  absl::Time now = kNow;
  for (int seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    times.PutOff("a", now, true);
    EXPECT_TRUE(times.IsPutOff("a", now + absl::Seconds(seconds) - absl::Microseconds(1))) << seconds;
    now += absl::Seconds(seconds);
    EXPECT_FALSE(times.IsPutOff("a", now)) << seconds;
    EXPECT_FALSE(times.IsPutOff("b", now));
  }
}

TEST(RetryTimes, DoesNotWaitLongerUnlessToldTo) {
  RetryTimes times;
  for (int i = 0; i < 5; ++i) times.PutOff("a", kNow, false);
  EXPECT_FALSE(times.IsPutOff("a", kNow + absl::Seconds(1)));
}

TEST(RetryTimes, BeginsAnewOnceForgotten) {
  RetryTimes times;
  for (int i = 0; i < 5; ++i) times.PutOff("a", kNow, true);
  times.Forget("a");
  EXPECT_FALSE(times.IsPutOff("a", kNow));
  times.PutOff("a", kNow, true);
  EXPECT_FALSE(times.IsPutOff("a", kNow + absl::Seconds(1)));
}

TEST(RetryTimes, AClockSetBackMakesNobodyWait) {
  RetryTimes times;
  times.PutOff("a", kNow, true);
  EXPECT_FALSE(times.IsPutOff("a", kNow - absl::Hours(1)));
}

TEST(RetryTimes, KeepsABoundedNumberAndForgetsWhatDoesNotComeUpAgain) {
  RetryTimes times;
  for (std::size_t i = 0; i < 2 * RetryTimes::kMaxEntries; ++i) times.PutOff(absl::StrCat(i), kNow, true);
  EXPECT_EQ(times.size(), RetryTimes::kMaxEntries);
  EXPECT_TRUE(times.IsPutOff("0", kNow));
  times.PutOff("x", kNow + absl::Hours(1), true);
  EXPECT_EQ(times.size(), 1U);
}

}  // namespace
}  // namespace broadsheet::article
