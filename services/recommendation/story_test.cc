#include "services/recommendation/story.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/recommendation/story_testing.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

float WeightOf(const Story& story, const std::string& term) {
  const auto found = std::find_if(story.terms.begin(), story.terms.end(),
                                  [&](const StoryTerm& candidate) { return candidate.term == term; });
  return found == story.terms.end() ? 0 : found->weight;
}

TEST(ReadStory, AWordInTheHeadlineCountsMoreThanOneInTheBody) {
  const Story story = ReadStory(TestStory{
      .id = "a",
      .headline = "Harbour wall",
      .body = "The wall. The ferry.",
      .subjects = {"Ferry"}}.Article());
  EXPECT_EQ(WeightOf(story, "wall"), 5);
  EXPECT_EQ(WeightOf(story, "ferri"), 3);  // as the stemmer has it
  EXPECT_EQ(story.length, 12);
}

TEST(ReadStory, ReadsEveryKindOfBlock) {
  article::v1::Article article;
  article.set_article_id("a");
  auto* content = article.mutable_content();
  content->add_body()->mutable_heading()->mutable_text()->set_text("heading");
  content->add_body()->mutable_image()->set_caption("caption");
  content->add_body()->mutable_quote()->mutable_text()->set_text("quotation");
  auto* item = content->add_body()->mutable_list()->add_items();
  item->mutable_text()->set_text("outer");
  item->mutable_nested()->add_items()->mutable_text()->set_text("inner");
  auto* table = content->add_body()->mutable_table();
  table->mutable_header()->add_cells()->set_text("column");
  table->add_rows()->add_cells()->set_text("cell");
  content->add_body()->mutable_embed()->set_title("film");
  content->add_body()->mutable_key_event()->set_headline("goal");
  content->add_body()->mutable_divider();
  content->add_body();  // a kind this program does not know
  const Story story = ReadStory(article);
  for (const char* term : {"head", "caption", "quotat", "outer", "inner", "column", "cell", "film", "goal"}) {
    EXPECT_GT(WeightOf(story, term), 0) << term;
  }
}

TEST(ReadStory, TakesLinksToStoriesAndNoOthers) {
  article::v1::Article article = TestStory{.id = "a", .links_to = "b"}.Article();
  auto* text = article.mutable_content()->add_body()->mutable_paragraph()->mutable_text();
  text->set_text("links");
  for (const char* url : {"/news/c?from=a#top", "/news/c", "/news/a", "https://elsewhere.example/news/d",
                          "//host/e", "mailto:f@broadsheet.example"}) {
    auto* span = text->add_spans();
    span->set_kind(article::v1::SPAN_KIND_LINK);
    span->set_url(url);
  }
  text->add_spans()->set_kind(article::v1::SPAN_KIND_STRONG);
  EXPECT_THAT(ReadStory(article).links, ElementsAre("b", "/news/c"));
}

TEST(ReadStory, DoesNotRelateAStoryToItself) {
  const Story story =
      ReadStory(TestStory{.id = "a", .follows = "a", .related = {"a", "b"}, .links_to = "a"}.Article());
  EXPECT_THAT(story.follows, IsEmpty());
  EXPECT_THAT(story.chosen, ElementsAre("b"));
  EXPECT_THAT(story.links, IsEmpty());
}

TEST(ReadStory, ASubjectCountsOnceHoweverItIsWritten) {
  const Story story = ReadStory(TestStory{.id = "a", .subjects = {"Floods", "floods ", " "}}.Article());
  ASSERT_EQ(story.subjects.size(), 1U);
  EXPECT_EQ(story.subjects[0].printed, "Floods");
}

TEST(ReadStory, KeepsTheHeaviestWordsOfALongStory) {
  std::string body;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&body, "wordx", i, "y ");
  const Story story =
      ReadStory(TestStory{.id = "a", .headline = "Harbour", .body = body + " ferry ferry"}.Article());
  EXPECT_EQ(story.terms.size(), kMaxTerms);
  EXPECT_GT(WeightOf(story, "harbour"), 0);
  EXPECT_GT(WeightOf(story, "ferri"), 0);
  EXPECT_EQ(story.length, 4 + 2000 + 2);  // those left out too: it is a long story
}

TEST(ReadStory, LooksAtABoundedPartOfTheText) {
  const std::string filler(kMaxTextBytes, ' ');
  const Story story =
      ReadStory(TestStory{.id = "a", .headline = "Harbour", .body = filler + "ferry"}.Article());
  EXPECT_EQ(WeightOf(story, "ferri"), 0);
  EXPECT_GT(WeightOf(story, "harbour"), 0);
}

}  // namespace
}  // namespace broadsheet::recommendation
