// Paths reserved for stories to come, and what becomes of the paths stories had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "services/article/newsroom_testing.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;

class EditorialPathsTest : public testing::Test {
 protected:
  absl::Status Reserve(const std::string& path, const std::string& article_id) {
    return room_.Reserve(absl::StrCat("path: '", path, "' article_id: '", article_id, "'")).status();
  }
  absl::Status Release(const std::string& path, const std::string& article_id) {
    return room_.Release(absl::StrCat("path: '", path, "' article_id: '", article_id, "'")).status();
  }
  absl::Status Create(const std::string& article_id, const std::string& path) {
    return room_
        .Create(absl::StrCat("article_id: '", article_id, "' path: '", path,
                             "' content { headline: 'H' section_id: 'harbour' }"))
        .status();
  }
  absl::Status Move(const std::string& article_id, const std::string& path) {
    return room_.Move(absl::StrCat("article_id: '", article_id, "' path: '", path, "'")).status();
  }
  v1::ImportedArticle Import(const std::string& article_id, const std::string& path,
                             const std::string& headline) {
    auto imported = room_.Import(absl::StrCat(
        "articles { article_id: '", article_id, "' path: '", path,
        "' state: IMPORT_STATE_DRAFT content { section_id: 'harbour' headline: '", headline, "' } }"));
    EXPECT_TRUE(imported.ok()) << imported.status();
    return imported.ok() ? imported->articles(0) : v1::ImportedArticle();
  }
  absl::Status Redirect(const std::string& article_id, const std::string& path) {
    return room_
        .Withhold(absl::StrCat("article_id: '", article_id,
                               "' withdrawal { mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '", path, "' }"))
        .status();
  }
  void ExpectReservedFor(const std::string& article_id, const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
    EXPECT_EQ(rpc::Reason(status), "PATH_RESERVED");
    const auto info = rpc::Detail<google::rpc::ErrorInfo>(status);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->metadata().at("article_id"), article_id);
  }

  TestNewsroom room_;
};

TEST_F(EditorialPathsTest, KeepsAPathForAStoryToCome) {
  const std::int64_t head = room_.Head();
  auto reserved = room_.Reserve("path: '/finals' article_id: 'final'");
  ASSERT_TRUE(reserved.ok()) << reserved.status();
  EXPECT_EQ(reserved->path(), "/finals");
  EXPECT_EQ(rpc::Reason(room_.Get("path: '/finals'").status()), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.GetDraft("path: '/finals'").status()), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.GetDraft("article_id: 'final'").status()), "ARTICLE_NOT_FOUND");
  EXPECT_EQ(room_.Head(), head) << "readers notice nothing";

  room_.PublishStory("other");
  for (bool restarted : {false, true}) {
    if (restarted) room_.Restart();
    ExpectReservedFor("final", Create("another", "/finals"));
    ExpectReservedFor("final", Move("other", "/finals"));
    ExpectReservedFor("final", Reserve("/finals", "other"));
    ExpectReservedFor("final", room_.PutSection("section { section_id: 'finals' name: 'Finals' }").status());
  }

  ASSERT_TRUE(Create("final", "/finals").ok());
  ASSERT_TRUE(room_.Publish("article_id: 'final'").ok());
  EXPECT_EQ(room_.Get("path: '/finals'")->article().article_id(), "final");
  EXPECT_EQ(rpc::Reason(Reserve("/finals", "other")), "PATH_TAKEN") << "no longer reserved, but taken";
  ASSERT_TRUE(Release("/finals", "final").ok());
  EXPECT_EQ(rpc::Reason(Move("other", "/finals")), "PATH_TAKEN") << "a path a story has stays with it";
}

TEST_F(EditorialPathsTest, AStoryWithoutAPathMovesToItsReservation) {
  ASSERT_TRUE(Reserve("/finals", "final").ok());
  room_.CreateStory("final");
  ASSERT_TRUE(Move("final", "/finals").ok());
  ASSERT_TRUE(room_.Publish("article_id: 'final'").ok());
  EXPECT_EQ(room_.Get("article_id: 'final'")->article().path(), "/finals");
}

TEST_F(EditorialPathsTest, APathMadeOfAHeadlineAvoidsWhatIsReservedForOthers) {
  ASSERT_TRUE(Reserve("/harbour/2025/11/sea-wall-opens", "b").ok());
  EXPECT_EQ(room_.PublishStory("a").path(), "/harbour/2025/11/sea-wall-opens-2");
  EXPECT_EQ(room_.PublishStory("b").path(), "/harbour/2025/11/sea-wall-opens");
}

