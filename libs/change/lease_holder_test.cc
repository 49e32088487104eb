#include "libs/change/lease_holder.h"

#include "gtest/gtest.h"
#include "libs/change/recent_changes.h"

namespace broadsheet::change {
namespace {

constexpr absl::Duration Ms(int milliseconds) { return absl::Milliseconds(milliseconds); }

TEST(LeaseHolder, WithoutALeaseUsesNothing) {
  const LeaseHolder holder("gateway", "peer");
  EXPECT_FALSE(holder.Holds(Ms(1)));
  EXPECT_FALSE(holder.MayUseOlderThan(1, Ms(1)));
}

TEST(LeaseHolder, MayUseWhatIsOlderUntilItAcknowledgesOrItsLeaseEnds) {
  LeaseHolder holder("gateway", "peer");
  holder.Grant(4, Ms(500), Ms(0));
  EXPECT_TRUE(holder.MayUseOlderThan(5, Ms(499)));
  EXPECT_FALSE(holder.MayUseOlderThan(5, Ms(500)));
  EXPECT_FALSE(holder.MayUseOlderThan(4, Ms(1)));  // it applied 4 to get the lease
  holder.Acknowledge(5);
  EXPECT_FALSE(holder.MayUseOlderThan(5, Ms(1)));
  EXPECT_TRUE(holder.MayUseOlderThan(6, Ms(1)));
}

TEST(LeaseHolder, ALeaseGrantedWithTheChangeDoesNotProlongTheWaitForIt) {
  LeaseHolder holder("gateway", "peer");
  holder.Grant(4, Ms(500), Ms(0));
  holder.Grant(5, Ms(660), Ms(160));  // carried change 5
  EXPECT_EQ(holder.OlderUntil(5), Ms(500));
  EXPECT_TRUE(holder.MayUseOlderThan(5, Ms(499)));
  EXPECT_FALSE(holder.MayUseOlderThan(5, Ms(500)));
  EXPECT_TRUE(holder.Holds(Ms(600)));
}

TEST(LeaseHolder, TheOldestInUseIsWhatTheOldestRunningLeaseCarriedUnlessMoreWasAcknowledged) {
  LeaseHolder holder("gateway", "peer");
  EXPECT_EQ(holder.OldestInUse(9, Ms(0)), 9);  // it uses nothing
  holder.Grant(4, Ms(500), Ms(0));
  holder.Grant(6, Ms(660), Ms(160));
  EXPECT_EQ(holder.OldestInUse(9, Ms(499)), 4);
  EXPECT_EQ(holder.OldestInUse(9, Ms(500)), 6);
  holder.Acknowledge(7);
  EXPECT_EQ(holder.OldestInUse(9, Ms(499)), 7);
  EXPECT_EQ(holder.OldestInUse(9, Ms(660)), 9);
}

TEST(LeaseHolder, ARenewalWithoutNewsProlongsTheLease) {
  LeaseHolder holder("gateway", "peer");
  holder.Grant(4, Ms(500), Ms(0));
  holder.Grant(4, Ms(660), Ms(160));
  EXPECT_TRUE(holder.MayUseOlderThan(5, Ms(659)));
  EXPECT_FALSE(holder.MayUseOlderThan(5, Ms(660)));
}

v1::Change At(std::int64_t position) {
  v1::Change change;
  change.set_position(position);
  return change;
}

TEST(RecentChanges, TakesOnlyWhatFollowsWithoutAGap) {
  RecentChanges recent(3, 2);
  EXPECT_FALSE(recent.Append({At(5)}));
  EXPECT_FALSE(recent.Append({At(4), At(6)}));
  EXPECT_EQ(recent.head(), 3);
  EXPECT_TRUE(recent.Append({At(4), At(5), At(6)}));
  EXPECT_EQ(recent.head(), 6);
  EXPECT_EQ(recent.floor(), 4);  // keeps two
  v1::FollowResponse message;
  EXPECT_EQ(recent.Fill(4, message), 6);
  EXPECT_EQ(message.changes_size(), 2);
  EXPECT_EQ(message.changes(0).position(), 5);
  EXPECT_EQ(recent.Fill(6, message), 6);
}

TEST(RecentChanges, FillsNoMessageBeyondItsBounds) {
  RecentChanges recent(0, 5000);
  std::vector<v1::Change> changes;
  for (int i = 1; i <= 1500; ++i) changes.push_back(At(i));
  ASSERT_TRUE(recent.Append(std::move(changes)));
  v1::FollowResponse many;
  EXPECT_EQ(recent.Fill(0, many), 1000);
  v1::Change large = At(1501);
  for (int i = 0; i < 1000; ++i) large.add_tags(std::string(500, 't'));
  v1::Change larger = large;
  larger.set_position(1502);
  v1::Change next = large;
  next.set_position(1503);
  ASSERT_TRUE(recent.Append({large, larger, next}));
  v1::FollowResponse few;
  EXPECT_EQ(recent.Fill(1500, few), 1503);
  EXPECT_LT(few.ByteSizeLong(), 2U * kMaxBytesPerMessage);
}

}  // namespace
}  // namespace broadsheet::change
