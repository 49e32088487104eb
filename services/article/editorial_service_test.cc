// What becomes of a story.
#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class EditorialServiceTest : public testing::Test {
 protected:
  TestNewsroom room_;
};

std::vector<std::string> TagsOf(const change::v1::Change& change) {
  return {change.tags().begin(), change.tags().end()};
}

TEST_F(EditorialServiceTest, TakesAStoryThroughItsWholeLife) {
  const v1::Draft created = room_.CreateStory("wall");
  EXPECT_EQ(created.revision(), 1);
  EXPECT_EQ(created.edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(created.path(), "/harbour/2025/11/sea-wall-opens");
  EXPECT_EQ(room_.Get("article_id: 'wall'").status().code(), absl::StatusCode::kNotFound);

  auto updated = room_.Update(
      "article_id: 'wall' expected_revision: 1 content { headline: 'Sea wall delayed' }"
      " update_mask { paths: 'content.headline' }");
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->draft().revision(), 2);
  EXPECT_EQ(updated->draft().content().section_id(), "harbour");
  EXPECT_FALSE(updated->has_propagation());

  auto published = room_.Publish("article_id: 'wall' expected_revision: 2");
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->draft().published_revision(), 3);
  EXPECT_EQ(published->snapshot().position(), room_.Head());
  EXPECT_TRUE(published->has_propagation());
  auto read = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->article().content().headline(), "Sea wall delayed");
  EXPECT_EQ(read->article().revision(), 3);
  EXPECT_EQ(read->article().pub_status(), v1::PUB_STATUS_USABLE);
  EXPECT_EQ(read->article().content().body_size(), 1);
  EXPECT_EQ(read->authors(0).name(), "Author ann");
  EXPECT_EQ(read->section().name(), "Section harbour");
  EXPECT_EQ(read->snapshot().position(), room_.Head());

  auto withheld = room_.Withhold("article_id: 'wall'");
  ASSERT_TRUE(withheld.ok()) << withheld.status();
  EXPECT_TRUE(withheld->has_propagation());
  EXPECT_EQ(withheld->draft().pub_status(), v1::PUB_STATUS_WITHHELD);
  auto gone = room_.Get("article_id: 'wall'");
  EXPECT_EQ(rpc::Reason(gone.status()), "ARTICLE_WITHDRAWN");
  EXPECT_EQ(rpc::MetadataValue(gone.status(), "article_id"), "wall");

  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'").ok());
  EXPECT_EQ(room_.Changes(room_.Head() - 1)[0].kind(), change::v1::CHANGE_KIND_PUBLISHED);
}

TEST_F(EditorialServiceTest, ShowsReadersTheTextPublishedLast) {
  room_.PublishStory("wall");
  const std::int64_t head = room_.Head();
  auto updated = room_.Update(
      "article_id: 'wall' content { headline: 'Draft' section_id: 'town' }"
      " update_mask { paths: 'content.headline' paths: 'content.section_id' paths: 'content.body' }");
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->draft().edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(updated->draft().published_revision(), 2);
  EXPECT_FALSE(updated->has_propagation());
  EXPECT_EQ(room_.Head(), head);
  auto read = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->article().content().headline(), "Sea wall opens");
  EXPECT_EQ(read->article().content().body_size(), 1);

  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  EXPECT_EQ(room_.Get("article_id: 'wall'")->article().content().headline(), "Draft");
  EXPECT_EQ(room_.Get("article_id: 'wall'")->article().content().body_size(), 0);
  EXPECT_THAT(TagsOf(room_.Changes(head).back()),
              UnorderedElementsAre("article/wall", "path/harbour/2025/11/sea-wall-opens",
                                   "list/section/harbour", "list/section/town"));
}

TEST_F(EditorialServiceTest, RefusesToPublishWhatLacksAHeadlineOrSection) {
  ASSERT_TRUE(room_.Create("article_id: 'wall'").ok());
  const auto status = room_.Publish("article_id: 'wall'").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(status), "INVALID_STATE");
  EXPECT_THAT(FieldsOf(status), ElementsAre("content.headline", "content.section_id"));
}

