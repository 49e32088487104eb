#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "services/article/test_newsroom.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST_F(EditorialServiceTest, NamesEveryFieldAtFault) {
  const auto status = room_
                          .Create(
                              "article_id: 'A' path: 'x' content { headline: 'a\\nb' body { heading { level: "
                              "1 text { text: 'x' } } }"
                              " body { paragraph { text { text: 'x' spans { end: 1 kind: SPAN_KIND_LINK url: "
                              "'javascript:1' } } } } }"
                              " ed_note: '\\x01' expires_at { nanos: -1 }")
                          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      FieldsOf(status),
      UnorderedElementsAre("article_id", "path", "content.headline", "content.body[0].heading.level",
                           "content.body[1].paragraph.text.spans[0].url", "ed_note", "expires_at.nanos"));
  EXPECT_THAT(FieldsOf(room_.Update("article_id: 'wall'").status()), ElementsAre("update_mask"));
  EXPECT_THAT(
      FieldsOf(room_
                   .Update("article_id: 'wall' update_mask { paths: 'ed_note' paths: 'content.nothing' "
                           "paths: 'path' paths: 'content.lead_image.caption' }")
                   .status()),
      ElementsAre("update_mask.paths[1]", "update_mask.paths[2]", "update_mask.paths[3]"));
  EXPECT_THAT(FieldsOf(room_.Publish("expected_revision: -1").status()),
              ElementsAre("expected_revision", "article_id"));
  EXPECT_THAT(FieldsOf(room_.Withhold("article_id: 'a' pub_status: PUB_STATUS_USABLE").status()),
              ElementsAre("pub_status"));
  EXPECT_THAT(FieldsOf(room_.Correct("article_id: 'a'").status()),
              ElementsAre("correction.type", "correction.text.text"));
  EXPECT_THAT(FieldsOf(room_.Move("article_id: 'a' path: '//x'").status()), ElementsAre("path"));
  EXPECT_THAT(FieldsOf(room_.Restore("article_id: 'a'").status()), ElementsAre("revision"));
  EXPECT_THAT(FieldsOf(room_.PutAuthor("author { author_id: 'x' }").status()), ElementsAre("author.name"));
  EXPECT_THAT(FieldsOf(room_.PutSection("section { name: 'x' }").status()),
              ElementsAre("section.section_id"));
  EXPECT_THAT(FieldsOf(room_.Create(absl::StrCat("request_id: '", std::string(101, 'r'), "'")).status()),
              ElementsAre("request_id"));
  EXPECT_THAT(FieldsOf(room_.ListDrafts("page_size: -1 page_token: 'x'").status()), ElementsAre("page_size"));
  EXPECT_THAT(FieldsOf(room_.ListDrafts("page_token: 'x'").status()), ElementsAre("page_token"));
  EXPECT_THAT(FieldsOf(room_.GetDraft("").status()), ElementsAre("article_id"));
  EXPECT_THAT(FieldsOf(room_.GetDraft("path: 'x'").status()), ElementsAre("path"));
}

