#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;

class EditorialAuthorsTest : public testing::Test {
 protected:
  TestNewsroom room_;
};

std::vector<std::string> TagsOf(const change::v1::Change& change) {
  return {change.tags().begin(), change.tags().end()};
}

TEST_F(EditorialAuthorsTest, PutsAndDeletesAuthors) {
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

TEST_F(EditorialAuthorsTest, KeepsAuthorsAndSectionsThatAStoryNames) {
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

TEST_F(EditorialAuthorsTest, HasAtMostAHundredSections) {
  for (int i = 2; i < 100; ++i) {
    ASSERT_TRUE(room_.PutSection(absl::StrCat("section { section_id: 's", i, "' name: 'S' }")).ok());
  }
  EXPECT_EQ(rpc::Reason(room_.PutSection("section { section_id: 'more' name: 'S' }").status()),
            "INVALID_STATE");
  EXPECT_TRUE(room_.PutSection("section { section_id: 's2' name: 'Other' }").ok());
}

}  // namespace
}  // namespace broadsheet::article
