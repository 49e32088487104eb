#include "tests/faults/stalls.h"

#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

constexpr std::int64_t kMilli = 1'000'000;

TEST(Stalls, TouchWhatOverlapsThemAndWhatComesSoonAfter) {
  Stalls stalls;
  EXPECT_FALSE(stalls.Touch(0, 1000 * kMilli, absl::Milliseconds(10)));
  stalls.Note(100 * kMilli, 150 * kMilli);
  EXPECT_FALSE(stalls.Touch(80 * kMilli, 99 * kMilli, absl::Milliseconds(10)));
  EXPECT_TRUE(stalls.Touch(80 * kMilli, 100 * kMilli, absl::Milliseconds(10)));
  EXPECT_TRUE(stalls.Touch(120 * kMilli, 130 * kMilli, absl::Milliseconds(10)));
  EXPECT_TRUE(stalls.Touch(159 * kMilli, 200 * kMilli, absl::Milliseconds(10)));
  EXPECT_FALSE(stalls.Touch(160 * kMilli, 200 * kMilli, absl::Milliseconds(10)));
  EXPECT_EQ(stalls.Total(absl::ZeroDuration()), absl::Milliseconds(50));
  stalls.Note(155 * kMilli, 170 * kMilli);
  EXPECT_EQ(stalls.Total(absl::ZeroDuration()), absl::Milliseconds(65));
  EXPECT_EQ(stalls.Total(absl::Milliseconds(10)), absl::Milliseconds(80));
}

}  // namespace
}  // namespace broadsheet::faults
