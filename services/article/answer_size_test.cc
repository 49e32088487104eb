// Answers fit into a message, however long the stories are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kMostOfAList = (3 << 20) + (16 << 10);  // the page and what is around its stories

class AnswerSizeTest : public testing::Test {
 protected:
  void Import(const v1::ImportArticlesRequest& request) {
    auto imported = room_.Import(request.ShortDebugString());
    ASSERT_TRUE(imported.ok()) << imported.status();
    for (const v1::ImportedArticle& article : imported->articles())
      EXPECT_EQ(article.outcome(), v1::IMPORT_OUTCOME_CREATED) << article.ShortDebugString();
  }

  static v1::ArticleImport* Add(v1::ImportArticlesRequest& request, const std::string& id) {
    v1::ArticleImport* story = request.add_articles();
    story->set_article_id(id);
    story->mutable_content()->set_headline("Sea wall opens");
    story->mutable_content()->set_section_id("harbour");
    story->set_state(v1::IMPORT_STATE_USABLE);
    return story;
  }

  // Stories that are long without their bodies: of almost 256 KiB each.
  void ImportCorrected(int count) {
    v1::ImportArticlesRequest request;
    for (int i = 0; i < count; ++i) {
      v1::ArticleImport* story = Add(request, absl::StrCat("corrected-", i));
      for (int number = 0; number < 4; ++number) {
        v1::Correction* correction = story->add_corrections();
        correction->set_type(v1::CORRECTION_TYPE_UPDATE);
        correction->mutable_text()->set_text(absl::StrCat(std::string(62, 'a'), number));
        for (std::uint32_t link = 0; link < 31; ++link) {
          v1::Span* span = correction->mutable_text()->add_spans();
          span->set_start(2 * link);
          span->set_end(2 * link + 1);
          span->set_kind(v1::SPAN_KIND_LINK);
          span->set_url("https://a.example/" + std::string(1900, 'a'));
        }
      }
    }
    Import(request);
  }

  // A story whose body has almost 4 MiB.
  void ImportLong(const std::string& id) {
    v1::ImportArticlesRequest request;
    v1::ArticleImport* story = Add(request, id);
    for (int i = 0; i < 63; ++i) {
      story->mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
          std::string(64 << 10, 'a'));
    }
    Import(request);
  }

  TestNewsroom room_;
};

TEST_F(AnswerSizeTest, PagesOfStoriesAndOfDraftsEndBeforeTheyAreTooLong) {
  ImportCorrected(14);
  std::set<std::string> stories;
  std::string token;
  do {
    auto page = room_.List(absl::StrCat("page_size: 100 page_token: '", token, "'"));
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LT(page->ByteSizeLong(), kMostOfAList);
    for (const v1::Article& article : page->articles())
      EXPECT_TRUE(stories.insert(article.article_id()).second);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(stories.size(), 14u);

  std::set<std::string> drafts;
  do {
    auto page = room_.ListDrafts(absl::StrCat("page_size: 100 page_token: '", token, "'"));
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LT(page->ByteSizeLong(), kMostOfAList);
    for (const v1::Draft& draft : page->drafts()) EXPECT_TRUE(drafts.insert(draft.article_id()).second);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(drafts.size(), 14u);
}

TEST_F(AnswerSizeTest, ABatchThatIsTooLongSaysSoAndOneOfFewerIsAnswered) {
  ImportLong("a");
  ImportLong("b");
  const absl::Status status =
      room_.BatchGet("article_ids: 'a' article_ids: 'b' view: ARTICLE_VIEW_FULL").status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(rpc::Reason(status), "ANSWER_TOO_LARGE");
  for (const char* id : {"a", "b"}) {
    auto alone = room_.BatchGet(absl::StrCat("article_ids: '", id, "' view: ARTICLE_VIEW_FULL"));
    ASSERT_TRUE(alone.ok()) << alone.status();
    EXPECT_EQ(alone->articles(0).content().body_size(), 63);
  }
  EXPECT_EQ(room_.BatchGet("article_ids: 'a' article_ids: 'b'")->articles_size(), 2);
}

}  // namespace
}  // namespace broadsheet::article