TEST_F(EditorialServiceTest, PublishingWhatIsPublishedChangesNothing) {
  const v1::Draft draft = room_.PublishStory("wall");
  const std::int64_t head = room_.Head();
  room_.Pass(absl::Minutes(1));
  auto again = room_.Publish("article_id: 'wall'");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->draft().SerializeAsString(), draft.SerializeAsString());
  EXPECT_EQ(again->snapshot().position(), head);
  EXPECT_TRUE(again->has_propagation());
  EXPECT_EQ(room_.Head(), head);
}

TEST_F(EditorialServiceTest, ACorrectionIsPublicAtOnceAndPartOfEveryLaterRevision) {
  room_.PublishStory("wall");
  room_.Update("article_id: 'wall' content { headline: 'Draft' } update_mask { paths: 'content.headline' }")
      .IgnoreError();
  auto corrected = room_.Correct(
      "article_id: 'wall' correction { type: CORRECTION_TYPE_CORRECTION text { text: 'It is "
      "long.' } correction_id: 'mine' }");
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_TRUE(corrected->has_propagation());
  EXPECT_EQ(corrected->snapshot().position(), room_.Head());
  EXPECT_EQ(corrected->draft().corrections(0).correction_id(), "c1");
  auto read = room_.Get("article_id: 'wall'");
  EXPECT_EQ(read->article().corrections(0).text().text(), "It is long.");
  EXPECT_EQ(FromTimestamp(read->article().corrections(0).create_time()), room_.now());
  EXPECT_EQ(read->article().content().headline(), "Sea wall opens");
  EXPECT_EQ(read->article().content().body_size(), 1);
  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  EXPECT_EQ(room_.Get("article_id: 'wall'")->article().corrections_size(), 1);
}

TEST_F(EditorialServiceTest, ACorrectionOfADraftIsSeenByNobody) {
  room_.CreateStory("wall");
  const std::int64_t head = room_.Head();
  auto corrected =
      room_.Correct("article_id: 'wall' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } }");
  ASSERT_TRUE(corrected.ok());
  EXPECT_FALSE(corrected->has_propagation());
  EXPECT_EQ(room_.Head(), head);
}

TEST_F(EditorialServiceTest, AMovedStoryIsFoundByAllItsPaths) {
  const std::string old_path = room_.PublishStory("wall").path();
  auto moved = room_.Move("article_id: 'wall' path: '/new'");
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_TRUE(moved->has_propagation());
  EXPECT_THAT(
      TagsOf(room_.Changes(room_.Head() - 1)[0]),
      UnorderedElementsAre("article/wall", "path/new", absl::StrCat("path", old_path), "list/latest"));
  ASSERT_TRUE(room_.Move("article_id: 'wall' path: '/newer'").ok());
  EXPECT_THAT(TagsOf(room_.Changes(room_.Head() - 1)[0]),
              UnorderedElementsAre("article/wall", "path/new", "path/newer", absl::StrCat("path", old_path),
                                   "list/latest"));
  for (const std::string& path : {std::string("/new"), std::string("/newer"), old_path}) {
    auto read = room_.Get(absl::StrCat("path: '", path, "'"));
    ASSERT_TRUE(read.ok()) << path;
    EXPECT_EQ(read->article().path(), "/newer");
    EXPECT_EQ(room_.GetDraft(absl::StrCat("path: '", path, "'"))->draft().article_id(), "wall");
  }
  room_.CreateStory("other");
  EXPECT_EQ(rpc::Reason(room_.Move("article_id: 'other' path: '/new'").status()), "PATH_TAKEN");
  EXPECT_TRUE(room_.Move(absl::StrCat("article_id: 'wall' path: '", old_path, "'")).ok());
  EXPECT_EQ(room_.Get("path: '/newer'")->article().path(), old_path);
}

