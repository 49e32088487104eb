#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EditorialReadsTest : public testing::Test {
 protected:
  TestNewsroom room_;
};

TEST_F(EditorialReadsTest, KeepsEveryRevision) {
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

TEST_F(EditorialReadsTest, RestoresTheContentOfAnOldRevisionAsADraft) {
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

TEST_F(EditorialReadsTest, NamesTheFieldsAndBlocksThatDifferBetweenTwoRevisions) {
  room_.CreateStory("wall");
  auto body = [](const std::string& blocks) {
    return absl::StrCat("article_id: 'wall' update_mask { paths: 'content.body' } content { ", blocks, " }");
  };
  auto block = [](const std::string& id, const std::string& text) {
    return absl::StrCat(" body { block_id: '", id, "' paragraph { text { text: '", text, "' } } }");
  };
  ASSERT_TRUE(room_.Update(body(block("a", "A") + block("b", "B") + block("c", "C") + block("d", "D"))).ok());
  ASSERT_TRUE(
      room_.Update(body(block("d", "D") + block("a", "A2") + block("e", "E") + block("c", "C"))).ok());
  ASSERT_TRUE(room_
                  .Update("article_id: 'wall' ed_note: 'n' content { headline: 'H' } update_mask { paths: "
                          "'content.headline' paths: 'ed_note' }")
                  .ok());

  auto diff = room_.Diff("article_id: 'wall' from_revision: 2 to_revision: 3");
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_THAT(diff->changed_fields(), ElementsAre("content.body"));
  EXPECT_THAT(diff->added_block_ids(), ElementsAre("e"));
  EXPECT_THAT(diff->removed_block_ids(), ElementsAre("b"));
  EXPECT_THAT(diff->changed_block_ids(), ElementsAre("a"));
  EXPECT_THAT(diff->moved_block_ids(), ElementsAre("d"));
  EXPECT_EQ(diff->to_revision(), 3);

  diff = room_.Diff("article_id: 'wall' from_revision: 3");
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_THAT(diff->changed_fields(), ElementsAre("path", "content.headline", "ed_note"));
  EXPECT_THAT(diff->added_block_ids(), IsEmpty());
  EXPECT_EQ(diff->to_revision(), 4);

  diff = room_.Diff("article_id: 'wall' from_revision: 3 to_revision: 2");
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_THAT(diff->added_block_ids(), ElementsAre("b"));
  EXPECT_THAT(diff->removed_block_ids(), ElementsAre("e"));

  diff = room_.Diff("article_id: 'wall' from_revision: 3 to_revision: 3");
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_THAT(diff->changed_fields(), IsEmpty());
}

TEST_F(EditorialReadsTest, NamesWhatADiffCannotFind) {
  room_.CreateStory("wall");
  EXPECT_EQ(rpc::Reason(room_.Diff("article_id: 'wall' from_revision: 9").status()), "REVISION_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.Diff("article_id: 'wall' from_revision: 1 to_revision: 9").status()),
            "REVISION_NOT_FOUND");
  EXPECT_EQ(rpc::Reason(room_.Diff("article_id: 'no' from_revision: 1").status()), "ARTICLE_NOT_FOUND");
  EXPECT_THAT(FieldsOf(room_.Diff("article_id: 'X' to_revision: -1").status()),
              ElementsAre("article_id", "from_revision", "to_revision"));
}

TEST_F(EditorialReadsTest, ListsDraftsLastChangedFirstWithoutBodies) {
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

}  // namespace
}  // namespace broadsheet::article