TEST_F(EditorialServiceTest, RefusesABodyOfTenMegabytesByName) {
  v1::CreateArticleRequest request;
  for (int i = 0; i < 160; ++i) {
    request.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
        std::string(64 << 10, 'a'));
  }
  auto stub =
      v1::EditorialService::NewStub(grpc::CreateChannel(room_.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::CreateArticleResponse response;
  EXPECT_THAT(FieldsOf(rpc::FromGrpc(stub->CreateArticle(&context, request, &response))),
              ElementsAre("content.body"));
}

TEST_F(EditorialServiceTest, RefusesTextThatIsNotUtf8AndStoresNothing) {
  v1::CreateArticleRequest request;
  request.set_article_id("bad");
  request.mutable_content()->set_headline("\xFF\xFE");
  grpc::ClientContext context;
  v1::CreateArticleResponse response;
  EXPECT_FALSE(room_.editing().CreateArticle(&context, request, &response).ok());
  EXPECT_EQ(room_.GetDraft("article_id: 'bad'").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EditorialServiceTest, RejectsAnUpdateOfAnOlderRevision) {
  room_.PublishStory("wall");
  for (const absl::Status& status :
       {room_.Update("article_id: 'wall' expected_revision: 1 update_mask { paths: 'ed_note' }").status(),
        room_.Publish("article_id: 'wall' expected_revision: 1").status(),
        room_.Withhold("article_id: 'wall' expected_revision: 3").status(),
        room_.Move("article_id: 'wall' expected_revision: 1 path: '/x'").status(),
        room_.Restore("article_id: 'wall' expected_revision: 1 revision: 1").status(),
        room_
            .Correct("article_id: 'wall' expected_revision: 1 correction { type: CORRECTION_TYPE_UPDATE text "
                     "{ text: 'x' } }")
            .status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
    const auto info = rpc::Detail<google::rpc::ErrorInfo>(status);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->reason(), "REVISION_MISMATCH");
    EXPECT_EQ(info->domain(), "broadsheet");
    EXPECT_EQ(info->metadata().at("revision"), "2");
  }
}

TEST_F(EditorialServiceTest, LetsOneOfTwoConcurrentEditorsWin) {
  room_.CreateStory("wall");
  std::atomic<int> won{0}, lost{0};
  std::vector<std::thread> editors;
  for (int i = 0; i < 8; ++i) {
    editors.emplace_back([&, i] {
      auto updated =
          room_.Update(absl::StrCat("article_id: 'wall' expected_revision: 1 content { headline: 'By ", i,
                                    "' } update_mask { paths: 'content.headline' }"));
      if (updated.ok()) ++won;
      if (absl::IsAborted(updated.status())) ++lost;
    });
  }
  for (std::thread& editor : editors) editor.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 7);
  EXPECT_EQ(room_.GetDraft("article_id: 'wall'")->draft().revision(), 2);
}

TEST_F(EditorialServiceTest, AnswersARepeatedRequestOnceMoreAlsoAfterARestart) {
  const std::string create =
      "request_id: 'r1' content { headline: 'x' section_id: 'harbour' "
      "body { paragraph { text { text: 'one' } } } }";
  auto first = room_.Create(create);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string id = first->draft().article_id();
  const std::string publish = absl::StrCat("request_id: 'r2' article_id: '", id, "'");
  auto published = room_.Publish(publish);
  ASSERT_TRUE(published.ok());
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: '", id,
                                       "' content { headline: 'y' } "
                                       "update_mask { paths: 'content.headline' }"))
                  .ok());
  const std::int64_t head = room_.Head();
  for (bool restarted : {false, true}) {
    if (restarted) room_.Restart();
    auto again = room_.Create(create);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
    auto published_again = room_.Publish(publish);
    ASSERT_TRUE(published_again.ok()) << published_again.status();
    EXPECT_EQ(published_again->draft().SerializeAsString(), published->draft().SerializeAsString());
    EXPECT_EQ(published_again->snapshot().position(), published->snapshot().position());
    EXPECT_TRUE(published_again->has_propagation());
    EXPECT_EQ(room_.Head(), head);
    EXPECT_EQ(room_.GetDraft(absl::StrCat("article_id: '", id, "'"))->draft().revision(), 3);
  }
}

TEST_F(EditorialServiceTest, RefusesARequestIdUsedForAnotherRequest) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  EXPECT_THAT(FieldsOf(room_.Create("request_id: 'r' article_id: 'b'").status()), ElementsAre("request_id"));
  EXPECT_THAT(FieldsOf(room_.Withhold("request_id: 'r' article_id: 'a'").status()),
              ElementsAre("request_id"));
  EXPECT_EQ(room_.GetDraft("article_id: 'b'").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EditorialServiceTest, ForgetsRequestIdsAfterADay) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Hours(24) - absl::Seconds(1));
  EXPECT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Seconds(2));
  EXPECT_EQ(rpc::Reason(room_.Create("request_id: 'r' article_id: 'a'").status()), "ARTICLE_EXISTS");
  EXPECT_TRUE(room_.Create("request_id: 'r' article_id: 'b'").ok());
}

TEST_F(EditorialServiceTest, DoesNotKeepFailuresUnderARequestId) {
  EXPECT_FALSE(room_.Publish("request_id: 'r' article_id: 'wall'").ok());
  room_.CreateStory("wall");
  EXPECT_TRUE(room_.Publish("request_id: 'r' article_id: 'wall'").ok());
}

