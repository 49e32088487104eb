// GetArticle at revisions readers had in the past.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PastRevisionsTest : public testing::Test {
 protected:
  void ChangeHeadline(const std::string& headline) {
    auto updated = room_.Update(
        absl::StrCat("article_id: 'wall' content { headline: '", headline,
                     "' body { paragraph { text { text: 'The text of ", headline,
                     "' } } } } update_mask { paths: 'content.headline' paths: 'content.body' }"));
    ASSERT_TRUE(updated.ok()) << updated.status();
  }
  // Publishes the newest text; the revision readers have then.
  std::int64_t Publish() {
    auto published = room_.Publish("article_id: 'wall'");
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->draft().published_revision() : 0;
  }
  absl::StatusOr<v1::GetArticleResponse> At(std::int64_t revision, const std::string& more = "") {
    return room_.Get(absl::StrCat("article_id: 'wall' revision: ", revision, " ", more));
  }
  std::string ReasonAt(std::int64_t revision) { return rpc::Reason(At(revision).status()); }

  TestNewsroom room_;
};

TEST_F(PastRevisionsTest, ReturnsTheStoryAsReadersHadIt) {
  const std::string first_path = room_.PublishStory("wall").path();
  room_.Pass(absl::Hours(1));
  ChangeHeadline("Two");
  const std::int64_t second = Publish();
  auto corrected = room_.Correct(
      "article_id: 'wall' correction { type: CORRECTION_TYPE_CORRECTION text { text: 'It was Two.' } }");
  ASSERT_TRUE(corrected.ok());
  ASSERT_TRUE(room_.Move("article_id: 'wall' path: '/moved'").ok());
  ASSERT_TRUE(room_.PutAuthor("author { author_id: 'ann' name: 'Ann Married' }").ok());

  auto first = At(2);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->article().revision(), 2);
  EXPECT_EQ(first->article().content().headline(), "Sea wall opens");
  ASSERT_THAT(first->article().content().body(), SizeIs(1));
  EXPECT_EQ(first->article().content().body(0).paragraph().text().text(), "The text of wall.");
  EXPECT_EQ(first->article().path(), first_path);
  EXPECT_THAT(first->article().corrections(), IsEmpty());
  EXPECT_EQ(FromTimestamp(first->article().version_created_at()), room_.now() - absl::Hours(1));
  EXPECT_EQ(first->authors(0).name(), "Ann Married") << "the author of today";
  EXPECT_EQ(first->section().section_id(), "harbour");
  EXPECT_EQ(first->snapshot().position(), room_.Head());

  EXPECT_EQ(At(second)->article().content().headline(), "Two");
  EXPECT_THAT(At(second)->article().corrections(), IsEmpty());
  EXPECT_THAT(At(corrected->draft().revision())->article().corrections(), SizeIs(1));
  EXPECT_EQ(At(corrected->draft().revision())->article().path(), first_path);
  EXPECT_THAT(At(2, "view: ARTICLE_VIEW_BASIC")->article().content().body(), IsEmpty());
  EXPECT_EQ(room_.Get("path: '/moved' revision: 2")->article().content().headline(), "Sea wall opens");
  EXPECT_EQ(room_.Get(absl::StrCat("path: '", first_path, "' revision: 2"))->article().revision(), 2);

  room_.Restart();
  auto again = At(2);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->article().SerializeAsString(), first->article().SerializeAsString());
}

TEST_F(PastRevisionsTest, ThePresentRevisionIsThePresentStory) {
  room_.PublishStory("wall");
  EXPECT_EQ(At(2)->SerializeAsString(), At(0)->SerializeAsString());
  EXPECT_EQ(At(2, "view: ARTICLE_VIEW_BASIC")->SerializeAsString(),
            At(0, "view: ARTICLE_VIEW_BASIC")->SerializeAsString());
}

TEST_F(PastRevisionsTest, ShowsARevisionAsReadersHadItLast) {
  room_.PublishStory("wall");
  ChangeHeadline("Draft");  // so that the correction leaves the published revision what it is
  ASSERT_TRUE(
      room_.Correct("article_id: 'wall' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } }")
          .ok());
  EXPECT_EQ(At(0)->article().revision(), 2);
  Publish();
  EXPECT_THAT(At(2)->article().corrections(), SizeIs(1));
  EXPECT_EQ(At(2)->article().content().headline(), "Sea wall opens");
}

TEST_F(PastRevisionsTest, DoesNotFindWhatReadersNeverHad) {
  room_.CreateStory("wall");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  const std::int64_t under_embargo = Publish();
  ASSERT_EQ(under_embargo, 3);
  EXPECT_EQ(ReasonAt(under_embargo), "ARTICLE_NOT_FOUND");
  ChangeHeadline("Two");
  Publish();
  room_.Pass(absl::Hours(1));
  EXPECT_EQ(room_.RunDue(), 1);
  ChangeHeadline("Draft");
  EXPECT_EQ(At(0)->article().content().headline(), "Two");
  const std::int64_t newest = room_.GetDraft("article_id: 'wall'")->draft().revision();
  const std::int64_t public_now = At(0)->article().revision();
  const grpc::Status unknown = rpc::ToGrpc(At(1000).status());
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  for (std::int64_t revision = 1; revision <= newest + 1; ++revision) {
    if (revision == public_now) continue;
    EXPECT_EQ(ReasonAt(revision), "REVISION_NOT_FOUND") << revision;
    // A draft looks exactly like a revision that does not exist.
    const grpc::Status status = rpc::ToGrpc(At(revision).status());
    EXPECT_EQ(status.error_message(), unknown.error_message());
    EXPECT_EQ(status.error_details(), unknown.error_details());
  }
  EXPECT_EQ(rpc::Detail<change::v1::Snapshot>(At(1).status())->position(), room_.Head());
  EXPECT_THAT(FieldsOf(At(-1).status()), ElementsAre("revision"));
}

