#include "services/gateway/told_withdrawals.h"

#include <string>

#include "gtest/gtest.h"
#include "services/gateway/snapshot_testing.h"

namespace broadsheet::gateway {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

TEST(ToldWithdrawals, RuleOutWhatWasReadBeforeUntilTheFollowerHasComeThatFar) {
  ToldWithdrawals told;
  EXPECT_TRUE(told.none());
  told.Note("article/pier", SnapshotAt("log", 7), kNow);
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 6, {}}, "log", kNow + absl::Hours(1)));
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 6, {}}, "", kNow));
  EXPECT_FALSE(told.RuleOut("article/pier", {"log", 7, {}}, "log", kNow));
  EXPECT_FALSE(told.RuleOut("article/bridge", {"log", 6, {}}, "log", kNow));
  EXPECT_TRUE(told.RuleOutAny({"log", 6, {}}, "log", kNow));
  EXPECT_FALSE(told.RuleOutAny({"log", 7, {}}, "log", kNow));
  told.Passed("log", 6);
  told.Passed("other", 9);
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 6, {}}, "log", kNow));
  told.Passed("log", 7);
  EXPECT_TRUE(told.none());
  EXPECT_FALSE(told.RuleOut("article/pier", {"log", 6, {}}, "log", kNow));
}

TEST(ToldWithdrawals, CountForAMinuteAgainstWhatWasReadFromAnotherLogThatIsFollowed) {
  ToldWithdrawals told;
  told.Note("article/pier", SnapshotAt("restored", 7), kNow);
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 90, {}}, "log", kNow + absl::Seconds(59)));
  EXPECT_FALSE(told.RuleOut("article/pier", {"log", 90, {}}, "log", kNow + absl::Seconds(60)));
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 90, {}}, "restored", kNow + absl::Seconds(60)));
}

TEST(ToldWithdrawals, AreForgottenWhenAnotherLogIsFollowed) {
  ToldWithdrawals told;
  told.Note("article/pier", SnapshotAt("log", 7), kNow);
  told.KeepOnly("log");
  EXPECT_FALSE(told.none());
  told.KeepOnly("restored");
  EXPECT_TRUE(told.none());
}

TEST(ToldWithdrawals, AreNotTakenBackByAReplicaThatLagsBehind) {
  ToldWithdrawals told;
  told.Note("article/pier", SnapshotAt("log", 7), kNow);
  told.Note("article/pier", SnapshotAt("log", 5), kNow);
  EXPECT_TRUE(told.RuleOut("article/pier", {"log", 6, {}}, "log", kNow));
}

TEST(ToldWithdrawals, AreBounded) {
  ToldWithdrawals told(2);
  int second = 0;
  for (const char* tag : {"article/a", "article/b", "article/b", "article/c"})
    told.Note(tag, SnapshotAt("log", 7), kNow + absl::Seconds(++second));
  EXPECT_FALSE(told.RuleOut("article/a", {"log", 1, {}}, "log", kNow));
  EXPECT_TRUE(told.RuleOut("article/b", {"log", 1, {}}, "log", kNow));
  EXPECT_TRUE(told.RuleOut("article/c", {"log", 1, {}}, "log", kNow));
}

}  // namespace
}  // namespace broadsheet::gateway