TEST_F(EditorialPathsTest, RefusesToReserveWhatIsTaken) {
  const std::string old_path = room_.PublishStory("wall").path();
  ASSERT_TRUE(Move("wall", "/new").ok());
  ASSERT_TRUE(Create("draft", "/draft").ok());
  for (const std::string& path :
       {old_path, std::string("/new"), std::string("/draft"), std::string("/harbour")}) {
    const absl::Status taken = Reserve(path, "final");
    EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists) << path;
    EXPECT_EQ(rpc::Reason(taken), "PATH_TAKEN") << path;
  }
  for (const std::string& path : {old_path, std::string("/new")}) {
    EXPECT_TRUE(Reserve(path, "wall").ok()) << "the story's own: " << path;
  }
  EXPECT_TRUE(Reserve("/finals", "final").ok());
  EXPECT_TRUE(Reserve("/finals", "final").ok());
}

TEST_F(EditorialPathsTest, NamesTheFieldAtFault) {
  EXPECT_THAT(FieldsOf(room_.Reserve("path: 'x' article_id: 'A'").status()),
              ElementsAre("article_id", "path"));
  EXPECT_THAT(FieldsOf(room_.Reserve("").status()), ElementsAre("article_id", "path"));
  EXPECT_THAT(FieldsOf(Reserve(absl::StrCat("/", std::string(500, 'a')), "a")), ElementsAre("path"));
  EXPECT_THAT(FieldsOf(room_.Release("path: '/x/' article_id: ''").status()),
              ElementsAre("article_id", "path"));
}

TEST_F(EditorialPathsTest, AnswersARepeatedRequestOnceMoreWithoutReservingAgain) {
  const std::string request = "request_id: 'r' path: '/finals' article_id: 'final'";
  ASSERT_TRUE(room_.Reserve(request).ok());
  ASSERT_TRUE(room_.Release("request_id: 's' path: '/finals' article_id: 'final'").ok());
  room_.Restart();
  auto again = room_.Reserve(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->path(), "/finals");
  EXPECT_TRUE(Create("other", "/finals").ok()) << "released all the same";
  EXPECT_THAT(FieldsOf(room_.Reserve("request_id: 'r' path: '/x' article_id: 'final'").status()),
              ElementsAre("request_id"));
}

TEST_F(EditorialPathsTest, EndsAReservationWhenItIsReleased) {
  ASSERT_TRUE(Reserve("/finals", "final").ok());
  ASSERT_TRUE(Release("/finals", "other").ok());
  ExpectReservedFor("final", Reserve("/finals", "other"));
  ASSERT_TRUE(Release("/finals", "final").ok());
  ASSERT_TRUE(Release("/finals", "final").ok());
  EXPECT_TRUE(room_.PutSection("section { section_id: 'finals' name: 'Finals' }").ok());
}

TEST_F(EditorialPathsTest, EndsTheReservationsOfACanceledStoryButNotOfAWithheldOne) {
  room_.PublishStory("wall");
  ASSERT_TRUE(Reserve("/a", "wall").ok());
  ASSERT_TRUE(Reserve("/b", "wall").ok());
  ASSERT_TRUE(room_.Withhold("article_id: 'wall'").ok());
  ExpectReservedFor("wall", Reserve("/a", "other"));
  ASSERT_TRUE(room_.Withhold("article_id: 'wall' pub_status: PUB_STATUS_CANCELED").ok());
  EXPECT_TRUE(Reserve("/a", "other").ok());
  EXPECT_TRUE(Reserve("/b", "other").ok());
  EXPECT_EQ(rpc::Reason(Reserve("/c", "wall")), "INVALID_STATE");
}

TEST_F(EditorialPathsTest, BoundsTheReservationsOfAStory) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Reserve(absl::StrCat("/p", i), "final").ok()) << i;
  EXPECT_EQ(rpc::Reason(Reserve("/one-too-many", "final")), "INVALID_STATE");
  EXPECT_TRUE(Reserve("/p7", "final").ok()) << "which it has";
  ASSERT_TRUE(Create("final", "/p7").ok());
  EXPECT_TRUE(Reserve("/one-more", "final").ok());
}

TEST_F(EditorialPathsTest, OldPathsLeadStraightToTheNewestForEver) {
  std::vector<std::string> paths = {room_.PublishStory("wall").path()};
  for (int i = 0; i < 5; ++i) {
    paths.push_back(absl::StrCat("/place-", i));
    ASSERT_TRUE(Move("wall", paths.back()).ok());
  }
  room_.Pass(absl::Hours(24 * 365 * 30));
  room_.Restart();
  room_.RunDue();
  ASSERT_TRUE(room_.store().Prune(room_.now()).ok());
  room_.PublishStory("other");
  for (const std::string& path : paths) {
    auto read = room_.Get(absl::StrCat("path: '", path, "'"));
    ASSERT_TRUE(read.ok()) << path;
    EXPECT_EQ(read->article().path(), paths.back()) << "in one step";
    if (path != paths.back()) {
      EXPECT_EQ(rpc::Reason(Move("other", path)), "PATH_TAKEN");
    }
  }
  // Back to where it was: the other paths lead there, none to itself by way of another.
  ASSERT_TRUE(Move("wall", paths.front()).ok());
  for (const std::string& path : paths) {
    EXPECT_EQ(room_.Get(absl::StrCat("path: '", path, "'"))->article().path(), paths.front());
  }
}

