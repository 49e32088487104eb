#include <string>

#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway::testing {
namespace {

constexpr char kMarkup[] =
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><!-- --></title></script>\u2028`{{X}}";
constexpr char kScriptUrl[] = "javascript:alert(3)";

void SetText(article::v1::RichText& rich) {
  rich.set_text(kMarkup);
  for (const char* url : {kScriptUrl, "//evil.example", "data:text/html,<script>alert(4)</script>",
                          "/\\evil.example", "java\nscript:alert(5)", "https:evil"}) {
    article::v1::Span& span = *rich.add_spans();
    span.set_kind(article::v1::SPAN_KIND_LINK);
    span.set_start(0);
    span.set_end(static_cast<uint32_t>(rich.text().size()));
    span.set_url(url);
  }
}

void SetContent(article::v1::ArticleContent& content) {
  for (std::string* field :
       {content.mutable_headline(), content.mutable_standfirst(), content.mutable_kicker(),
        content.mutable_trail_text(), content.mutable_located(), content.mutable_language(),
        content.mutable_genre(), content.mutable_copyright_notice(), content.add_subjects()}) {
    *field = kMarkup;
  }
  content.mutable_lead_image()->set_image_id("hostile");
  content.add_author_ids("hostile");
}

void SetBody(article::v1::ArticleContent& content) {
  SetText(*content.add_body()->mutable_paragraph()->mutable_text());
  SetText(*content.add_body()->mutable_heading()->mutable_text());
  content.mutable_body(1)->set_block_id("\"><script>");
  article::v1::Quote& quote = *content.add_body()->mutable_quote();
  SetText(*quote.mutable_text());
  quote.set_attribution(kMarkup);
  quote.set_source_url(kScriptUrl);
  SetText(*content.add_body()->mutable_list()->add_items()->mutable_text());
  article::v1::Table& table = *content.add_body()->mutable_table();
  table.set_caption(kMarkup);
  SetText(*table.mutable_header()->add_cells());
  SetText(*table.add_rows()->add_cells());
  article::v1::Embed& embed = *content.add_body()->mutable_embed();
  embed.set_url(kScriptUrl);
  embed.set_title(kMarkup);
  content.add_body()->mutable_key_event()->set_headline(kMarkup);
  article::v1::ImageReference& image = *content.add_body()->mutable_image();
  image.set_image_id("hostile");
  image.set_caption(kMarkup);
  image.set_alt_text(kMarkup);
  image.set_credit_line(kMarkup);
}

media::v1::Image HostileImage() {
  media::v1::Image image;
  image.set_image_id("hostile");
  image.set_placeholder_color("\"><script>");
  for (std::string* field :
       {image.mutable_metadata()->mutable_caption(), image.mutable_metadata()->mutable_alt_text(),
        image.mutable_metadata()->mutable_credit_line(), image.mutable_metadata()->mutable_creator(),
        image.mutable_metadata()->mutable_copyright_notice(), image.mutable_metadata()->mutable_language()}) {
    *field = kMarkup;
  }
  media::v1::Rendition& rendition = *image.add_renditions();
  rendition.set_media_type("image/jpeg");
  rendition.set_width(640);
  rendition.set_height(480);
  rendition.set_path("/media/\" onload=\"alert(6), x 2x");
  return image;
}

article::v1::Author HostileAuthor() {
  article::v1::Author author;
  author.set_author_id("\"><script>alert(7)</script>");
  author.set_name(kMarkup);
  author.set_role(kMarkup);
  author.set_bio(kMarkup);
  author.mutable_portrait()->set_image_id("hostile");
  author.add_profile_urls(kScriptUrl);
  return author;
}

}  // namespace

ArticlePage HostileArticle() {
  ArticlePage page;
  page.frame = SampleFrame();
  page.section.set_section_id("\"><script>");
  page.section.set_name(kMarkup);
  page.frame.sections.push_back(page.section);
  page.frame.degradations.emplace_back().set_part(kMarkup);
  page.article.set_article_id("hostile");
  page.article.set_path("/city/\"><script>alert(8)</script>");
  page.article.mutable_first_published_at()->set_seconds(1795175520);
  SetContent(*page.article.mutable_content());
  SetBody(*page.article.mutable_content());
  article::v1::Correction& correction = *page.article.add_corrections();
  correction.set_type(article::v1::CORRECTION_TYPE_CORRECTION);
  SetText(*correction.mutable_text());
  page.authors.push_back(HostileAuthor());
  page.images["hostile"] = HostileImage();
  page.related.push_back(page.article);
  page.related.back().set_path(kScriptUrl);
  page.most_read = page.related;
  return page;
}

}  // namespace broadsheet::gateway::testing
