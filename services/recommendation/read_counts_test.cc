#include "services/recommendation/read_counts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'795'435'200) + absl::Minutes(30);  // half past an hour

class ReadCountsTest : public ::testing::Test {
 protected:
  std::vector<std::string> MostRead(absl::Duration window, std::size_t limit = 10) const {
    std::vector<std::string> lines;
    for (const ReadCounts::Entry& entry :
         counts_.MostRead(window, kNow, limit, [](const std::string& id) { return id != "withdrawn"; })) {
      lines.push_back(absl::StrCat(entry.article_id, " ", entry.reads));
    }
    return lines;
  }

  ReadCounts counts_{1000};
};

TEST_F(ReadCountsTest, AddsUpTheHoursOfTheWindow) {
  counts_.Add("a", kNow, 2, kNow);
  counts_.Add("a", kNow - absl::Hours(5), 3, kNow);
  counts_.Add("b", kNow - absl::Hours(5), 4, kNow);
  EXPECT_THAT(MostRead(absl::Hours(24)), ElementsAre("a 5", "b 4"));
  EXPECT_THAT(MostRead(absl::Hours(1)), ElementsAre("a 2"));
}

TEST_F(ReadCountsTest, TheWindowBeginsWithTheHourThatItBeginsIn) {
  counts_.Add("within", kNow - absl::Minutes(89), 1, kNow);
  counts_.Add("before", kNow - absl::Minutes(91), 1, kNow);
  EXPECT_THAT(MostRead(absl::Hours(1)), ElementsAre("within 1"));
  EXPECT_THAT(MostRead(absl::Nanoseconds(1)), IsEmpty());
}

TEST_F(ReadCountsTest, EqualOnesComeByTheirIds) {
  for (const char* id : {"c", "a", "b"}) counts_.Add(id, kNow, 1, kNow);
  EXPECT_THAT(MostRead(absl::Hours(1), 2), ElementsAre("a 1", "b 1"));
}

TEST_F(ReadCountsTest, WhatIsNotAcceptedTakesNoPlace) {
  counts_.Add("withdrawn", kNow, 100, kNow);
  counts_.Add("a", kNow, 1, kNow);
  EXPECT_THAT(MostRead(absl::Hours(1), 1), ElementsAre("a 1"));
}

TEST_F(ReadCountsTest, SevenDaysCountAndNoMore) {
  EXPECT_TRUE(ReadCounts::Counts(kNow - absl::Hours(7 * 24), kNow));
  EXPECT_FALSE(ReadCounts::Counts(kNow - absl::Hours(7 * 24) - absl::Seconds(1), kNow));
  EXPECT_FALSE(ReadCounts::Counts(kNow + absl::Seconds(1), kNow));
}

TEST_F(ReadCountsTest, ForgetsHoursThatAreOver) {
  counts_.Add("old", kNow, 1, kNow);
  const absl::Time later = kNow + absl::Hours(7 * 24 + 1);
  counts_.Add("new", later, 1, later);
  EXPECT_EQ(counts_.size(), 1U);
  EXPECT_EQ(counts_.hours(), 1U);
  counts_.Add("old", later, 5, later);  // its number was free to be used again
  const auto entries = counts_.MostRead(kLongestWindow, later, 10, [](const std::string&) { return true; });
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].article_id, "old");
  EXPECT_EQ(entries[0].reads, 5);
}

TEST_F(ReadCountsTest, GivesUpTheOldestHourWhenThereAreTooMany) {
  for (int hour = 0; hour < 4; ++hour) {
    for (int i = 0; i < 300; ++i) counts_.Add(absl::StrCat("s", i), kNow - absl::Hours(3 - hour), 1, kNow);
  }
  EXPECT_LE(counts_.size(), 1000U);
  EXPECT_THAT(MostRead(absl::Hours(24), 1), ElementsAre("s0 3"));
}

}  // namespace
}  // namespace broadsheet::recommendation
