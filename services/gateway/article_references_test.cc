#include "services/gateway/article_references.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;
using article::v1::RichText;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

void Link(RichText& text, const std::string& article_id,
          article::v1::SpanKind kind = article::v1::SPAN_KIND_LINK) {
  article::v1::Span& span = *text.add_spans();
  span.set_kind(kind);
  span.set_article_id(article_id);
}

TEST(ArticleReferences, LinksAreFoundWhereverTextCanStand) {
  Article article;
  auto* body = article.mutable_content()->mutable_body();
  Link(*body->Add()->mutable_paragraph()->mutable_text(), "in-paragraph");
  Link(*body->Add()->mutable_heading()->mutable_text(), "in-heading");
  Link(*body->Add()->mutable_quote()->mutable_text(), "in-quote");
  article::v1::ListItem& item = *body->Add()->mutable_list()->add_items();
  Link(*item.mutable_text(), "in-list");
  Link(*item.mutable_nested()->add_items()->mutable_text(), "in-nested-list");
  article::v1::Table& table = *body->Add()->mutable_table();
  Link(*table.mutable_header()->add_cells(), "in-header");
  Link(*table.add_rows()->add_cells(), "in-cell");
  Link(*article.add_corrections()->mutable_text(), "in-correction");
  EXPECT_THAT(LinkedArticles(article, 100).ids,
              ElementsAre("in-correction", "in-paragraph", "in-heading", "in-quote", "in-list",
                          "in-nested-list", "in-header", "in-cell"));
}

TEST(ArticleReferences, OnlyWellFormedIdsOfLinksCountAndEachOnce) {
  Article article;
  RichText& text = *article.mutable_content()->add_body()->mutable_paragraph()->mutable_text();
  Link(text, "a");
  Link(text, "a");
  Link(text, "");
  Link(text, "../b");
  Link(text, "c", article::v1::SPAN_KIND_STRONG);
  EXPECT_THAT(LinkedArticles(article, 100).ids, ElementsAre("a"));
}

TEST(ArticleReferences, EndlessNestingAndManyLinksAreBounded) {
  Article article;
  article::v1::List* list = article.mutable_content()->add_body()->mutable_list();
  for (int i = 0; i < 50; ++i) {
    article::v1::ListItem& item = *list->add_items();
    Link(*item.mutable_text(), "level-" + std::to_string(i));
    list = item.mutable_nested();
  }
  EXPECT_THAT(LinkedArticles(article, 100).ids, SizeIs(8));
  EXPECT_THAT(LinkedArticles(article, 3).ids, ElementsAre("level-0", "level-1", "level-2"));
  EXPECT_EQ(LinkedArticles(article, 3).left_out, 5);
  EXPECT_EQ(LinkedArticles(article, 8).left_out, 0);
}

TEST(ArticleReferences, PicturesAreTheLeadAndThoseOfTheBody) {
  Article article;
  EXPECT_THAT(ReferencedImages(article, 10).ids, IsEmpty());
  article.mutable_content()->mutable_lead_image()->set_image_id("lead");
  article.mutable_content()->add_body()->mutable_image()->set_image_id("second");
  article.mutable_content()->add_body()->mutable_image()->set_image_id("lead");
  EXPECT_THAT(ReferencedImages(article, 10).ids, ElementsAre("lead", "second"));
}

// A moment at `minute` with a link to the story, and its picture, each called `name`.
void AddMoment(Article& article, int minute, const std::string& name) {
  auto* body = article.mutable_content()->mutable_body();
  body->Add()->mutable_key_event()->mutable_event_time()->set_seconds(60 * minute);
  Link(*body->Add()->mutable_paragraph()->mutable_text(), name);
  body->Add()->mutable_image()->set_image_id(name);
}

TEST(ArticleReferences, OfALiveStoryTheLatestMomentsComeFirst) {
  Article article;
  Link(*article.mutable_content()->add_body()->mutable_paragraph()->mutable_text(), "introduction");
  AddMoment(article, 10, "first");
  AddMoment(article, 30, "latest");
  AddMoment(article, 20, "put-in-later");
  AddMoment(article, 20, "at-the-same-time");
  EXPECT_THAT(LinkedArticles(article, 10).ids,
              ElementsAre("introduction", "latest", "at-the-same-time", "put-in-later", "first"));
  EXPECT_THAT(ReferencedImages(article, 2).ids, ElementsAre("latest", "at-the-same-time"));
  EXPECT_EQ(ReferencedImages(article, 2).left_out, 2);
}

}  // namespace
}  // namespace broadsheet::gateway