TEST_F(EditorialServiceTest, RefusesATakenIdAndATakenPath) {
  ASSERT_TRUE(room_.Create("article_id: 'a' path: '/x'").ok());
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'a'").status()), "ARTICLE_EXISTS");
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'b' path: '/x'").status()), "PATH_TAKEN");
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'b' path: '/harbour'").status()), "PATH_TAKEN");
  EXPECT_EQ(rpc::Reason(room_.PutSection("section { section_id: 'x' name: 'X' }").status()), "PATH_TAKEN");
  EXPECT_EQ(room_.Create("article_id: 'a'").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(EditorialServiceTest, RefusesATextThatNamesAnUnknownSectionOrAuthor) {
  auto section = room_.Create("content { section_id: 'nowhere' }").status();
  EXPECT_EQ(section.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rpc::Reason(section), "SECTION_NOT_FOUND");
  EXPECT_THAT(FieldsOf(section), ElementsAre("content.section_id"));
  auto author = room_.Create("content { author_ids: 'ann' author_ids: 'nobody' }").status();
  EXPECT_EQ(rpc::Reason(author), "AUTHOR_NOT_FOUND");
  EXPECT_THAT(FieldsOf(author), ElementsAre("content.author_ids[1]"));
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

TEST_F(EditorialServiceTest, AnUpdateThatChangesNothingMakesNoRevision) {
  room_.PublishStory("wall");
  auto updated = room_.Update(
      "article_id: 'wall' content { headline: 'Sea wall opens' } "
      "update_mask { paths: 'content.headline' paths: 'ed_note' paths: 'expires_at' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().revision(), 2);
  EXPECT_FALSE(updated->has_propagation());
  EXPECT_EQ(updated->draft().edit_state(), v1::EDIT_STATE_DONE);
}

TEST_F(EditorialServiceTest, ImportingTheSameBodyAgainChangesNothing) {
  room_.PublishStory("wall");
  auto updated = room_.Update(
      "article_id: 'wall' content { body { paragraph { text { text: 'The text of wall.' } } } } "
      "update_mask { paths: 'content.body' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().revision(), 2);
}

TEST_F(EditorialServiceTest, ClearsANamedFieldThatIsNotSet) {
  room_.CreateStory("wall");
  auto updated = room_.Update(
      "article_id: 'wall' content { headline: 'ignored' } update_mask { paths: 'content.subjects' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().content().subjects_size(), 0);
  EXPECT_EQ(updated->draft().content().headline(), "Sea wall opens");
  updated =
      room_.Update("article_id: 'wall' content { headline: 'Only this' } update_mask { paths: 'content' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().content().body_size(), 0);
  EXPECT_EQ(updated->draft().content().section_id(), "");
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
  EXPECT_THAT(TagsOf(room_.Changes(room_.Head() - 1)[0]),
              UnorderedElementsAre("article/wall", "path/new", absl::StrCat("path", old_path)));
  ASSERT_TRUE(room_.Move("article_id: 'wall' path: '/newer'").ok());
  EXPECT_THAT(TagsOf(room_.Changes(room_.Head() - 1)[0]),
              UnorderedElementsAre("article/wall", "path/new", "path/newer", absl::StrCat("path", old_path)));
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

TEST_F(EditorialServiceTest, KeepsEveryRevision) {
  room_.PublishStory("wall");
  room_.Update("article_id: 'wall' content { headline: 'Two' } update_mask { paths: 'content.headline' }")
      .IgnoreError();
  room_.Publish("article_id: 'wall'").IgnoreError();
  room_.Move("article_id: 'wall' path: '/x'").IgnoreError();
  room_.Correct("article_id: 'wall' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } }")
      .IgnoreError();
  room_.Withhold("article_id: 'wall'").IgnoreError();
  room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", room_.After(absl::Hours(1)))).IgnoreError();

  std::vector<std::string> actions;
  std::string token;
  do {
    auto list =
        room_.ListRevisions(absl::StrCat("article_id: 'wall' page_size: 3 page_token: '", token, "'"));
    ASSERT_TRUE(list.ok()) << list.status();
    for (const v1::Revision& revision : list->revisions()) actions.push_back(revision.action());
    token = list->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(actions, ElementsAre("schedule", "withhold", "correct", "move", "publish", "update", "publish",
                                   "create"));

  auto first = room_.GetRevision("article_id: 'wall' revision: 1");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->draft().content().headline(), "Sea wall opens");
  EXPECT_EQ(first->draft().content().body_size(), 1);
  EXPECT_EQ(first->revision().headline(), "Sea wall opens");
  EXPECT_EQ(first->revision().pub_status(), v1::PUB_STATUS_UNSPECIFIED);
  EXPECT_EQ(rpc::Reason(room_.GetRevision("article_id: 'wall' revision: 99").status()), "REVISION_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.GetRevision("article_id: 'no' revision: 1").status()), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.ListRevisions("article_id: 'no'").status()), "ARTICLE_NOT_FOUND");
}

TEST_F(EditorialServiceTest, RestoresTheContentOfAnOldRevisionAsADraft) {
  room_.PublishStory("wall");
  room_.Update("article_id: 'wall' content { headline: 'Two' } update_mask { paths: 'content' }")
      .IgnoreError();
  auto restored = room_.Restore("article_id: 'wall' revision: 1");
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->draft().revision(), 4);
  EXPECT_EQ(restored->draft().content().headline(), "Sea wall opens");
  EXPECT_EQ(restored->draft().content().body_size(), 1);
  EXPECT_EQ(restored->draft().edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(rpc::Reason(room_.Restore("article_id: 'wall' revision: 99").status()), "REVISION_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.Restore("article_id: 'no' revision: 1").status()), "ARTICLE_NOT_FOUND");
}

TEST_F(EditorialServiceTest, ListsDraftsLastChangedFirstWithoutBodies) {
  for (const char* id : {"a", "b", "c"}) {
    room_.Pass(absl::Seconds(1));
    room_.CreateStory(id);
  }
  room_.Pass(absl::Seconds(1));
  room_.Publish("article_id: 'a'").IgnoreError();
  auto ids = [&](const std::string& request) {
    std::vector<std::string> found;
    auto list = room_.ListDrafts(request);
    EXPECT_TRUE(list.ok()) << list.status();
    if (list.ok()) {
      for (const v1::Draft& draft : list->drafts()) {
        EXPECT_EQ(draft.content().body_size(), 0);
        found.push_back(draft.article_id());
      }
    }
    return found;
  };
  EXPECT_THAT(ids(""), ElementsAre("a", "c", "b"));
  EXPECT_THAT(ids("edit_states: EDIT_STATE_DRAFT"), ElementsAre("c", "b"));
  EXPECT_THAT(ids("pub_statuses: PUB_STATUS_USABLE"), ElementsAre("a"));
  EXPECT_THAT(ids("pub_statuses: PUB_STATUS_USABLE edit_states: EDIT_STATE_DRAFT"), IsEmpty());
  EXPECT_THAT(ids("pub_statuses: PUB_STATUS_USABLE pub_statuses: PUB_STATUS_UNSPECIFIED"),
              ElementsAre("a", "c", "b"));
  EXPECT_THAT(ids("section_id: 'harbour'"), ElementsAre("a", "c", "b"));
  EXPECT_THAT(ids("section_id: 'town'"), IsEmpty());
  auto first = room_.ListDrafts("page_size: 2");
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(ids(absl::StrCat("page_size: 2 page_token: '", first->next_page_token(), "'")),
              ElementsAre("b"));
}

TEST_F(EditorialServiceTest, PutsAndDeletesAuthors) {
  auto put = room_.PutAuthor("author { author_id: 'cy' name: 'Cy' revision: 7 } ");
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(put->author().revision(), 1);
  EXPECT_TRUE(put->has_propagation());
  auto same = room_.PutAuthor("author { author_id: 'cy' name: 'Cy' }");
  EXPECT_EQ(same->author().revision(), 1);
  EXPECT_FALSE(same->has_propagation());
  EXPECT_EQ(
      room_.PutAuthor("author { author_id: 'cy' name: 'Cyr' } expected_revision: 1")->author().revision(), 2);
  EXPECT_THAT(TagsOf(room_.Changes(room_.Head() - 1)[0]), ElementsAre("author/cy"));
  EXPECT_EQ(
      rpc::Reason(room_.PutAuthor("author { author_id: 'cy' name: 'C' } expected_revision: 1").status()),
      "REVISION_MISMATCH");
  EXPECT_EQ(
      rpc::Reason(room_.PutAuthor("author { author_id: 'new' name: 'N' } expected_revision: 1").status()),
      "REVISION_MISMATCH");
  auto deleted = room_.DeleteAuthor("author_id: 'cy'");
  ASSERT_TRUE(deleted.ok());
  EXPECT_TRUE(deleted->has_propagation());
  EXPECT_EQ(rpc::Reason(room_.DeleteAuthor("author_id: 'cy'").status()), "AUTHOR_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.GetAuthor("author_id: 'cy'").status()), "AUTHOR_NOT_FOUND");
}

TEST_F(EditorialServiceTest, KeepsAuthorsAndSectionsThatAStoryNames) {
  room_.PublishStory("wall");
  EXPECT_EQ(rpc::Reason(room_.DeleteAuthor("author_id: 'ann'").status()), "INVALID_STATE");
  EXPECT_EQ(rpc::Reason(room_.DeleteSection("section_id: 'harbour'").status()), "INVALID_STATE");
  // The published text still names them.
  ASSERT_TRUE(room_
                  .Update("article_id: 'wall' content { section_id: 'town' author_ids: 'bo' } "
                          "update_mask { paths: 'content.section_id' paths: 'content.author_ids' }")
                  .ok());
  for (const char* id : {"ann", "bo"}) {
    EXPECT_EQ(rpc::Reason(room_.DeleteAuthor(absl::StrCat("author_id: '", id, "'")).status()),
              "INVALID_STATE");
  }
  EXPECT_EQ(rpc::Reason(room_.DeleteSection("section_id: 'harbour'").status()), "INVALID_STATE");
  ASSERT_TRUE(room_.Publish("article_id: 'wall'").ok());
  EXPECT_TRUE(room_.DeleteAuthor("author_id: 'ann'").ok());
  EXPECT_TRUE(room_.DeleteSection("section_id: 'harbour'").ok());
  EXPECT_EQ(rpc::Reason(room_.DeleteSection("section_id: 'harbour'").status()), "SECTION_NOT_FOUND");
  // Restoring the text that names them is refused.
  EXPECT_EQ(rpc::Reason(room_.Restore("article_id: 'wall' revision: 1").status()), "SECTION_NOT_FOUND");
}

TEST_F(EditorialServiceTest, HasAtMostAHundredSections) {
  for (int i = 2; i < 100; ++i) {
    ASSERT_TRUE(room_.PutSection(absl::StrCat("section { section_id: 's", i, "' name: 'S' }")).ok());
  }
  EXPECT_EQ(rpc::Reason(room_.PutSection("section { section_id: 'more' name: 'S' }").status()),
            "INVALID_STATE");
  EXPECT_TRUE(room_.PutSection("section { section_id: 's2' name: 'Other' }").ok());
}

TEST_F(EditorialServiceTest, NamesWhatIsNotThere) {
  for (const absl::Status& status :
       {room_.GetDraft("article_id: 'no'").status(), room_.GetDraft("path: '/no'").status(),
        room_.Publish("article_id: 'no'").status(), room_.Withhold("article_id: 'no'").status(),
        room_.Move("article_id: 'no' path: '/x'").status(),
        room_.Update("article_id: 'no' update_mask { paths: 'ed_note' }").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(rpc::Reason(status), "ARTICLE_NOT_FOUND");
  }
}

TEST_F(EditorialServiceTest, RefusesAnExpiryBeforeTheEndOfTheEmbargo) {
  EXPECT_THAT(FieldsOf(room_.Create("embargoed_until { seconds: 10 } expires_at { seconds: 10 }").status()),
              ElementsAre("expires_at"));
  ASSERT_TRUE(
      room_.Create("article_id: 'a' embargoed_until { seconds: 10 } expires_at { seconds: 11 }").ok());
  EXPECT_THAT(
      FieldsOf(room_.Update("article_id: 'a' expires_at { seconds: 9 } update_mask { paths: 'expires_at' }")
                   .status()),
      ElementsAre("expires_at"));
}

TEST_F(EditorialServiceTest, KeepsTimesOfTheYears1And9999) {
  auto created = room_.Create(
      "article_id: 'a' embargoed_until { seconds: -62135596800 } "
      "expires_at { seconds: 253402300799 nanos: 999999999 } "
      "content { headline: 'x' section_id: 'harbour' }");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->draft().embargoed_until().seconds(), -62135596800);
  EXPECT_EQ(created->draft().expires_at().nanos(), 999999000);
  ASSERT_TRUE(room_.Publish("article_id: 'a'").ok());
  EXPECT_TRUE(room_.Get("article_id: 'a'").ok());
}

TEST_F(EditorialServiceTest, SaysClearlyWhatThisVersionCannotDo) {
  grpc::ClientContext diff, reserve;
  v1::DiffRevisionsResponse diffed;
  v1::ReservePathResponse reserved;
  EXPECT_EQ(room_.editing().DiffRevisions(&diff, {}, &diffed).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(room_.editing().ReservePath(&reserve, {}, &reserved).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
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
