#include "services/gateway/told_withdrawals.h"

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

change::v1::Snapshot At(const std::string& log_id, std::int64_t position) {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(log_id);
  snapshot.set_position(position);
  return snapshot;
}

TEST(ToldWithdrawals, RuleOutWhatWasReadBeforeUntilTheFollowerHasComeThatFar) {
  ToldWithdrawals told;
  told.Note("article/pier", At("log", 7));
  EXPECT_TRUE(told.Rule("article/pier", {"log", 6, {}}, At("log", 6)));
  EXPECT_TRUE(told.Rule("article/pier", {"log", 6, {}}, At("", 0)));
  EXPECT_FALSE(told.Rule("article/pier", {"log", 6, {}}, At("log", 7)));
  EXPECT_FALSE(told.Rule("article/pier", {"log", 7, {}}, At("log", 6)));
  EXPECT_FALSE(told.Rule("article/bridge", {"log", 6, {}}, At("log", 6)));
}

TEST(ToldWithdrawals, RuleOutWhatWasReadFromAnotherLog) {
  ToldWithdrawals told;
  told.Note("article/pier", At("restored", 7));
  EXPECT_TRUE(told.Rule("article/pier", {"log", 90, {}}, At("log", 90)));
  EXPECT_FALSE(told.Rule("article/pier", {"log", 90, {}}, At("restored", 8)));
}

TEST(ToldWithdrawals, AreBounded) {
  ToldWithdrawals told(2);
  for (const char* tag : {"article/a", "article/b", "article/b", "article/c"}) told.Note(tag, At("log", 7));
  EXPECT_FALSE(told.Rule("article/a", {"log", 1, {}}, At("log", 1)));
  EXPECT_TRUE(told.Rule("article/b", {"log", 1, {}}, At("log", 1)));
  EXPECT_TRUE(told.Rule("article/c", {"log", 1, {}}, At("log", 1)));
}

}  // namespace
}  // namespace broadsheet::gateway