TEST_F(EditorialServiceTest, MovingAStoryToWhereItIsChangesNothing) {
  const v1::Draft draft = room_.PublishStory("wall");
  auto moved = room_.Move(absl::StrCat("article_id: 'wall' path: '", draft.path(), "'"));
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(moved->draft().revision(), draft.revision());
}

TEST_F(EditorialServiceTest, GivesStoriesOfOneHeadlineDifferentPaths) {
  EXPECT_EQ(room_.PublishStory("a").path(), "/harbour/2025/11/sea-wall-opens");
  EXPECT_EQ(room_.PublishStory("b").path(), "/harbour/2025/11/sea-wall-opens-2");
  EXPECT_EQ(room_.PublishStory("c").path(), "/harbour/2025/11/sea-wall-opens-3");
  EXPECT_EQ(room_.PublishStory("d", "…").path(), "/harbour/2025/11/d");
}

TEST_F(EditorialServiceTest, KeepsThePathOfAPublishedStoryWhenItsHeadlineChanges) {
  const std::string path = room_.PublishStory("wall").path();
  room_.Update("article_id: 'wall' content { headline: 'Other' } update_mask { paths: 'content.headline' }")
      .IgnoreError();
  EXPECT_EQ(room_.Publish("article_id: 'wall'")->draft().path(), path);
}

TEST_F(EditorialServiceTest, WithdrawalSaysWhatReadersSeeInstead) {
  const std::string path = room_.PublishStory("wall").path();
  ASSERT_TRUE(
      room_.Withhold("article_id: 'wall' withdrawal { mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '/x' }")
          .ok());
  auto gone = room_.Get(absl::StrCat("path: '", path, "'")).status();
  EXPECT_EQ(gone.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rpc::Reason(gone), "ARTICLE_WITHDRAWN");
  EXPECT_EQ(rpc::Detail<v1::Withdrawal>(gone)->redirect_path(), "/x");
  EXPECT_EQ(rpc::Detail<change::v1::Snapshot>(gone)->position(), room_.Head());

  const std::int64_t head = room_.Head();
  auto again = room_.Withhold(
      "article_id: 'wall' pub_status: PUB_STATUS_CANCELED "
      "withdrawal { mode: WITHDRAWAL_MODE_NOTICE notice: 'Legal reasons.' }");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(room_.Head(), head + 1);
  EXPECT_EQ(rpc::Detail<v1::Withdrawal>(room_.Get("article_id: 'wall'").status())->notice(),
            "Legal reasons.");
  EXPECT_EQ(rpc::Reason(room_.Publish("article_id: 'wall'").status()), "INVALID_STATE");
}

TEST_F(EditorialServiceTest, RefusesRedirectsThatLeadBack) {
  const std::string a = room_.PublishStory("a").path();
  const std::string b = room_.PublishStory("b").path();
  auto redirect = [&](const std::string& id, const std::string& to) {
    return room_
        .Withhold(absl::StrCat("article_id: '", id,
                               "' withdrawal { mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '", to, "' }"))
        .status();
  };
  EXPECT_THAT(FieldsOf(redirect("a", a)), ElementsAre("withdrawal.redirect_path"));
  EXPECT_TRUE(redirect("a", b).ok());
  EXPECT_THAT(FieldsOf(redirect("b", a)), ElementsAre("withdrawal.redirect_path"));
  EXPECT_TRUE(redirect("b", "/").ok());
}

TEST_F(EditorialServiceTest, RevokesAScheduledPublication) {
  room_.CreateStory("wall");
  auto scheduled = room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1))));
  ASSERT_TRUE(scheduled.ok());
  EXPECT_EQ(scheduled->draft().edit_state(), v1::EDIT_STATE_SCHEDULED);
  EXPECT_FALSE(scheduled->has_propagation());
  auto revoked = room_.Withhold("article_id: 'wall'");
  ASSERT_TRUE(revoked.ok());
  EXPECT_FALSE(revoked->has_propagation());
  EXPECT_EQ(revoked->draft().edit_state(), v1::EDIT_STATE_DRAFT);
  room_.Pass(absl::Hours(2));
  EXPECT_EQ(room_.RunDue(), 0);
  EXPECT_EQ(rpc::Reason(room_.Get("article_id: 'wall'").status()), "ARTICLE_NOT_FOUND");
}