TEST_F(EditorialPathsTest, NoSequenceOfRedirectsAndMovesMakesALoop) {
  const std::string a = room_.PublishStory("a").path();
  const std::string b = room_.PublishStory("b").path();
  ASSERT_TRUE(Redirect("a", "/x").ok());
  EXPECT_THAT(FieldsOf(Move("a", "/x")), ElementsAre("path")) << "to where it redirects itself";
  ASSERT_TRUE(Redirect("b", a).ok());
  EXPECT_THAT(FieldsOf(Move("b", "/x")), ElementsAre("path")) << "by way of a";
  ASSERT_TRUE(Move("b", "/y").ok());
  EXPECT_THAT(FieldsOf(Redirect("a", "/y")), ElementsAre("withdrawal.redirect_path"));
  EXPECT_THAT(FieldsOf(Redirect("a", b)), ElementsAre("withdrawal.redirect_path")) << "an old path of b";
  // A third story comes to stand where the first redirects to, and then wants to redirect to it.
  ASSERT_TRUE(Create("c", "/x").ok());
  ASSERT_TRUE(room_.Publish("article_id: 'c'").ok());
  EXPECT_THAT(FieldsOf(Redirect("c", b)), ElementsAre("withdrawal.redirect_path"));
  EXPECT_TRUE(Redirect("c", "/").ok());
}

TEST_F(EditorialPathsTest, NoStoryGetsAPathAtWhichTheSiteAnswers) {
  room_.PublishStory("wall");
  for (const std::string& path :
       {std::string("/feed.json"), std::string("/a.ninjs.json"), std::string("/beacon")}) {
    EXPECT_THAT(FieldsOf(Create("a", path)), ElementsAre("path")) << path;
    EXPECT_THAT(FieldsOf(Move("wall", path)), ElementsAre("path")) << path;
    EXPECT_THAT(FieldsOf(Reserve(path, "a")), ElementsAre("path")) << path;
    EXPECT_TRUE(Release(path, "a").ok()) << "which it may have from before: " << path;
    for (const char* id : {"b", "wall"}) {
      const v1::ImportedArticle imported = Import(id, path, "H");
      EXPECT_EQ(imported.outcome(), v1::IMPORT_OUTCOME_REFUSED) << id << path;
      EXPECT_EQ(imported.refusal().code(), static_cast<int>(absl::StatusCode::kInvalidArgument))
          << id << path;
    }
  }
  EXPECT_TRUE(Redirect("wall", "/authors/ann").ok()) << "there is something to be seen";
}

TEST_F(EditorialPathsTest, AStoryStoredAtAPathOfTheSiteStaysWhatItIs) {
  room_.CreateStory("old");
  const absl::Status stored = room_.store().Write([&](EditTransaction& transaction) -> absl::Status {
    absl::StatusOr<Story> before = LoadStory(transaction, "old", 0);
    if (!before.ok()) return before.status();
    Story story = *before;
    story.draft.set_path("/harbour/feed.json");
    story.path_claimed = true;
    return CommitStory(transaction, &*before, story, Action::kUpdate, room_.now()).status();
  });
  ASSERT_TRUE(stored.ok()) << stored;
  ASSERT_TRUE(room_.Publish("article_id: 'old'").ok());
  room_.Restart();
  EXPECT_EQ(room_.Get("article_id: 'old'")->article().path(), "/harbour/feed.json");
  EXPECT_EQ(room_.Get("path: '/harbour/feed.json'")->article().article_id(), "old");
  EXPECT_TRUE(room_.Update("article_id: 'old' ed_note: 'n' update_mask { paths: 'ed_note' }").ok());
  const v1::ImportedArticle imported = Import("old", "/harbour/feed.json", "Another headline");
  EXPECT_EQ(imported.outcome(), v1::IMPORT_OUTCOME_UPDATED) << imported.refusal().message();
  ASSERT_TRUE(Move("old", "/harbour/feeding-the-gulls").ok());
  EXPECT_EQ(room_.Get("path: '/harbour/feed.json'")->article().path(), "/harbour/feeding-the-gulls");
}

}  // namespace
}  // namespace broadsheet::article
