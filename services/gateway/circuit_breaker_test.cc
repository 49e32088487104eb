#include "services/gateway/circuit_breaker.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kOpenFor = absl::Milliseconds(500);

class CircuitBreakerTest : public testing::Test {
 protected:
  void FailTimes(int times) {
    for (int i = 0; i < times; ++i) breaker_.Failed(now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  CircuitBreaker breaker_{{.failures_to_open = 3, .open_for = kOpenFor}};
};

TEST_F(CircuitBreakerTest, StaysClosedWhileCallsSucceedNowAndThen) {
  for (int i = 0; i < 10; ++i) {
    FailTimes(2);
    breaker_.Succeeded();
  }
  EXPECT_TRUE(breaker_.Allow(now_));
  EXPECT_FALSE(breaker_.open(now_));
}

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  FailTimes(3);
  EXPECT_TRUE(breaker_.open(now_));
  EXPECT_FALSE(breaker_.Allow(now_));
  EXPECT_FALSE(breaker_.Allow(now_ + kOpenFor - absl::Nanoseconds(1)));
}

TEST_F(CircuitBreakerTest, LetsOneCallThroughToSee) {
  FailTimes(3);
  now_ += kOpenFor;
  EXPECT_FALSE(breaker_.open(now_));
  EXPECT_TRUE(breaker_.Allow(now_));
  EXPECT_FALSE(breaker_.Allow(now_));
  EXPECT_TRUE(breaker_.open(now_));
}

TEST_F(CircuitBreakerTest, ClosesWhenThatCallSucceeds) {
  FailTimes(3);
  now_ += kOpenFor;
  ASSERT_TRUE(breaker_.Allow(now_));
  breaker_.Succeeded();
  EXPECT_TRUE(breaker_.Allow(now_));
  EXPECT_TRUE(breaker_.Allow(now_));
}

TEST_F(CircuitBreakerTest, OpensAgainWhenThatCallFails) {
  FailTimes(3);
  now_ += kOpenFor;
  ASSERT_TRUE(breaker_.Allow(now_));
  breaker_.Failed(now_);
  EXPECT_FALSE(breaker_.Allow(now_ + kOpenFor - absl::Nanoseconds(1)));
  EXPECT_TRUE(breaker_.Allow(now_ + kOpenFor));
}

TEST_F(CircuitBreakerTest, TriesAgainWhenThatCallEndedWithoutAnAnswer) {
  FailTimes(3);
  now_ += kOpenFor;
  ASSERT_TRUE(breaker_.Allow(now_));
  breaker_.Abandoned();
  EXPECT_TRUE(breaker_.Allow(now_));
}

}  // namespace
}  // namespace broadsheet::gateway