TEST_F(EditorialServiceTest, TakesTheDateOfAnEarlierPublicationOnce) {
  room_.CreateStory("wall");
  EXPECT_THAT(
      FieldsOf(
          room_.Publish(absl::StrCat("article_id: 'wall' first_published_at ", room_.After(absl::Hours(1))))
              .status()),
      ElementsAre("first_published_at"));
  EXPECT_THAT(FieldsOf(room_
                           .Publish(absl::StrCat("article_id: 'wall' first_published_at ",
                                                 room_.After(-absl::Hours(1)), " publish_at ",
                                                 room_.After(absl::Hours(1))))
                           .status()),
              ElementsAre("first_published_at"));
  auto published = room_.Publish(
      absl::StrCat("article_id: 'wall' first_published_at ", room_.After(-absl::Hours(24 * 400))));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->draft().path(), "/harbour/2024/10/sea-wall-opens");
  EXPECT_EQ(
      rpc::Reason(
          room_.Publish(absl::StrCat("article_id: 'wall' first_published_at ", room_.After(-absl::Hours(1))))
              .status()),
      "INVALID_STATE");
}

TEST_F(EditorialServiceTest, AWriteThatEndsAnEmbargoByTheWayWaitsForTheFollowersToo) {
  for (const char* id : {"restored", "scheduled"}) {
    room_.CreateStory(id);
    ASSERT_TRUE(
        room_
            .Update(absl::StrCat("article_id: '", id, "' embargoed_until ", room_.After(absl::Hours(1)),
                                 " update_mask { paths: 'embargoed_until' }"))
            .ok());
    ASSERT_TRUE(room_.Publish(absl::StrCat("article_id: '", id, "'")).ok());
  }
  room_.Pass(absl::Hours(1));  // and the scheduler has not come yet
  std::vector<std::int64_t> waited;
  EditorialService service(
      room_.store(),
      [&](std::int64_t position) {
        waited.push_back(position);
        return change::v1::Propagation();
      },
      [&] { return room_.now(); });
  const std::int64_t head = room_.Head();

  v1::RestoreRevisionRequest restore;
  ParseText("article_id: 'restored' revision: 1", restore);
  v1::RestoreRevisionResponse restored;
  ASSERT_TRUE(service.RestoreRevision(nullptr, &restore, &restored).ok());
  EXPECT_EQ(room_.Head(), head + 1);
  EXPECT_THAT(waited, ElementsAre(head + 1));

  v1::PublishArticleRequest schedule;
  ParseText(absl::StrCat("article_id: 'scheduled' publish_at ", room_.After(absl::Hours(1))), schedule);
  v1::PublishArticleResponse scheduled;
  ASSERT_TRUE(service.PublishArticle(nullptr, &schedule, &scheduled).ok());
  EXPECT_EQ(room_.Head(), head + 2);
  EXPECT_THAT(waited, ElementsAre(head + 1, head + 2));
  EXPECT_FALSE(scheduled.has_propagation());
}

TEST_F(EditorialServiceTest, PositionsAreGapFreeUnderConcurrentWriters) {
  const std::int64_t head = room_.Head();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 10; ++i) room_.PublishStory(absl::StrCat("s", writer, "-", i));
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::int64_t expected = head;
  std::set<std::string> subjects;
  for (const change::v1::Change& change : room_.Changes(head)) {
    EXPECT_EQ(change.position(), ++expected);
    subjects.insert(change.subject());
  }
  EXPECT_EQ(subjects.size(), 80u);
  EXPECT_EQ(room_.Head(), head + 80);
}

}  // namespace
}  // namespace broadsheet::article
