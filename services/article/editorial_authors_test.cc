#include "services/article/editorial_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

TEST_F(EditorialAuthorsTest, WhatMustNotBeThereYetIsNotReplaced) {
  const std::string new_author = "author { author_id: 'cy' name: 'Cy' } expected_revision: -1";
  const std::string new_section = "section { section_id: 'arts' name: 'Arts' } expected_revision: -1";
  const std::string new_curation = "curation { } expected_revision: -1";
  EXPECT_TRUE(room_.PutAuthor(new_author).ok());
  EXPECT_TRUE(room_.PutSection(new_section).ok());
  EXPECT_TRUE(room_.PutCuration(new_curation).ok());
  const std::vector<std::pair<absl::Status, std::string>> refused = {
      {room_.PutAuthor(new_author).status(), "AUTHOR_EXISTS"},
      {room_.PutSection(new_section).status(), "SECTION_EXISTS"},
      {room_.PutCuration(new_curation).status(), "CURATION_EXISTS"}};
  for (const auto& [status, reason] : refused) {
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
    EXPECT_EQ(rpc::Reason(status), reason);
    EXPECT_EQ(rpc::MetadataValue(status, "revision"), "1");
  }
  EXPECT_THAT(
      FieldsOf(room_.PutAuthor("author { author_id: 'cy' name: 'Cy' } expected_revision: -2").status()),
      ElementsAre("expected_revision"));
}

TEST_F(EditorialAuthorsTest, DeletesOnlyTheRevisionThatWasDecidedOn) {
  ASSERT_TRUE(room_.PutAuthor("author { author_id: 'cy' name: 'Cy' }").ok());
  ASSERT_TRUE(room_.PutSection("section { section_id: 'arts' name: 'Arts' }").ok());
  for (const absl::Status& status :
       {room_.DeleteAuthor("author_id: 'cy' expected_revision: 2").status(),
        room_.DeleteSection("section_id: 'arts' expected_revision: 2").status()}) {
    EXPECT_EQ(rpc::Reason(status), "REVISION_MISMATCH");
    EXPECT_EQ(rpc::MetadataValue(status, "revision"), "1");
  }
  EXPECT_TRUE(room_.DeleteAuthor("author_id: 'cy' expected_revision: 1").ok());
  EXPECT_TRUE(room_.DeleteSection("section_id: 'arts' expected_revision: 1").ok());
}

TEST_F(EditorialAuthorsTest, EachWriteNamesTheStateOfTheLogThatIncludesIt) {
  auto before = room_.GetAuthor("author_id: 'ann'");
  ASSERT_TRUE(before.ok()) << before.status();
  const std::string log_id = before->snapshot().log_id();
  EXPECT_FALSE(log_id.empty());
  std::int64_t position = before->snapshot().position();
  const auto expect_next = [&](const change::v1::Snapshot& snapshot) {
    EXPECT_EQ(snapshot.log_id(), log_id);
    EXPECT_EQ(snapshot.position(), position + 1);
    EXPECT_EQ(snapshot.position(), room_.Head());
    position = snapshot.position();
  };
  auto author = room_.PutAuthor("author { author_id: 'cy' name: 'Cy' }");
  ASSERT_TRUE(author.ok()) << author.status();
  expect_next(author->snapshot());
  EXPECT_TRUE(room_.GetAuthor(absl::StrCat("author_id: 'cy' min_position: ", position)).ok());
  auto section = room_.PutSection("section { section_id: 'fish' name: 'Fish' }");
  ASSERT_TRUE(section.ok()) << section.status();
  expect_next(section->snapshot());

  // What changes nothing names the state it found.
  for (const auto& found : {room_.PutAuthor("author { author_id: 'cy' name: 'Cy' }")->snapshot(),
                            room_.PutSection("section { section_id: 'fish' name: 'Fish' }")->snapshot()}) {
    EXPECT_EQ(found.log_id(), log_id);
    EXPECT_EQ(found.position(), position);
  }

  auto no_author = room_.DeleteAuthor("author_id: 'cy' request_id: 'd1'");
  ASSERT_TRUE(no_author.ok()) << no_author.status();
  expect_next(no_author->snapshot());
  auto no_section = room_.DeleteSection("section_id: 'fish' request_id: 'd2'");
  ASSERT_TRUE(no_section.ok()) << no_section.status();
  expect_next(no_section->snapshot());

  // A repetition names the state of the first answer.
  auto again = room_.DeleteAuthor("author_id: 'cy' request_id: 'd1'");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->snapshot().log_id(), log_id);
  EXPECT_EQ(again->snapshot().position(), no_author->snapshot().position());
  EXPECT_EQ(room_.Head(), position);
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

TEST_F(EditorialAuthorsTest, NoSectionGetsThePathOfAPageThatTheSiteHasItself) {
  EXPECT_EQ(rpc::Reason(room_.PutSection("section { section_id: 'most-read' name: 'Most read' }").status()),
            "PATH_TAKEN");
}

}  // namespace
}  // namespace broadsheet::article
