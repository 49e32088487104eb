#include "services/gateway/dependencies.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/snapshot_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Dependencies, TheLowestOfSeveralReadsCounts) {
  Dependencies dependencies;
  dependencies.Read(Source::kArticle, SnapshotAt("a", 7));
  dependencies.Read(Source::kArticle, SnapshotAt("a", 5));
  dependencies.Read(Source::kArticle, SnapshotAt("a", 9));
  EXPECT_EQ(dependencies.of(Source::kArticle).log_id, "a");
  EXPECT_EQ(dependencies.of(Source::kArticle).position, 5);
  EXPECT_EQ(dependencies.newest(Source::kArticle), 9);
}

TEST(Dependencies, SourcesAreApart) {
  Dependencies dependencies;
  dependencies.Read(Source::kArticle, SnapshotAt("a", 7));
  dependencies.Read(Source::kMedia, SnapshotAt("m", 2));
  EXPECT_EQ(dependencies.snapshot(Source::kArticle).position(), 7);
  EXPECT_EQ(dependencies.snapshot(Source::kMedia).position(), 2);
}

TEST(Dependencies, TwoLogsInOneSourceStandForNothingWhateverComesAfter) {
  Dependencies dependencies;
  dependencies.Read(Source::kArticle, SnapshotAt("a", 7));
  dependencies.Read(Source::kArticle, SnapshotAt("b", 7));
  EXPECT_EQ(dependencies.of(Source::kArticle).log_id, "");
  dependencies.Read(Source::kArticle, SnapshotAt("b", 8));
  EXPECT_EQ(dependencies.of(Source::kArticle).log_id, "");
}

TEST(Dependencies, AnAnswerWithoutALogStandsForNothing) {
  Dependencies dependencies;
  dependencies.Read(Source::kArticle, SnapshotAt("", 7));
  dependencies.Read(Source::kArticle, SnapshotAt("a", 7));
  EXPECT_EQ(dependencies.of(Source::kArticle).log_id, "");
}

TEST(Dependencies, WhatAPartDependsOnCanBeAdded) {
  Dependencies page, part;
  page.Read(Source::kArticle, SnapshotAt("a", 7));
  page.Tag(ArticleTag("pier"));
  part.Read(Source::kArticle, SnapshotAt("a", 5));
  part.Read(Source::kArticle, SnapshotAt("a", 9));
  part.Read(Source::kMedia, SnapshotAt("m", 2));
  for (const char* id : {"bridge", "ferry"}) part.Tag(ArticleTag(id));
  part.Conceal(ArticleTag("ferry"));
  part.Expires(ArticleTag("bridge"), absl::FromUnixSeconds(10));
  part.Ages(absl::FromUnixSeconds(20));
  page.Add(part);
  EXPECT_EQ(page.of(Source::kArticle).position, 5);
  EXPECT_EQ(page.newest(Source::kArticle), 9);
  EXPECT_EQ(page.of(Source::kMedia).position, 2);
  EXPECT_THAT(page.tags(), ElementsAre("article/bridge", "article/ferry", "article/pier"));
  EXPECT_THAT(page.public_tags(), ElementsAre("article/bridge", "article/pier"));
  EXPECT_EQ(page.until(), absl::FromUnixSeconds(10));
  EXPECT_EQ(page.ages_at(), absl::FromUnixSeconds(20));
}

TEST(Dependencies, APartThatWasReadFromNothingOrFromTwoLogsDecidesWhatItIsAddedTo) {
  Dependencies page, nothing, two_logs;
  page.Read(Source::kArticle, SnapshotAt("a", 7));
  page.Add(nothing);
  EXPECT_EQ(page.of(Source::kArticle).log_id, "a");
  EXPECT_EQ(page.of(Source::kArticle).position, 7);
  two_logs.Read(Source::kArticle, SnapshotAt("a", 7));
  two_logs.Read(Source::kArticle, SnapshotAt("b", 7));
  page.Add(two_logs);
  EXPECT_EQ(page.of(Source::kArticle).log_id, "");
}

TEST(Dependencies, TagsAreSortedOnceEachAndBelongToTheirSource) {
  Dependencies dependencies;
  dependencies.Tag(ImageTag("pier"));
  dependencies.Tag(PathTag("/harbour/pier"));
  dependencies.Tag(ArticleTag("pier"));
  dependencies.Tag(ArticleTag("pier"));
  EXPECT_THAT(dependencies.of(Source::kArticle).tags, ElementsAre("article/pier", "path/harbour/pier"));
  EXPECT_THAT(dependencies.of(Source::kMedia).tags, ElementsAre("image/pier"));
  EXPECT_THAT(dependencies.tags(), ElementsAre("article/pier", "path/harbour/pier", "image/pier"));
}

TEST(Dependencies, KnowsWhenItDependsOnNothingOfASource) {
  Dependencies dependencies;
  dependencies.Tag(kLatestListTag);
  EXPECT_FALSE(dependencies.independent_of(Source::kArticle));
  EXPECT_TRUE(dependencies.independent_of(Source::kMedia));
  EXPECT_THAT(dependencies.of(Source::kMedia).tags, IsEmpty());
}

TEST(Dependencies, WhatIsShownNoMoreCanBeTakenBack) {
  Dependencies dependencies;
  for (const char* id : {"bridge", "pier"}) dependencies.Tag(ArticleTag(id));
  dependencies.Untag(ArticleTag("ferry"));
  dependencies.Untag(ArticleTag("bridge"));
  EXPECT_THAT(dependencies.tags(), ElementsAre("article/pier"));
  EXPECT_EQ(ArticleIdOf("article/pier"), "pier");
  EXPECT_EQ(ArticleIdOf("author/pier"), "");
}

TEST(Dependencies, WhatExpiresFirstEndsThePage) {
  Dependencies dependencies;
  EXPECT_EQ(dependencies.until(), absl::InfiniteFuture());
  dependencies.Expires("article/a", absl::FromUnixSeconds(20));
  dependencies.Expires("article/a", absl::FromUnixSeconds(40));
  dependencies.Expires("article/b", absl::InfiniteFuture());
  EXPECT_EQ(dependencies.until(), absl::FromUnixSeconds(20));
  dependencies.Expires("article/c", absl::FromUnixSeconds(10));
  EXPECT_EQ(dependencies.until(), absl::FromUnixSeconds(10));
  EXPECT_EQ(dependencies.expiries().size(), 2U);
  dependencies.Untag("article/c");
  EXPECT_EQ(dependencies.until(), absl::FromUnixSeconds(20));
}

TEST(Dependencies, TheTagsAreThoseOfTheContract) {
  EXPECT_EQ(ArticleTag("x"), "article/x");
  EXPECT_EQ(AuthorTag("x"), "author/x");
  EXPECT_EQ(SectionTag("x"), "section/x");
  EXPECT_EQ(ImageTag("x"), "image/x");
  EXPECT_EQ(PathTag("/a/b"), "path/a/b");
  EXPECT_EQ(SectionListTag("x"), "list/section/x");
  EXPECT_EQ(AuthorListTag("x"), "list/author/x");
  EXPECT_EQ(CuratedTag("x"), "list/curated/x");
}

}  // namespace
}  // namespace broadsheet::gateway
