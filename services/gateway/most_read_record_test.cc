#include "services/gateway/most_read_record.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

class MostReadRecordTest : public testing::Test {
 protected:
  // An answer that named these, all of them published.
  void Answered(const std::vector<std::string>& ids, absl::Time at) {
    ASSERT_TRUE(record_.Take(ids, ids.size(), at).ok());
    ASSERT_FALSE(record_.IsNonsense(ids, ids));
  }

  MostReadRecord record_;
};

TEST_F(MostReadRecordTest, AnAnswerStandsForAMinute) {
  Answered({"a", "b"}, kStart);
  EXPECT_THAT(record_.Fresh(kStart + absl::Seconds(59)), Optional(ElementsAre("a", "b")));
  EXPECT_EQ(record_.Fresh(kStart + absl::Minutes(1)), std::nullopt);
  EXPECT_THAT(record_.Known(), ElementsAre("a", "b"));
}

TEST_F(MostReadRecordTest, WhereNobodyHasReadAnythingYetAnEmptyAnswerIsTheTruth) {
  EXPECT_TRUE(record_.Take({}, 0, kStart).ok());
  EXPECT_THAT(record_.Fresh(kStart), Optional(IsEmpty()));
  EXPECT_FALSE(record_.IsNonsense({}, {}));
  EXPECT_TRUE(record_.Take({}, 0, kStart + absl::Hours(100)).ok());
}

TEST_F(MostReadRecordTest, AnEmptyAnswerIsNotBelievedSoonAfterStoriesWereNamed) {
  Answered({"a"}, kStart);
  EXPECT_TRUE(absl::IsInternal(record_.Take({}, 0, kStart + absl::Minutes(59))));
  EXPECT_THAT(record_.Known(), ElementsAre("a"));
  EXPECT_EQ(record_.Fresh(kStart + absl::Minutes(59)), std::nullopt) << "it is asked for again";
  EXPECT_TRUE(record_.Take({}, 0, kStart + absl::Hours(1)).ok());
  EXPECT_THAT(record_.Known(), IsEmpty());
}

TEST_F(MostReadRecordTest, StoriesWithoutIdsAreNonsense) {
  EXPECT_TRUE(absl::IsInternal(record_.Take({}, 3, kStart)));
  Answered({"a"}, kStart);
  EXPECT_TRUE(absl::IsInternal(record_.Take({}, 3, kStart + absl::Hours(100))));
  EXPECT_THAT(record_.Known(), ElementsAre("a"));
}

TEST_F(MostReadRecordTest, AnAnswerOfNothingThatIsPublishedIsNonsenseAndReplacesNothing) {
  Answered({"a", "b"}, kStart);
  ASSERT_TRUE(record_.Take({"x", "y"}, 2, kStart + absl::Minutes(1)).ok());
  EXPECT_THAT(record_.Known(), ElementsAre("a", "b"));
  EXPECT_TRUE(record_.IsNonsense({"x", "y"}, {}));
  EXPECT_THAT(record_.Known(), ElementsAre("a", "b"));
  EXPECT_EQ(record_.Fresh(kStart + absl::Minutes(1)), std::nullopt) << "it is asked for again";
}

TEST_F(MostReadRecordTest, WhatWasWithdrawnSinceIsNoNonsenseAndNotKnownAnyMore) {
  Answered({"a", "b"}, kStart);
  EXPECT_FALSE(record_.IsNonsense({"a", "b"}, {}));
  EXPECT_THAT(record_.Known(), IsEmpty());
  EXPECT_TRUE(record_.Take({}, 0, kStart + absl::Minutes(1)).ok()) << "nothing else was read";
}

TEST_F(MostReadRecordTest, OnePublishedStoryMakesAnAnswer) {
  ASSERT_TRUE(record_.Take({"x", "a"}, 2, kStart).ok());
  EXPECT_FALSE(record_.IsNonsense({"x", "a"}, {"a"}));
  EXPECT_THAT(record_.Known(), ElementsAre("x", "a"));
  EXPECT_TRUE(record_.IsNonsense({"x"}, {})) << "a shorter list of the same answer";
}

}  // namespace
}  // namespace broadsheet::gateway
