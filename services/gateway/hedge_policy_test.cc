#include "services/gateway/hedge_policy.h"

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

TEST(HedgePolicy, DoesNothingBeforeItKnowsWhatIsSlow) {
  HedgePolicy policy({});
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(policy.OnCall(), absl::InfiniteDuration());
    policy.OnLatency(absl::Milliseconds(1));
  }
}

TEST(HedgePolicy, WaitsForAsLongAsNineteenOfTwentyCallsTake) {
  HedgePolicy policy({});
  for (int i = 0; i < 200; ++i) {
    policy.OnCall();
    policy.OnLatency(i % 10 < 9 ? absl::Milliseconds(3) : absl::Milliseconds(20));
  }
  EXPECT_EQ(policy.OnCall(), absl::Milliseconds(20));
}

TEST(HedgePolicy, FollowsAServiceThatBecomesSlower) {
  HedgePolicy policy({});
  for (int i = 0; i < 256; ++i) policy.OnLatency(absl::Milliseconds(2));
  for (int i = 0; i < 256; ++i) policy.OnLatency(absl::Milliseconds(50));
  for (int i = 0; i < 40; ++i) policy.OnCall();
  EXPECT_EQ(policy.OnCall(), absl::Milliseconds(50));
}

TEST(HedgePolicy, NeverWaitsForLessThanItsLeast) {
  HedgePolicy policy({});
  for (int i = 0; i < 100; ++i) {
    policy.OnCall();
    policy.OnLatency(absl::Microseconds(10));
  }
  EXPECT_EQ(policy.OnCall(), absl::Milliseconds(1));
}

TEST(HedgePolicy, OfAllCallsAtMostOneInTwentyIsMadeTwice) {
  HedgePolicy policy({});
  int second = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (policy.OnCall() != absl::InfiniteDuration() && policy.TakeToken()) ++second;
    policy.OnLatency(absl::Milliseconds(3));
  }
  EXPECT_LE(second, 500);
  EXPECT_GE(second, 490);
}

TEST(HedgePolicy, WhatIsSavedUpIsBounded) {
  HedgePolicy policy({});
  for (int i = 0; i < 10'000; ++i) policy.OnCall();
  int second = 0;
  while (policy.TakeToken()) ++second;
  EXPECT_EQ(second, 10);
}

}  // namespace
}  // namespace broadsheet::gateway
