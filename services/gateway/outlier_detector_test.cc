#include "services/gateway/outlier_detector.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OutlierDetectorTest : public testing::Test {
 protected:
  // Whether one of them changed who is left alone.
  bool Calls(const std::string& replica, int calls, bool failed) {
    bool changed = false;
    const CallOutcome outcome = failed ? CallOutcome::kFailed : CallOutcome::kWell;
    for (int i = 0; i < calls; ++i) changed = detector_.OnCall(replica, outcome, now_) || changed;
    return changed;
  }

  OutlierDetector detector_{OutlierDetector::Options()};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
};

TEST_F(OutlierDetectorTest, AReplicaThatFailsInARowIsLeftAlone) {
  Calls("a", 10, false);
  EXPECT_FALSE(Calls("b", 4, true));
  Calls("b", 1, false);
  EXPECT_FALSE(Calls("b", 4, true));
  EXPECT_TRUE(Calls("b", 1, true));
  EXPECT_THAT(detector_.ejected(), ElementsAre("b"));
  EXPECT_THAT(detector_.admitted(now_), ElementsAre("a"));
}

TEST_F(OutlierDetectorTest, AReplicaThatFailsHalfTheCallsOfAnIntervalIsLeftAlone) {
  Calls("a", 1, false);
  for (int i = 0; i < 24; ++i) {
    EXPECT_FALSE(Calls("b", 1, false));
    EXPECT_FALSE(Calls("b", 1, true));
  }
  EXPECT_FALSE(Calls("b", 1, false));
  EXPECT_TRUE(Calls("b", 1, true));
  EXPECT_THAT(detector_.ejected(), ElementsAre("b"));
}

TEST_F(OutlierDetectorTest, FailuresOfDifferentIntervalsAreNotAddedUp) {
  Calls("a", 1, false);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(Calls("b", 1, false));
    EXPECT_FALSE(Calls("b", 1, true));
    now_ += absl::Seconds(1);
    Calls("a", 1, false);
  }
}

TEST_F(OutlierDetectorTest, SilenceCountsForWhoeverHasNotAnsweredForTheLongestTime) {
  Calls("a", 1, false);
  now_ += absl::Milliseconds(1);
  Calls("b", 1, false);
  for (int i = 0; i < 4; ++i) {
    now_ += absl::Milliseconds(1);
    Calls("a", 1, false);
    EXPECT_FALSE(detector_.OnSilence(now_));
  }
  now_ += absl::Milliseconds(1);
  Calls("b", 1, false);  // was slow only
  for (int i = 0; i < 4; ++i) {
    now_ += absl::Milliseconds(1);
    Calls("a", 1, false);
    EXPECT_FALSE(detector_.OnSilence(now_));
  }
  EXPECT_TRUE(detector_.OnSilence(now_));
  EXPECT_THAT(detector_.ejected(), ElementsAre("b"));
}

TEST_F(OutlierDetectorTest, TheOnlyReplicaIsNeverLeftAlone) {
  EXPECT_FALSE(Calls("a", 1000, true));
  EXPECT_THAT(detector_.ejected(), IsEmpty());
}

TEST_F(OutlierDetectorTest, AtMostHalfAreLeftAloneAndAllComeBackWhenTheOthersFailToo) {
  for (const char* replica : {"a", "b", "c"}) Calls(replica, 1, false);
  EXPECT_TRUE(Calls("a", 5, true));
  EXPECT_THAT(detector_.ejected(), ElementsAre("a"));
  EXPECT_TRUE(Calls("b", 5, true));
  EXPECT_THAT(detector_.ejected(), IsEmpty());
}

TEST_F(OutlierDetectorTest, OneThatComesBackIsTriedOnceAndLeftAloneForLonger) {
  Calls("a", 1, false);
  Calls("b", 5, true);
  now_ += absl::Seconds(9);
  EXPECT_FALSE(detector_.ReadmitDue(now_));
  now_ += absl::Seconds(1);
  EXPECT_TRUE(detector_.ReadmitDue(now_));
  EXPECT_THAT(detector_.ejected(), IsEmpty());
  Calls("a", 1, false);
  EXPECT_TRUE(Calls("b", 1, true));
  now_ += absl::Seconds(19);
  EXPECT_FALSE(detector_.ReadmitDue(now_));
  now_ += absl::Seconds(1);
  EXPECT_TRUE(detector_.ReadmitDue(now_));
  EXPECT_FALSE(Calls("b", 1, false));  // well again
  EXPECT_FALSE(Calls("b", 4, true));
}

TEST_F(OutlierDetectorTest, NobodyIsLeftAloneForLongerThanAMinute) {
  for (int i = 0; i < 40; ++i) {
    Calls("a", 1, false);
    Calls("b", 5, true);
    now_ += absl::Minutes(1);
    EXPECT_TRUE(detector_.ReadmitDue(now_)) << i;
  }
}

TEST_F(OutlierDetectorTest, AReplicaThatIsGoneDoesNotCount) {
  Calls("a", 1, false);
  now_ += absl::Minutes(2);
  EXPECT_FALSE(Calls("b", 100, true));
  EXPECT_THAT(detector_.admitted(now_), ElementsAre("b"));
}

TEST_F(OutlierDetectorTest, AllComeBackWhenTheOthersHaveFallenSilent) {
  Calls("a", 1, false);
  Calls("b", 5, true);
  for (int i = 0; i < 5; ++i) {
    now_ += absl::Seconds(3);
    detector_.OnSilence(now_);
  }
  EXPECT_THAT(detector_.ejected(), IsEmpty());
}

TEST_F(OutlierDetectorTest, WhenAllFailItDoesNotGoToAndFro) {
  int changes = 0;
  for (int i = 0; i < 100; ++i) {
    changes += Calls("a", 1, true) ? 1 : 0;
    changes += Calls("b", 1, true) ? 1 : 0;
  }
  EXPECT_LE(changes, 2);
}

}  // namespace
}  // namespace broadsheet::gateway
