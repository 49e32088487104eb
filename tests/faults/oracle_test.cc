#include "tests/faults/oracle.h"

#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

constexpr StoryState kAbsent = {StoryState::Kind::kAbsent, 0};
constexpr StoryState kGone = {StoryState::Kind::kWithheld, 0};
constexpr StoryState Revision(int number) { return {StoryState::Kind::kPublished, number}; }

// Writes: 0 absent, 1 revision 1, 2 revision 2, 3 withheld, 4 revision 3; all returned but the last.
class OracleTest : public testing::Test {
 protected:
  OracleTest() {
    for (StoryState state : {Revision(1), Revision(2), kGone}) {
      history_.Begin(state);
      history_.Return(1);
    }
    history_.Begin(Revision(3));
  }

  Verdict Of(Window window, StoryState state, bool labelled = false, int known = 0) const {
    return Judge(history_, window, {state, labelled, known});
  }

  StoryHistory history_{10};
};

TEST_F(OracleTest, TakesEveryStateOfTheWindow) {
  EXPECT_EQ(Of({0, 0}, kAbsent), Verdict::kCurrent);
  EXPECT_EQ(Of({0, 1}, kAbsent), Verdict::kCurrent);
  EXPECT_EQ(Of({0, 1}, Revision(1)), Verdict::kCurrent);
  EXPECT_EQ(Of({1, 3}, Revision(2)), Verdict::kCurrent);
  EXPECT_EQ(Of({1, 3}, kGone), Verdict::kCurrent);
  EXPECT_EQ(Of({3, 4}, Revision(3)), Verdict::kCurrent);
}

TEST_F(OracleTest, FindsARevisionOlderThanAPublicationThatHadReturned) {
  EXPECT_EQ(Of({2, 2}, Revision(1)), Verdict::kOld);
  EXPECT_EQ(Of({2, 3}, Revision(1)), Verdict::kOld);
}

TEST_F(OracleTest, TakesAnOlderRevisionThatIsLabelled) {
  EXPECT_EQ(Of({2, 2}, Revision(1), true), Verdict::kLabelledOld);
  EXPECT_EQ(Of({3, 4}, Revision(2), true), Verdict::kLabelledOld);
}

TEST_F(OracleTest, FindsADraftThatHasLeaked) {
  EXPECT_EQ(Of({2, 3}, Revision(3)), Verdict::kUnpublished);
  EXPECT_EQ(Of({2, 3}, Revision(3), true), Verdict::kUnpublished);
  EXPECT_EQ(Of({3, 4}, Revision(4)), Verdict::kUnpublished);
  EXPECT_EQ(Of({0, 0}, Revision(1)), Verdict::kUnpublished);
}

TEST_F(OracleTest, FindsAWithdrawnStory) {
  EXPECT_EQ(Of({3, 3}, Revision(2)), Verdict::kWithdrawnShown);
  EXPECT_EQ(Of({3, 3}, Revision(2), true), Verdict::kLabelledOld) << "it may not have known";
  EXPECT_EQ(Of({3, 3}, Revision(2), true, 3), Verdict::kWithdrawnShown) << "no label excuses who knew";
}

TEST_F(OracleTest, TakesTheLastTextOfAStoryThatMayBePublicAgain) {
  EXPECT_EQ(Of({3, 4}, Revision(2), true, 3), Verdict::kLabelledOld);
  EXPECT_EQ(Of({3, 4}, Revision(2), false, 3), Verdict::kOld);
}

TEST_F(OracleTest, FindsAPublicStoryThatIsDenied) {
  EXPECT_EQ(Of({1, 2}, kAbsent), Verdict::kDenied);
  EXPECT_EQ(Of({1, 2}, kAbsent, true), Verdict::kDenied) << "no label excuses a 404";
  EXPECT_EQ(Of({1, 2}, kGone), Verdict::kDenied);
  EXPECT_EQ(Of({3, 3}, kAbsent), Verdict::kDenied) << "withheld is gone, not unknown";
}

TEST_F(OracleTest, TakesAMentionInAnOlderTextButNotOfAWithdrawnStory) {
  EXPECT_EQ(JudgeMention(history_, {2, 2}, {Revision(1), false, 0}), Verdict::kCurrent);
  EXPECT_EQ(JudgeMention(history_, {2, 2}, {Revision(1), true, 0}), Verdict::kCurrent);
  EXPECT_EQ(JudgeMention(history_, {3, 3}, {Revision(2), false, 0}), Verdict::kWithdrawnShown);
  EXPECT_EQ(JudgeMention(history_, {3, 3}, {Revision(2), true, 0}), Verdict::kLabelledOld);
  EXPECT_EQ(JudgeMention(history_, {2, 2}, {Revision(3), false, 0}), Verdict::kUnpublished);
}

TEST_F(OracleTest, InfersFromGoneOnlyTheEarliestWithdrawalItMayReflect) {
  EXPECT_EQ(WithdrawalBehindGone(history_, {1, 4}), 3);
  EXPECT_EQ(WithdrawalBehindGone(history_, {0, 2}), 0);
}

TEST_F(OracleTest, SeesAWithdrawalOnlyAfterTheWriteItIsAskedFor) {
  EXPECT_TRUE(WithdrawnAfter(history_, 2));
  EXPECT_FALSE(WithdrawnAfter(history_, 3));
  EXPECT_TRUE(PublishedAndWithdrawnAfter(history_, 1));
  EXPECT_FALSE(PublishedAndWithdrawnAfter(history_, 2)) << "the publication came after the withdrawal";
}

// The window of every request of a sequential reader, and each answer but the right one, over all histories
// of four writes: whatever is older than what had returned is found.
TEST(Oracle, FindsEveryStaleAnswerOfEverySmallHistory) {
  for (int bits = 0; bits < 16; ++bits) {
    StoryHistory history(4);
    int revision = 0;
    for (int write = 1; write <= 4; ++write) {
      const bool withhold = (bits >> (write - 1) & 1) != 0;
      history.Begin(withhold ? kGone : Revision(++revision));
      history.Return(write);
      const StoryState now = history.state(write);
      for (int older = 0; older < write; ++older) {
        const StoryState shown = history.state(older);
        const Verdict verdict = Judge(history, {write, write}, {shown, false, 0});
        EXPECT_EQ(IsViolation(verdict), shown != now) << bits << " " << write << " " << older;
      }
      EXPECT_EQ(Judge(history, {write, write}, {now, false, write}), Verdict::kCurrent);
    }
  }
}

}  // namespace
}  // namespace broadsheet::faults
