#include "services/article/revision_diff.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Blocks = google::protobuf::RepeatedPtrField<v1::Block>;

// Paragraphs written `id=text` or, without an id, `text`; separated by spaces.
Blocks Body(const std::string& text) {
  Blocks blocks;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    v1::Block& block = *blocks.Add();
    const std::pair<std::string, std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (!parts.second.empty()) block.set_block_id(parts.first);
    block.mutable_paragraph()->mutable_text()->set_text(parts.second.empty() ? parts.first : parts.second);
  }
  return blocks;
}

BodyDiff Diff(const std::string& from, const std::string& to) { return DiffBodies(Body(from), Body(to)); }

v1::Draft ParseDraft(const std::string& text) {
  v1::Draft draft;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &draft)) << text;
  return draft;
}

TEST(DiffBodies, FindsNothingBetweenEqualBodies) {
  EXPECT_EQ(Diff("", ""), BodyDiff{});
  EXPECT_EQ(Diff("a=A b=B C C", "a=A b=B C C"), BodyDiff{});
}

TEST(DiffBodies, MatchesBlocksById) {
  const BodyDiff diff = Diff("a=A b=B c=C", "a=A b=B2 d=D");
  EXPECT_THAT(diff.added, ElementsAre(2));
  EXPECT_THAT(diff.removed, ElementsAre(2));
  EXPECT_THAT(diff.changed, ElementsAre(1));
  EXPECT_THAT(diff.moved, IsEmpty());
}

TEST(DiffBodies, ABlockThatSaysTheSameUnderAnotherIdIsNoDifference) {
  EXPECT_EQ(Diff("a=A B c=C", "x=A b=B C"), BodyDiff{});
}

TEST(DiffBodies, AnIdCountsMoreThanWhatABlockSays) {
  const BodyDiff diff = Diff("a=A b=B", "b=A a=B");
  EXPECT_THAT(diff.changed, ElementsAre(0, 1));
  EXPECT_THAT(diff.added, IsEmpty());
  EXPECT_EQ(diff.moved.size(), 1U);
}

TEST(DiffBodies, MovesAsFewBlocksAsExplainTheOrder) {
  EXPECT_THAT(Diff("a=A b=B c=C d=D", "b=B c=C d=D a=A").moved, ElementsAre(3));
  EXPECT_THAT(Diff("a=A b=B c=C d=D", "d=D a=A b=B c=C").moved, ElementsAre(0));
  EXPECT_THAT(Diff("a=A b=B c=C", "x=X a=A b=B y=Y c=C").moved, IsEmpty());
  const BodyDiff diff = Diff("a=A b=B c=C", "c=C2 a=A b=B");
  EXPECT_THAT(diff.moved, ElementsAre(0));
  EXPECT_THAT(diff.changed, ElementsAre(0));
}

TEST(DiffBodies, MatchesRepeatedBlocksAlongACommonSubsequence) {
  const BodyDiff removed = Diff("- A - B", "A - B");
  EXPECT_THAT(removed.removed, ElementsAre(0));
  EXPECT_THAT(removed.moved, IsEmpty());
  const BodyDiff added = Diff("A - B", "- A - B -");
  EXPECT_THAT(added.added, ElementsAre(0, 4));
  EXPECT_THAT(added.moved, IsEmpty());
}

TEST(DiffBodies, FindsMovedBlocksThatHaveNoId) {
  const BodyDiff diff = Diff("A B C D", "B C D A");
  EXPECT_THAT(diff.moved, ElementsAre(3));
  EXPECT_THAT(diff.added, IsEmpty());
  EXPECT_THAT(diff.removed, IsEmpty());
}

TEST(DiffBodies, ADifferenceOfKindOrOfMarksIsAChange) {
  Blocks from = Body("a=A b=B");
  Blocks to = from;
  to[0].mutable_heading()->mutable_text()->set_text("A");
  auto* span = to[1].mutable_paragraph()->mutable_text()->add_spans();
  span->set_end(1);
  span->set_kind(v1::SPAN_KIND_STRONG);
  EXPECT_THAT(DiffBodies(from, to).changed, ElementsAre(0, 1));
}