TEST_F(PastRevisionsTest, AnEditorsWithdrawalTakesThemAwayForEver) {
  room_.PublishStory("wall");
  ChangeHeadline("Two");
  const std::int64_t second = Publish();
  ASSERT_TRUE(room_.Withhold("article_id: 'wall'").ok());
  for (std::int64_t revision : {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, second}) {
    EXPECT_EQ(ReasonAt(revision), "ARTICLE_WITHDRAWN") << revision;
  }
  ChangeHeadline("Three");
  const std::int64_t third = Publish();
  EXPECT_EQ(ReasonAt(2), "REVISION_NOT_FOUND");
  EXPECT_EQ(ReasonAt(second), "REVISION_NOT_FOUND");
  ChangeHeadline("Four");
  Publish();
  EXPECT_EQ(At(third)->article().content().headline(), "Three") << "what came after it is kept again";
  EXPECT_EQ(ReasonAt(second), "REVISION_NOT_FOUND");
  auto kept = room_.GetRevision("article_id: 'wall' revision: 2");
  ASSERT_TRUE(kept.ok()) << "the newsroom's are all there: " << kept.status();
  EXPECT_EQ(kept->draft().content().headline(), "Sea wall opens");
}

TEST_F(PastRevisionsTest, AnEditorsWithdrawalOfAHiddenStoryTakesThemAwayToo) {
  room_.PublishStory("wall");
  ChangeHeadline("Two");
  Publish();
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  EXPECT_EQ(ReasonAt(2), "ARTICLE_WITHDRAWN");
  ASSERT_TRUE(room_.Withhold("article_id: 'wall'").ok());
  ASSERT_TRUE(room_.Update("article_id: 'wall' update_mask { paths: 'embargoed_until' }").ok());
  Publish();
  EXPECT_TRUE(At(0).ok());
  EXPECT_EQ(ReasonAt(2), "REVISION_NOT_FOUND");
}

TEST_F(PastRevisionsTest, WhatWasPublishedAndWithheldInOneCommitIsNotFound) {
  room_.CreateStory("wall");
  auto commit = [&](EditTransaction& transaction, Action action) -> absl::Status {
    absl::StatusOr<Story> before = LoadStory(transaction, "wall", 0);
    if (!before.ok()) return before.status();
    Story after = *before;
    absl::Status changed = action == Action::kPublish
                               ? article::Publish(after, room_.now(), std::nullopt)
                               : article::Withhold(after, v1::PUB_STATUS_WITHHELD, nullptr);
    if (!changed.ok()) return changed;
    return CommitStory(transaction, &*before, after, action, room_.now()).status();
  };
  ASSERT_TRUE(room_.store()
                  .Write([&](EditTransaction& transaction) -> absl::Status {
                    absl::Status done = commit(transaction, Action::kPublish);
                    if (done.ok()) done = commit(transaction, Action::kWithhold);
                    return done;
                  })
                  .ok());
  ChangeHeadline("Two");
  Publish();
  EXPECT_TRUE(At(0).ok());
  EXPECT_EQ(ReasonAt(2), "REVISION_NOT_FOUND");
}

TEST_F(PastRevisionsTest, TheyGoAndComeBackWithAStoryThatExpires) {
  room_.PublishStory("wall");
  ChangeHeadline("Two");
  const std::int64_t second = Publish();
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'wall' expires_at ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  EXPECT_TRUE(At(2).ok());
  room_.Pass(absl::Hours(1));  // and nobody commits it
  EXPECT_EQ(ReasonAt(2), "ARTICLE_WITHDRAWN");
  EXPECT_EQ(ReasonAt(second), "ARTICLE_WITHDRAWN");
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_EQ(ReasonAt(2), "ARTICLE_WITHDRAWN");
  ASSERT_TRUE(room_.Update("article_id: 'wall' update_mask { paths: 'expires_at' }").ok());
  EXPECT_EQ(At(2)->article().content().headline(), "Sea wall opens");
  EXPECT_EQ(At(second)->article().content().headline(), "Two");
}

TEST_F(PastRevisionsTest, TheirAnswersBelongToAPositionLikeAllOthers) {
  room_.PublishStory("wall");
  ChangeHeadline("Two");
  Publish();
  EXPECT_TRUE(At(0).ok());  // into memory
  const std::int64_t head = room_.Head();
  EXPECT_EQ(At(2, absl::StrCat("min_position: ", head))->snapshot().position(), head);
  EXPECT_EQ(At(2, absl::StrCat("min_position: ", head + 1)).status().code(), absl::StatusCode::kUnavailable);
  room_.PublishStory("other");
  EXPECT_EQ(At(2)->snapshot().position(), head + 1);
  EXPECT_EQ(At(0)->article().content().headline(), "Two") << "what is in memory is still the present one";
}

}  // namespace
}  // namespace broadsheet::article
