// What requests may ask, and what becomes of those repeated or made at the same time.
#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class EditorialRequestsTest : public testing::Test {
 protected:
  TestNewsroom room_;
};

TEST_F(EditorialRequestsTest, AMaskThatNamesAFieldManyTimesLeavesTheOthersAlone) {
  room_.CreateStory("wall");
  std::string mask;
  for (int i = 0; i < 40; ++i) mask += " paths: 'content.headline'";
  auto updated = room_.Update(
      absl::StrCat("article_id: 'wall' content { headline: 'Sea wall delayed' } update_mask {", mask, " }"));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->draft().content().headline(), "Sea wall delayed");
  EXPECT_EQ(updated->draft().content().section_id(), "harbour");
  EXPECT_EQ(updated->draft().content().body_size(), 1);
}

TEST_F(EditorialRequestsTest, NamesEveryFieldAtFault) {
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
  std::string mask;
  for (int i = 0; i < 101; ++i) mask += " paths: 'content.headline'";
  EXPECT_THAT(FieldsOf(room_.Update(absl::StrCat("article_id: 'wall' update_mask {", mask, " }")).status()),
              ElementsAre("update_mask"));
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

TEST_F(EditorialRequestsTest, RejectsAnUpdateOfAnOlderRevision) {
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

TEST_F(EditorialRequestsTest, LetsOneOfTwoConcurrentEditorsWin) {
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

TEST_F(EditorialRequestsTest, AnswersARepeatedRequestOnceMoreAlsoAfterARestart) {
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

TEST_F(EditorialRequestsTest, RefusesARequestIdUsedForAnotherRequest) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  EXPECT_THAT(FieldsOf(room_.Create("request_id: 'r' article_id: 'b'").status()), ElementsAre("request_id"));
  EXPECT_THAT(FieldsOf(room_.Withhold("request_id: 'r' article_id: 'a'").status()),
              ElementsAre("request_id"));
  EXPECT_EQ(room_.GetDraft("article_id: 'b'").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EditorialRequestsTest, ForgetsRequestIdsAfterADay) {
  ASSERT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Hours(24) - absl::Seconds(1));
  EXPECT_TRUE(room_.Create("request_id: 'r' article_id: 'a'").ok());
  room_.Pass(absl::Seconds(2));
  EXPECT_EQ(rpc::Reason(room_.Create("request_id: 'r' article_id: 'a'").status()), "ARTICLE_EXISTS");
  EXPECT_TRUE(room_.Create("request_id: 'r' article_id: 'b'").ok());
}

TEST_F(EditorialRequestsTest, DoesNotKeepFailuresUnderARequestId) {
  EXPECT_FALSE(room_.Publish("request_id: 'r' article_id: 'wall'").ok());
  room_.CreateStory("wall");
  EXPECT_TRUE(room_.Publish("request_id: 'r' article_id: 'wall'").ok());
}

TEST_F(EditorialRequestsTest, RefusesATakenIdAndATakenPath) {
  ASSERT_TRUE(room_.Create("article_id: 'a' path: '/x'").ok());
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'a'").status()), "ARTICLE_EXISTS");
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'b' path: '/x'").status()), "PATH_TAKEN");
  EXPECT_EQ(rpc::Reason(room_.Create("article_id: 'b' path: '/harbour'").status()), "PATH_TAKEN");
  EXPECT_EQ(rpc::Reason(room_.PutSection("section { section_id: 'x' name: 'X' }").status()), "PATH_TAKEN");
  EXPECT_EQ(room_.Create("article_id: 'a'").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(EditorialRequestsTest, RefusesATextThatNamesAnUnknownSectionOrAuthor) {
  auto section = room_.Create("content { section_id: 'nowhere' }").status();
  EXPECT_EQ(section.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rpc::Reason(section), "SECTION_NOT_FOUND");
  EXPECT_THAT(FieldsOf(section), ElementsAre("content.section_id"));
  auto author = room_.Create("content { author_ids: 'ann' author_ids: 'nobody' }").status();
  EXPECT_EQ(rpc::Reason(author), "AUTHOR_NOT_FOUND");
  EXPECT_THAT(FieldsOf(author), ElementsAre("content.author_ids[1]"));
}

TEST_F(EditorialRequestsTest, AnUpdateThatChangesNothingMakesNoRevision) {
  room_.PublishStory("wall");
  auto updated = room_.Update(
      "article_id: 'wall' content { headline: 'Sea wall opens' } "
      "update_mask { paths: 'content.headline' paths: 'ed_note' paths: 'expires_at' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().revision(), 2);
  EXPECT_FALSE(updated->has_propagation());
  EXPECT_EQ(updated->snapshot().position(), room_.Head());
  EXPECT_EQ(updated->draft().edit_state(), v1::EDIT_STATE_DONE);
}

TEST_F(EditorialRequestsTest, AnUpdateNamesTheStateOfTheLogThatIncludesIt) {
  room_.PublishStory("wall");
  auto before = room_.Get("article_id: 'wall'");
  ASSERT_TRUE(before.ok()) << before.status();
  auto draft = room_.Update(
      "article_id: 'wall' content { headline: 'Sea wall delayed' } "
      "update_mask { paths: 'content.headline' }");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->snapshot().log_id(), before->snapshot().log_id());
  EXPECT_EQ(draft->snapshot().position(), before->snapshot().position()) << "readers notice nothing";

  const std::string embargo =
      absl::StrCat("request_id: 'r' article_id: 'wall' embargoed_until ", room_.After(absl::Hours(1)),
                   " update_mask { paths: 'embargoed_until' }");
  auto hidden = room_.Update(embargo);
  ASSERT_TRUE(hidden.ok()) << hidden.status();
  EXPECT_TRUE(hidden->has_propagation());
  EXPECT_EQ(hidden->snapshot().log_id(), before->snapshot().log_id());
  EXPECT_EQ(hidden->snapshot().position(), before->snapshot().position() + 1);
  auto shown = room_.Update("article_id: 'wall' update_mask { paths: 'embargoed_until' }");
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->snapshot().position(), hidden->snapshot().position() + 1);
  EXPECT_EQ(shown->snapshot().position(), room_.Head());
  auto again = room_.Update(embargo);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->snapshot().position(), hidden->snapshot().position()) << "as answered first";
}

TEST_F(EditorialRequestsTest, ImportingTheSameBodyAgainChangesNothing) {
  room_.PublishStory("wall");
  auto updated = room_.Update(
      "article_id: 'wall' content { body { paragraph { text { text: 'The text of wall.' } } } } "
      "update_mask { paths: 'content.body' }");
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->draft().revision(), 2);
}

TEST_F(EditorialRequestsTest, ClearsANamedFieldThatIsNotSet) {
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

TEST_F(EditorialRequestsTest, NamesWhatIsNotThere) {
  for (const absl::Status& status :
       {room_.GetDraft("article_id: 'no'").status(), room_.GetDraft("path: '/no'").status(),
        room_.Publish("article_id: 'no'").status(), room_.Withhold("article_id: 'no'").status(),
        room_.Move("article_id: 'no' path: '/x'").status(),
        room_.Update("article_id: 'no' update_mask { paths: 'ed_note' }").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(rpc::Reason(status), "ARTICLE_NOT_FOUND");
  }
}

TEST_F(EditorialRequestsTest, RefusesAnExpiryBeforeTheEndOfTheEmbargo) {
  EXPECT_THAT(FieldsOf(room_.Create("embargoed_until { seconds: 10 } expires_at { seconds: 10 }").status()),
              ElementsAre("expires_at"));
  ASSERT_TRUE(
      room_.Create("article_id: 'a' embargoed_until { seconds: 10 } expires_at { seconds: 11 }").ok());
  EXPECT_THAT(
      FieldsOf(room_.Update("article_id: 'a' expires_at { seconds: 9 } update_mask { paths: 'expires_at' }")
                   .status()),
      ElementsAre("expires_at"));
}

TEST_F(EditorialRequestsTest, KeepsTimesOfTheYears1And9999) {
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

// The first call may be waiting for a gateway that hangs, or have died while it waited.
TEST_F(EditorialRequestsTest, AWriteThatFindsItsWorkDoneReturnsNoSoonerThanReadersSeeIt) {
  room_.PublishStory("wall");
  ASSERT_TRUE(room_.Withhold("article_id: 'wall'").ok());
  std::vector<std::int64_t> waited_for;
  EditorialService service(
      room_.store(),
      [&](std::int64_t position) {
        waited_for.push_back(position);
        return change::v1::Propagation();
      },
      [this] { return room_.now(); });
  v1::WithholdArticleRequest request;
  request.set_article_id("wall");
  for (const char* request_id : {"", "again", "again"}) {
    request.set_request_id(request_id);
    v1::WithholdArticleResponse response;
    ASSERT_TRUE(service.WithholdArticle(nullptr, &request, &response).ok());
    EXPECT_FALSE(response.has_propagation()) << "nothing changed";
  }
  EXPECT_THAT(waited_for, ElementsAre(room_.Head(), room_.Head(), room_.Head()));

  v1::UpdateArticleRequest draft;  // readers have nothing to do with it
  draft.set_article_id("wall");
  draft.mutable_content()->set_headline("Another headline");
  draft.mutable_update_mask()->add_paths("content.headline");
  v1::UpdateArticleResponse updated;
  ASSERT_TRUE(service.UpdateArticle(nullptr, &draft, &updated).ok());
  EXPECT_EQ(waited_for.size(), 3U);
}

}  // namespace
}  // namespace broadsheet::article