// Whatever the bodies: what is neither removed nor moved is, in the same order, what is neither added nor
// moved, and the common subsequence is as long as the textbook's.
TEST(DiffBodies, ExplainsEveryPairOfBodies) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 500; ++round) {
    auto draw = [&] {
      std::string text;
      for (int i = static_cast<int>(random() % 12); i > 0; --i) absl::StrAppend(&text, " ", random() % 5);
      return Body(text);
    };
    const Blocks from = draw();
    const Blocks to = draw();
    const BodyDiff diff = DiffBodies(from, to);
    std::vector<std::vector<int>> common(from.size() + 1, std::vector<int>(to.size() + 1, 0));
    for (int i = 1; i <= from.size(); ++i) {
      for (int j = 1; j <= to.size(); ++j) {
        common[i][j] = from[i - 1].SerializeAsString() == to[j - 1].SerializeAsString()
                           ? common[i - 1][j - 1] + 1
                           : std::max(common[i - 1][j], common[i][j - 1]);
      }
    }
    EXPECT_EQ(from.size() - diff.removed.size(), to.size() - diff.added.size());
    EXPECT_THAT(diff.changed, IsEmpty());
    EXPECT_EQ(static_cast<int>(to.size() - diff.added.size() - diff.moved.size()),
              common[from.size()][to.size()]);
    std::multiset<std::string> rest;
    for (int i = 0; i < to.size(); ++i) {
      if (std::find(diff.added.begin(), diff.added.end(), i) == diff.added.end())
        rest.insert(to[i].SerializeAsString());
    }
    for (int i = 0; i < from.size(); ++i) {
      if (std::find(diff.removed.begin(), diff.removed.end(), i) != diff.removed.end()) continue;
      ASSERT_EQ(rest.count(from[i].SerializeAsString()) > 0, true);
      rest.erase(rest.find(from[i].SerializeAsString()));
    }
  }
}

// Ten thousand blocks that have nothing in common, all in common in another order, or a few edits apart.
TEST(DiffBodies, BoundsTheWorkOnVeryLongBodies) {
  constexpr int kBlocks = 10'000;
  std::vector<int> numbers(kBlocks);
  for (int i = 0; i < kBlocks; ++i) numbers[i] = i;
  auto body = [&](const std::string& prefix) {
    std::string text;
    for (int number : numbers) absl::StrAppend(&text, " ", prefix, number);
    return Body(text);
  };
  const Blocks from = body("");
  const BodyDiff foreign = DiffBodies(from, body("x"));
  EXPECT_EQ(foreign.added.size(), kBlocks);
  EXPECT_EQ(foreign.removed.size(), kBlocks);

  std::shuffle(numbers.begin(), numbers.end(), std::mt19937(7));
  const BodyDiff shuffled = DiffBodies(from, body(""));
  EXPECT_THAT(shuffled.added, IsEmpty());
  EXPECT_THAT(shuffled.removed, IsEmpty());
  EXPECT_GT(shuffled.moved.size(), kBlocks - 300U);  // about 2 √n stay in order

  Blocks to = from;
  to.DeleteSubrange(5000, 400);
  to.SwapElements(0, 9000);
  const BodyDiff edited = DiffBodies(from, to);
  EXPECT_EQ(edited.removed.size(), 400U);
  EXPECT_THAT(edited.moved, ElementsAre(0, 9000));
}

TEST(ChangedFields, NamesFieldsInTheOrderOfTheirNumbers) {
  const v1::Draft from = ParseDraft(
      "article_id: 'a' revision: 1 update_time { seconds: 1 } path: '/a' content { headline: 'H' subjects: "
      "'x' subjects: 'y' } pub_status: PUB_STATUS_USABLE");
  const v1::Draft to = ParseDraft(
      "article_id: 'a' revision: 2 update_time { seconds: 2 } path: '/b' content { headline: 'I' subjects: "
      "'y' subjects: 'x' lead_image { image_id: 'i' } } pub_status: PUB_STATUS_WITHHELD withdrawal {} "
      "corrections { correction_id: 'c1' }");
  EXPECT_THAT(ChangedFields(from, to),
              ElementsAre("path", "pub_status", "content.headline", "content.subjects", "content.lead_image",
                          "corrections", "withdrawal"));
  EXPECT_THAT(ChangedFields(from, from), IsEmpty());
}

TEST(ChangedFields, TellsATimeThatIsNotSetFromTheYear1970) {
  EXPECT_THAT(ChangedFields(ParseDraft(""), ParseDraft("expires_at {}")), ElementsAre("expires_at"));
}

}  // namespace
}  // namespace broadsheet::article
