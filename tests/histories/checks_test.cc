// Hand-made histories: one that is right, and one for each thing that must be found.
#include "tests/histories/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace broadsheet::histories {
namespace {

constexpr Fingerprint kGone = 900;
constexpr Fingerprint kBasic = 500;  // added to what the FULL view has

Revision MakeRevision(std::int64_t number, const std::string& action, const std::string& mark, bool visible,
                      std::int64_t published) {
  Revision revision;
  revision.revision = number;
  revision.action = action;
  revision.mark = mark;
  revision.micros = number * 1000;
  revision.draft = 10 + number;
  revision.content = 30 + number;
  revision.basic_content = kBasic + revision.content;
  revision.settled = visible && published == number;
  revision.visible = visible;
  revision.withdrawal = kGone;
  if (!visible) return revision;
  revision.published_revision = published;
  revision.article = 60 + number;
  revision.basic_article = kBasic + revision.article;
  revision.section = "desk";
  revision.first_published_micros = 2000;
  return revision;
}

Change MakeChange(std::int64_t position, const std::string& subject, bool published, std::int64_t micros) {
  return {position, subject, published, micros, static_cast<Fingerprint>(700 + position)};
}

Write MakeWrite(std::int64_t begin, const std::string& action, const std::string& mark, std::int64_t revision,
                std::int64_t position = 0) {
  Write write;
  write.time = {begin, begin + 10};
  write.story = "wall";
  write.action = action;
  write.mark = mark;
  write.expected_revision = revision - 1;
  write.outcome = Outcome::kAcknowledged;
  write.revision = revision;
  write.draft = static_cast<Fingerprint>(10 + revision);
  write.position = position;
  return write;
}

Read MakeRead(std::int64_t begin, std::int64_t position) {
  Read read;
  read.time = {begin, begin + 10};
  read.wall_begin_micros = begin;
  read.wall_end_micros = begin + 10;
  read.asked = {"wall"};
  read.body = true;
  read.log_id = "log";
  read.position = position;
  return read;
}

Read Showing(Read read, const Revision& state) {
  read.shown = {{"wall", state.published_revision, read.body ? state.article : state.basic_article,
                 read.body ? 30 + static_cast<Fingerprint>(state.published_revision)
                           : kBasic + 30 + static_cast<Fingerprint>(state.published_revision)}};
  return read;
}

Read Missing(Read read, Absence absence) {
  read.absence = absence;
  if (absence == Absence::kWithdrawn) read.withdrawal = kGone;
  return read;
}

// A story is created, published, changed, published again, withheld; each step is read. The section is
// position 1.
class ChecksTest : public testing::Test {
 protected:
  ChecksTest() {
    history_.log_id = "log";
    history_.head = 4;
    history_.stories["wall"] = {
        MakeRevision(1, "create", "a", false, 0), MakeRevision(2, "publish", "", true, 2),
        MakeRevision(3, "update", "b", true, 2), MakeRevision(4, "publish", "", true, 4),
        MakeRevision(5, "withhold", "c", false, 0)};
    revisions()[2].article = revisions()[1].article;  // the draft changes nothing
    revisions()[2].basic_article = revisions()[1].basic_article;
    history_.streams = {
        {0,
         "log",
         0,
         {MakeChange(1, "section/desk", true, 500), MakeChange(2, "article/wall", true, 2000),
          MakeChange(3, "article/wall", true, 4000), MakeChange(4, "article/wall", false, 5000)}}};
    history_.writes = {MakeWrite(100, "create", "a", 1), MakeWrite(200, "publish", "", 2, 2),
                       MakeWrite(300, "update", "b", 3), MakeWrite(400, "publish", "", 4, 3),
                       MakeWrite(500, "withhold", "c", 5, 4)};
    history_.draft_reads = {{{320, 330}, "wall", 3}};
    history_.reads = {Missing(MakeRead(150, 1), Absence::kNotFound),
                      Showing(MakeRead(250, 2), revisions()[1]), Showing(MakeRead(350, 2), revisions()[1]),
                      Showing(MakeRead(450, 3), revisions()[3]),
                      Missing(MakeRead(550, 4), Absence::kWithdrawn)};
    history_.leases = {{0, {195, 205}, 1}, {0, {206, 405}, 2}, {0, {406, 505}, 3}, {0, {506, 600}, 4}};
  }

  std::vector<Revision>& revisions() { return history_.stories["wall"]; }
  std::vector<Change>& log() { return history_.streams[0].changes; }

  std::vector<std::string> Found() const {
    std::vector<std::string> kinds;
    for (const Violation& violation : Check(history_)) kinds.push_back(violation.kind);
    return kinds;
  }
  void ExpectFound(const std::string& kind) const {
    const std::vector<std::string> found = Found();
    EXPECT_THAT(found, testing::Contains(kind));
  }

  History history_;
};

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
