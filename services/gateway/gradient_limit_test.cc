#include "services/gateway/gradient_limit.h"

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kUsual = absl::Milliseconds(5);

void Repeat(GradientLimit& limit, int times, absl::Duration duration) {
  for (int i = 0; i < times; ++i) limit.OnSample(duration, limit.limit());
}

TEST(GradientLimit, GrowsToItsMaximumWhileWorkTakesAsLongAsUsual) {
  GradientLimit limit({});
  EXPECT_EQ(limit.limit(), 128u);
  Repeat(limit, 2'000, kUsual);
  EXPECT_EQ(limit.limit(), 512u);
}

TEST(GradientLimit, ShrinksWhenWorkTakesLongerAndNotBelowItsMinimum) {
  GradientLimit limit({});
  Repeat(limit, 1'000, kUsual);
  const std::size_t before = limit.limit();
  Repeat(limit, 20, 20 * kUsual);
  EXPECT_LT(limit.limit(), before / 2);
  Repeat(limit, 100, 100 * kUsual);
  EXPECT_GE(limit.limit(), 16u);
}

TEST(GradientLimit, GrowsAgainOnceWorkIsQuickAgain) {
  GradientLimit limit({});
  Repeat(limit, 1'000, kUsual);
  Repeat(limit, 60, 50 * kUsual);
  const std::size_t low = limit.limit();
  Repeat(limit, 2'000, kUsual);
  EXPECT_GT(limit.limit(), 4 * low);
}

TEST(GradientLimit, AnOccasionalSlowOneDoesLittle) {
  GradientLimit limit({});
  Repeat(limit, 2'000, kUsual);
  limit.OnSample(100 * kUsual, limit.limit());
  EXPECT_GT(limit.limit(), 440u);
}

TEST(GradientLimit, DoesNotGrowWhenItIsNotNeeded) {
  GradientLimit limit({});
  for (int i = 0; i < 1'000; ++i) limit.OnSample(kUsual, 3);
  EXPECT_EQ(limit.limit(), 128u);
}

TEST(GradientLimit, IsConsistentWhateverItIsTold) {
  GradientLimit limit({.max = 1});
  EXPECT_EQ(limit.limit(), 1u);
  Repeat(limit, 100, absl::ZeroDuration());
  EXPECT_EQ(limit.limit(), 1u);
}

}  // namespace
}  // namespace broadsheet::gateway
