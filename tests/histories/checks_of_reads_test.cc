// What must be found of the change log and of what readers were given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/histories/history_testing.h"

namespace broadsheet::histories {
namespace {

TEST_F(ChecksTest, FindsAGapInThePositions) {
  log().erase(log().begin() + 2);
  ExpectFound("gap in what a follower got");
  ExpectFound("gap in the log");
}

TEST_F(ChecksTest, FindsAHeadThatNobodyWasTold) {
  history_.head = 5;
  ExpectFound("log that ends elsewhere");
}

TEST_F(ChecksTest, FindsTwoChangesWithOnePosition) {
  Stream other{1, "log", 2, {MakeChange(3, "article/wall", true, 4000)}};
  other.changes[0].all = 1;
  history_.streams.push_back(other);
  ExpectFound("position with two changes");
}

TEST_F(ChecksTest, FindsAnotherLog) {
  history_.streams[0].log_id = "other";
  ExpectFound("another log");
}

TEST_F(ChecksTest, FindsACommitThatTheLogDoesNotTell) {
  log().pop_back();
  history_.head = 3;
  ExpectFound("commit that the log does not tell");
}

TEST_F(ChecksTest, FindsAChangeThatNoCommitMade) {
  log().push_back(MakeChange(5, "article/wall", true, 12345));
  history_.head = 5;
  ExpectFound("change that no commit made");
}

TEST_F(ChecksTest, FindsAChangeOfTheWrongKind) {
  log()[3].published = true;
  ExpectFound("change of the wrong kind");
}

TEST_F(ChecksTest, FindsPositionsOutOfOrderAcrossStories) {
  history_.stories["quay"] = {MakeRevision(1, "create", "q", true, 1)};
  log()[0] = MakeChange(1, "article/quay", true, 1000);
  Write late = MakeWrite(700, "create", "q", 1);
  late.story = "quay";
  history_.writes.push_back(late);
  ExpectFound("positions out of order");
}

TEST_F(ChecksTest, FindsAnAnswerWithTheWrongPosition) {
  history_.writes[3].position = 2;
  ExpectFound("answer with a wrong position");
}

TEST_F(ChecksTest, FindsAStaleRead) {
  history_.reads.push_back(Showing(MakeRead(450, 3), revisions()[1]));
  ExpectFound("stale read");
}

TEST_F(ChecksTest, FindsAReadOfALaterStateThanItSays) {
  history_.reads.push_back(Showing(MakeRead(390, 2), revisions()[3]));
  ExpectFound("read of a later state");
}

TEST_F(ChecksTest, FindsAReadThatWentBack) {
  history_.reads.push_back(Showing(MakeRead(470, 2), revisions()[1]));
  ExpectFound("read that went back");
}

TEST_F(ChecksTest, AnotherReplicaMayBeBehindWhatIsNotAcknowledgedAndWasNotAskedFor) {
  Read ahead = Showing(MakeRead(400, 3), revisions()[3]);
  ahead.time.end = 402;  // the publication is acknowledged at 410
  Read behind = Showing(MakeRead(405, 2), revisions()[1]);
  behind.replica = 1;
  history_.reads.push_back(ahead);
  history_.reads.push_back(behind);
  EXPECT_THAT(Found(), testing::IsEmpty());
  EXPECT_EQ(CountReadsBehindOtherReplicas(history_), 1);
  history_.reads.back().min_position = 3;
  ExpectFound("older than asked for");
  history_.reads.back() = behind;
  history_.reads.back().time = {411, 415};
  ExpectFound("read that went back");
  history_.reads.back().time = {405, 415};
  history_.reads.back().replica = 0;
  ExpectFound("read that went back");
}

TEST_F(ChecksTest, FindsALeakedDraft) {
  Read leak = Showing(MakeRead(350, 2), revisions()[1]);
  leak.shown[0].article = 1;
  leak.shown[0].content = revisions()[2].content;
  history_.reads.push_back(leak);
  ExpectFound("unpublished text is shown");
}

TEST_F(ChecksTest, FindsAHalfStory) {
  Read half = Showing(MakeRead(350, 2), revisions()[1]);
  half.shown[0].article = half.shown[0].content = 1;
  history_.reads.push_back(half);
  ExpectFound("state that never was");
}

TEST_F(ChecksTest, FindsAStoryThatIsNotPublic) {
  history_.reads.push_back(Showing(MakeRead(150, 1), revisions()[1]));
  ExpectFound("unpublished story is shown");
  history_.reads.back() = Showing(MakeRead(550, 4), revisions()[3]);
  ExpectFound("withdrawn story is shown");
}

TEST_F(ChecksTest, FindsAnswersThatTellMoreThanTheyMay) {
  history_.reads.push_back(Missing(MakeRead(150, 1), Absence::kWithdrawn));
  ExpectFound("answer that tells of a story that was never public");
  history_.reads.back() = Missing(MakeRead(550, 4), Absence::kNoSuchRevision);
  ExpectFound("answer that tells of a story that is not public");
}

TEST_F(ChecksTest, FindsAPublicStoryThatIsNotFound) {
  history_.reads.push_back(Missing(MakeRead(450, 3), Absence::kNotFound));
  ExpectFound("public story is not found");
  history_.reads.back() = Missing(MakeRead(550, 4), Absence::kNotFound);
  ExpectFound("withdrawn story looks like one that never was");
}

TEST_F(ChecksTest, FindsAnotherTextInsteadOfAWithdrawnStory) {
  history_.reads.back().withdrawal = 1;
  ExpectFound("something else is seen instead of a withdrawn story");
}

TEST_F(ChecksTest, FindsAStateThatWasNotCommitted) {
  history_.reads.push_back(Showing(MakeRead(550, 5), revisions()[3]));
  ExpectFound("state that was not committed");
}

TEST_F(ChecksTest, JudgesExpiryByTheClock) {
  for (int revision : {1, 2}) revisions()[revision].expires_micros = 360;
  Read read = Showing(MakeRead(355, 2), revisions()[1]);  // over at 365
  history_.reads.push_back(read);
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back() = Missing(MakeRead(355, 2), Absence::kWithdrawn);
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back() = Showing(MakeRead(361, 2), revisions()[1]);
  ExpectFound("expired story is shown");
  history_.reads.back() = Missing(MakeRead(340, 2), Absence::kWithdrawn);
  ExpectFound("public story is not found");
}

TEST_F(ChecksTest, JudgesPastRevisions) {
  Read past = MakeRead(450, 3);
  past.kind = ReadKind::kPast;
  past.past_revision = 2;
  history_.reads.push_back(Showing(past, revisions()[1]));
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back().absence = Absence::kNoSuchRevision;
  history_.reads.back().shown.clear();
  ExpectFound("revision that readers had is not found");
  past.past_revision = 3;  // a draft
  history_.reads.back() = Showing(past, revisions()[1]);
  ExpectFound("revision that readers may not have is shown");
  past.past_revision = 2;
  history_.reads.back() = Showing(past, revisions()[3]);
  ExpectFound("past revision is not as readers had it");
}

TEST_F(ChecksTest, WithholdingForgetsPastRevisions) {
  revisions().push_back(MakeRevision(6, "publish", "", true, 6));
  log().push_back(MakeChange(5, "article/wall", true, 6000));
  history_.head = 5;
  history_.writes.push_back(MakeWrite(600, "publish", "", 6, 5));
  Read past = MakeRead(650, 5);
  past.kind = ReadKind::kPast;
  past.past_revision = 2;
  history_.reads.push_back(Missing(past, Absence::kNoSuchRevision));
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back() = Showing(past, revisions()[1]);
  ExpectFound("revision that readers may not have is shown");
}

TEST_F(ChecksTest, JudgesListsAndBatches) {
  Read list = MakeRead(250, 2);
  list.kind = ReadKind::kList;
  list.asked.clear();
  list.section = "desk";
  history_.reads.push_back(Showing(list, revisions()[1]));
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back() = list;
  ExpectFound("public story is missing");
  history_.reads.back() = Showing(list, revisions()[1]);
  history_.reads.back().section = "other";
  ExpectFound("story that does not belong here");
  Read batch = MakeRead(550, 4);
  batch.kind = ReadKind::kBatch;
  batch.asked = {"wall", "wall"};
  history_.reads.back() = batch;
  EXPECT_THAT(Found(), testing::IsEmpty());
  history_.reads.back() = Showing(batch, revisions()[3]);
  ExpectFound("withdrawn story is shown");
}

TEST_F(ChecksTest, FindsAWriteAcknowledgedOverALiveLease) {
  history_.leases.push_back({0, {406, 411}, 2});  // the second publication was acknowledged at 410
  ExpectFound("write acknowledged over a live lease");
}

}  // namespace
}  // namespace broadsheet::histories
