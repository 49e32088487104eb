#include "services/article/found_article.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/article/found_article_testing.h"
#include "services/article/lifecycle.h"
#include "services/article/story_body.h"

namespace broadsheet::article {
namespace {

const absl::Time kEnd = absl::FromUnixSeconds(1'763'900'000);

v1::Article Wall() {
  v1::Article article;
  article.set_article_id("wall");
  article.mutable_content()->set_headline("The wall");
  article.mutable_content()->set_section_id("harbour");
  article.mutable_content()->add_author_ids("ann");
  article.mutable_content()->add_author_ids("ben");
  *article.mutable_expires_at() = ToTimestamp(kEnd);
  return article;
}

v1::Author AuthorNamed(const std::string& name) {
  v1::Author author;
  author.set_name(name);
  return author;
}

TEST(FoundArticle, AStoryAndItsBodyAreReadAsOneMessage) {
  v1::Article whole = Wall();
  whole.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text("It leaks.");
  whole.mutable_content()->add_body()->mutable_divider();
  auto found = std::make_shared<FoundArticle>();
  found->SetArticle(Wall().SerializeAsString() + SerializeBodyOfArticle(whole.content()));
  EXPECT_EQ(Decode(found).article().SerializeAsString(), whole.SerializeAsString());
}

TEST(FoundArticle, ItsAuthorsAreReadInOrderBesideItsSection) {
  auto found = std::make_shared<FoundArticle>();
  found->SetArticle(Wall().SerializeAsString());
  found->AddAuthor(AuthorNamed("Ann").SerializeAsString());
  found->AddAuthor(AuthorNamed("Ben").SerializeAsString());
  v1::Section harbour;
  harbour.set_name("Harbour");
  found->SetSection(harbour.SerializeAsString());
  const v1::GetArticleResponse read = Decode(found);
  ASSERT_EQ(read.authors_size(), 2);
  EXPECT_EQ(read.authors(0).name(), "Ann");
  EXPECT_EQ(read.authors(1).name(), "Ben");
  EXPECT_EQ(read.section().name(), "Harbour");
  EXPECT_FALSE(read.has_snapshot());
}

TEST(FoundArticle, KnowsWhatChangesIt) {
  FoundArticle found;
  EXPECT_EQ(found.expires_at, absl::InfiniteFuture());
  found.Describe(Wall());
  EXPECT_EQ(found.article_id, "wall");
  EXPECT_EQ(found.section_id, "harbour");
  EXPECT_EQ(found.author_ids, (std::vector<std::string>{"ann", "ben"}));
  EXPECT_EQ(found.expires_at, kEnd);
}

TEST(FoundArticle, TakesAtLeastItsBytes) {
  FoundArticle found;
  const std::size_t empty = found.SpaceUsed();
  found.SetArticle(std::string(10'000, 'a'));
  found.AddAuthor(std::string(2'000, 'b'));
  found.SetSection(std::string(1'000, 'c'));
  EXPECT_GE(found.SpaceUsed(), empty + 13'000);
}

}  // namespace
}  // namespace broadsheet::article
