#include "libs/change/expiries.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "libs/change/follower_memory.h"

namespace broadsheet::change {
namespace {

absl::Time Second(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(Expiries, KnowsTheLastEndOfEach) {
  Expiries expiries(10);
  expiries.Set("a", Second(1));
  expiries.Set("b", Second(2));
  expiries.Set("a", Second(3));
  EXPECT_EQ(expiries.Find("a"), Second(3));
  EXPECT_EQ(expiries.Find("c"), std::nullopt);
  expiries.Forget("a");
  expiries.Forget("c");
  EXPECT_EQ(expiries.Find("a"), std::nullopt);
  EXPECT_EQ(expiries.size(), 1U);
  expiries.Clear();
  EXPECT_EQ(expiries.Find("b"), std::nullopt);
}

TEST(Expiries, OfTooManyForgetsTheOneThatLastsLongest) {
  Expiries expiries(2);
  expiries.Set("a", Second(3));
  expiries.Set("b", Second(2));
  expiries.Set("a", Second(1));
  expiries.Set("c", Second(4));
  EXPECT_EQ(expiries.Find("c"), std::nullopt);
  expiries.Set("d", Second(1));
  EXPECT_EQ(expiries.Find("a"), Second(1));
  EXPECT_EQ(expiries.Find("b"), std::nullopt);
  EXPECT_EQ(expiries.Find("d"), Second(1));
  EXPECT_EQ(expiries.size(), 2U);
}

// With a look at all that are known for each of these, it would not come to an end in time.
TEST(FollowerMemory, NotesEndsOfNewSubjectsWithoutALookAtAllOthers) {
  constexpr int kKnown = 100'000;
  FollowerMemory memory(Clock::Boot(), 1000, kKnown);
  memory.Reset("log", 0);
  v1::Change change;
  for (int i = 1; i <= 5 * kKnown; ++i) {
    change.set_position(i);
    change.set_subject(absl::StrCat("article/", i));
    change.mutable_expires_at()->set_seconds(i);
    memory.Note(change);
  }
  EXPECT_TRUE(memory.IsWithdrawn("article/1"));
  EXPECT_TRUE(memory.IsWithdrawn(absl::StrCat("article/", kKnown - 1)));
  EXPECT_FALSE(memory.IsWithdrawn(absl::StrCat("article/", kKnown + 1))) << "one that lasted longer";
}

}  // namespace
}  // namespace broadsheet::change
