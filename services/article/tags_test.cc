#include "services/article/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAre;

v1::Article Story() {
  v1::Article article;
  article.set_article_id("wall");
  article.set_path("/harbour/wall");
  article.mutable_content()->set_section_id("harbour");
  article.mutable_content()->add_author_ids("ann");
  article.mutable_content()->add_subjects("flood defences");
  article.mutable_first_published_at()->set_seconds(1);
  return article;
}

const std::vector<std::string> kPaths = {"/harbour/wall", "/old"};

TEST(StoryChange, OfAStoryThatAppearsTouchesItsPathsAndItsLists) {
  const v1::Article after = Story();
  const change::v1::Change change = StoryChange(nullptr, &after, kPaths);
  EXPECT_EQ(change.subject(), "article/wall");
  EXPECT_EQ(change.kind(), change::v1::CHANGE_KIND_PUBLISHED);
  EXPECT_THAT(change.tags(),
              UnorderedElementsAre("article/wall", "path/harbour/wall", "path/old", "list/latest",
                                   "list/section/harbour", "list/author/ann", "list/subject/flood defences"));
}

TEST(StoryChange, OfAStoryThatDisappearsTouchesTheSame) {
  const v1::Article before = Story();
  const change::v1::Change change = StoryChange(&before, nullptr, kPaths);
  EXPECT_EQ(change.kind(), change::v1::CHANGE_KIND_WITHDRAWN);
  EXPECT_THAT(change.tags(), ElementsAreArray(StoryChange(nullptr, &before, kPaths).tags()));
}

TEST(StoryChange, OfTheTextAloneLeavesListsAlone) {
  const v1::Article before = Story();
  v1::Article after = Story();
  after.mutable_content()->set_headline("Other");
  EXPECT_THAT(StoryChange(&before, &after, kPaths).tags(),
              UnorderedElementsAre("article/wall", "path/harbour/wall"));
}

TEST(StoryChange, TouchesTheListsAStoryLeavesAndEnters) {
  const v1::Article before = Story();
  v1::Article after = Story();
  after.mutable_content()->set_section_id("town");
  after.mutable_content()->set_author_ids(0, "bo");
  after.mutable_content()->set_subjects(0, "floods");
  EXPECT_THAT(StoryChange(&before, &after, kPaths).tags(),
              UnorderedElementsAre("article/wall", "path/harbour/wall", "list/section/harbour",
                                   "list/section/town", "list/author/ann", "list/author/bo",
                                   "list/subject/flood defences", "list/subject/floods"));
}

TEST(StoryChange, TouchesAllListsWhenTheirOrderChanges) {
  const v1::Article before = Story();
  v1::Article earlier = Story();
  earlier.mutable_first_published_at()->set_seconds(0);
  v1::Article urgent = Story();
  urgent.mutable_content()->set_urgency(1);
  for (const v1::Article& after : {earlier, urgent}) {
    EXPECT_THAT(
        StoryChange(&before, &after, kPaths).tags(),
        UnorderedElementsAre("article/wall", "path/harbour/wall", "list/latest", "list/section/harbour",
                             "list/author/ann", "list/subject/flood defences"));
  }
}

TEST(StoryChange, TouchesEveryPathWhenTheStoryMoves) {
  const v1::Article before = Story();
  v1::Article after = Story();
  after.set_path("/new");
  EXPECT_THAT(
      StoryChange(&before, &after, {"/harbour/wall", "/old", "/new"}).tags(),
      UnorderedElementsAre("article/wall", "path/harbour/wall", "path/old", "path/new", "list/latest"));
}

TEST(StoryChange, SaysWhenTheStoryExpires) {
  v1::Article after = Story();
  EXPECT_FALSE(StoryChange(nullptr, &after, {}).has_expires_at());
  after.mutable_expires_at()->set_seconds(1'800'000'000);
  EXPECT_EQ(StoryChange(nullptr, &after, {}).expires_at().seconds(), 1'800'000'000);
  EXPECT_FALSE(StoryChange(&after, nullptr, {}).has_expires_at());
}

TEST(StoryChange, StaysWithinAThousandTags) {
  v1::Article before = Story();
  v1::Article after = Story();
  for (int i = 0; i < 20; ++i) {
    before.mutable_content()->add_author_ids(absl::StrCat("a", i));
    after.mutable_content()->add_author_ids(absl::StrCat("b", i));
  }
  for (int i = 0; i < 50; ++i) {
    before.mutable_content()->add_subjects(absl::StrCat("s", i));
    after.mutable_content()->add_subjects(absl::StrCat("t", i));
  }
  after.set_path("/new");
  std::vector<std::string> paths;
  for (int i = 0; i < 401; ++i) paths.push_back(absl::StrCat("/p", i));
  EXPECT_LE(StoryChange(&before, &after, paths).tags_size(), 1000);
}

TEST(WithdrawalChange, TouchesTheStoryAndItsPaths) {
  const change::v1::Change change = WithdrawalChange("wall", kPaths);
  EXPECT_EQ(change.kind(), change::v1::CHANGE_KIND_WITHDRAWN);
  EXPECT_THAT(change.tags(), UnorderedElementsAre("article/wall", "path/harbour/wall", "path/old"));
}

TEST(SectionChange, TouchesTheMastheadAndTheSectionsPage) {
  EXPECT_THAT(SectionChange("harbour", false).tags(),
              UnorderedElementsAre("section/harbour", "list/sections", "path/harbour"));
  EXPECT_EQ(SectionChange("harbour", true).kind(), change::v1::CHANGE_KIND_WITHDRAWN);
}

TEST(AuthorChange, TouchesTheAuthor) {
  EXPECT_THAT(AuthorChange("ann", false).tags(), UnorderedElementsAre("author/ann"));
  EXPECT_EQ(AuthorChange("ann", false).subject(), "author/ann");
}

}  // namespace
}  // namespace broadsheet::article
