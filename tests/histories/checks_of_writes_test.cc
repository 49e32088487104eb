// What must be found of writes and of the revisions they leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/histories/history_testing.h"

namespace broadsheet::histories {
namespace {

TEST_F(ChecksTest, FindsNothingInAHistoryThatIsRight) { EXPECT_THAT(Found(), testing::IsEmpty()); }

TEST_F(ChecksTest, FindsALostWrite) {
  history_.writes.push_back(MakeWrite(600, "update", "d", 6));
  ExpectFound("lost write");
}

TEST_F(ChecksTest, FindsAWriteAppliedTwice) {
  revisions().push_back(MakeRevision(6, "update", "b", false, 0));
  ExpectFound("write applied twice");
}

TEST_F(ChecksTest, FindsARevisionThatNobodyWrote) {
  revisions().push_back(MakeRevision(6, "correct", "x", false, 0));
  ExpectFound("revision that nobody wrote");
}

TEST_F(ChecksTest, AWriteOfUnknownOutcomeMayHaveMadeOneRevisionAndNoMore) {
  Write unknown = MakeWrite(600, "restore", "", 0);
  unknown.expected_revision = 0;
  unknown.outcome = Outcome::kUnknown;
  history_.writes.push_back(unknown);
  EXPECT_THAT(Found(), testing::IsEmpty());
  revisions().push_back(MakeRevision(6, "restore", "", false, 0));
  EXPECT_THAT(Found(), testing::IsEmpty());
  revisions().push_back(MakeRevision(7, "restore", "", false, 0));
  ExpectFound("revision that nobody wrote");
}

TEST_F(ChecksTest, UnknownWritesAreMatchedSoThatAsManyRevisionsAsPossibleAreExplained) {
  Write any = MakeWrite(600, "restore", "", 0);
  any.expected_revision = 0;
  any.outcome = Outcome::kUnknown;
  Write sixth = any;
  sixth.expected_revision = 5;
  history_.writes.push_back(any);
  history_.writes.push_back(sixth);
  revisions().push_back(MakeRevision(6, "restore", "", false, 0));
  revisions().push_back(MakeRevision(7, "restore", "", false, 0));
  EXPECT_THAT(Found(), testing::IsEmpty());
}

TEST_F(ChecksTest, AWriteThatBeganAfterARevisionWasSeenDidNotMakeIt) {
  Write early = MakeWrite(600, "restore", "", 0);
  early.expected_revision = 0;
  early.outcome = Outcome::kUnknown;
  Write late = early;
  late.time = {700, 710};
  history_.writes.push_back(late);
  history_.writes.push_back(early);
  revisions().push_back(MakeRevision(6, "restore", "", false, 0));
  history_.draft_reads.push_back({{620, 650}, "wall", 6});
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.writes.pop_back();
  ExpectFound("revision that nobody wrote");
}

TEST_F(ChecksTest, WhatWasDueNeedsNoWriter) {
  revisions()[0].due = 1900;
  history_.writes.erase(history_.writes.begin() + 1);
  EXPECT_THAT(Found(), testing::IsEmpty());
  revisions()[0].due = 2100;  // too early
  ExpectFound("revision that nobody wrote");
}

TEST_F(ChecksTest, FindsARevisionUsedForTwoWrites) {
  history_.writes.push_back(MakeWrite(300, "update", "d", 3));
  ExpectFound("revision that is another write's");
}

TEST_F(ChecksTest, FindsARevisionThatChanged) {
  revisions()[2].draft = 99;
  ExpectFound("revision that changed");
}

TEST_F(ChecksTest, FindsAGapInTheRevisions) {
  revisions().erase(revisions().begin() + 2);
  ExpectFound("gap in the revisions");
}

TEST_F(ChecksTest, FindsAMismatchThatWasNone) {
  Write refused = MakeWrite(320, "update", "d", 3);
  refused.expected_revision = 3;
  refused.outcome = Outcome::kMismatch;
  history_.writes.push_back(refused);
  ExpectFound("refused although the expected revision was current");
  history_.writes.back().expected_revision = 2;
  EXPECT_THAT(Found(), testing::IsEmpty());
}

TEST_F(ChecksTest, FindsAMismatchWithAnOldOrAFutureRevision) {
  Write refused = MakeWrite(320, "update", "d", 2);
  refused.expected_revision = 1;
  refused.outcome = Outcome::kMismatch;
  history_.writes.push_back(refused);
  ExpectFound("stale revision");
  history_.writes.back().revision = 4;
  ExpectFound("revision from the future");
}

TEST_F(ChecksTest, FindsARefusedWriteThatTookEffect) {
  history_.writes[2].outcome = Outcome::kRefused;
  ExpectFound("refused write that took effect");
}

TEST_F(ChecksTest, FindsAWriteOnAnotherRevisionThanExpected) {
  history_.writes[2].expected_revision = 1;
  ExpectFound("write on another revision than expected");
}

TEST_F(ChecksTest, FindsWritesThatTookEffectOutOfOrder) {
  std::swap(history_.writes[2].time, history_.writes[3].time);
  ExpectFound("writes out of order");
}

TEST_F(ChecksTest, FindsAStaleDraft) {
  history_.draft_reads.push_back({{420, 430}, "wall", 3});
  ExpectFound("stale revision");
}

TEST_F(ChecksTest, APublicationOfWhatIsPublicChangesNothing) {
  Write again = MakeWrite(420, "publish", "", 4, 3);
  again.expected_revision = 4;
  history_.writes.push_back(again);
  EXPECT_THAT(Found(), testing::IsEmpty());
}

TEST_F(ChecksTest, APublicationThatChangedNothingMayHaveBeenAnsweredBeforeTheOneThatDid) {
  Write again = MakeWrite(401, "publish", "", 4, 3);
  again.time.end = 405;
  again.expected_revision = 0;
  history_.writes.insert(history_.writes.begin(), again);
  EXPECT_THAT(Found(), testing::IsEmpty());
}

}  // namespace
}  // namespace broadsheet::histories
