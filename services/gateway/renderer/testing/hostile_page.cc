#include <string>
#include <utility>

#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway::testing {
namespace {

using article::v1::ArticleContent;

constexpr char kScriptUrl[] = "javascript:alert(3)";

// Puts one payload into every field that holds text, an id or an address.
class HostileWriter {
 public:
  explicit HostileWriter(const std::string& payload) : payload_(payload) {}

  ArticlePage Article() const {
    ArticlePage page;
    page.frame = SampleFrame();
    page.section = Section();
    page.frame.sections.push_back(page.section);
    page.frame.degradations.emplace_back().set_part(payload_);
    page.article.set_article_id("hostile");
    page.article.set_path("/city/" + payload_);
    page.article.mutable_first_published_at()->set_seconds(1795175520);
    SetContent(*page.article.mutable_content());
    SetBody(*page.article.mutable_content());
    article::v1::Correction& correction = *page.article.add_corrections();
    correction.set_type(article::v1::CORRECTION_TYPE_CORRECTION);
    SetText(*correction.mutable_text());
    page.authors.push_back(Author());
    page.images["hostile"] = Image();
    article::v1::Article related = page.article;
    related.set_path(kScriptUrl);
    page.related.push_back(std::move(related));
    page.most_read = page.related;
    return page;
  }

  article::v1::Author Author() const {
    article::v1::Author author;
    author.set_author_id(payload_);
    for (std::string* field : {author.mutable_name(), author.mutable_role(), author.mutable_bio()})
      *field = payload_;
    author.mutable_portrait()->set_image_id("hostile");
    author.add_profile_urls(kScriptUrl);
    author.add_profile_urls(payload_);
    return author;
  }

 private:
  article::v1::Section Section() const {
    article::v1::Section section;
    section.set_section_id(payload_);
    section.set_name(payload_);
    section.set_description(payload_);
    return section;
  }

  void SetText(article::v1::RichText& rich) const {
    rich.set_text(payload_);
    for (const std::string& url :
         {std::string(kScriptUrl), payload_, std::string("//evil.example"),
          std::string("data:text/html,<script>alert(4)</script>"), std::string("/\\evil.example"),
          std::string("java\nscript:alert(5)"), std::string("https:evil")}) {
      article::v1::Span& span = *rich.add_spans();
      span.set_kind(article::v1::SPAN_KIND_LINK);
      span.set_end(static_cast<uint32_t>(rich.text().size()));
      span.set_url(url);
    }
    article::v1::Span& language = *rich.add_spans();
    language.set_kind(article::v1::SPAN_KIND_LANGUAGE);
    language.set_end(static_cast<uint32_t>(rich.text().size()));
    language.set_language(payload_);
  }

  void SetContent(ArticleContent& content) const {
    for (std::string* field :
         {content.mutable_headline(), content.mutable_standfirst(), content.mutable_kicker(),
          content.mutable_trail_text(), content.mutable_located(), content.mutable_language(),
          content.mutable_genre(), content.mutable_copyright_notice(), content.add_subjects()}) {
      *field = payload_;
    }
    content.set_section_id(payload_);
    content.mutable_lead_image()->set_image_id("hostile");
    content.add_author_ids("hostile");
  }

  void SetBody(ArticleContent& content) const {
    SetText(*content.add_body()->mutable_paragraph()->mutable_text());
    article::v1::Block& heading = *content.add_body();
    heading.set_block_id(payload_);
    SetText(*heading.mutable_heading()->mutable_text());
    article::v1::Quote& quote = *content.add_body()->mutable_quote();
    SetText(*quote.mutable_text());
    quote.set_attribution(payload_);
    quote.set_source_url(kScriptUrl);
    SetText(*content.add_body()->mutable_list()->add_items()->mutable_text());
    article::v1::Table& table = *content.add_body()->mutable_table();
    table.set_caption(payload_);
    SetText(*table.mutable_header()->add_cells());
    SetText(*table.add_rows()->add_cells());
    article::v1::Embed& embed = *content.add_body()->mutable_embed();
    embed.set_url(kScriptUrl);
    embed.set_title(payload_);
    content.add_body()->mutable_key_event()->set_headline(payload_);
    article::v1::ImageReference& image = *content.add_body()->mutable_image();
    image.set_image_id("hostile");
    image.set_caption(payload_);
    image.set_alt_text(payload_);
    image.set_credit_line(payload_);
    content.add_body()->mutable_image()->set_alt_text(payload_);
  }

  media::v1::Image Image() const {
    media::v1::Image image;
    image.set_image_id("hostile");
    image.set_placeholder_color(payload_);
    media::v1::ImageMetadata& metadata = *image.mutable_metadata();
    for (std::string* field :
         {metadata.mutable_caption(), metadata.mutable_alt_text(), metadata.mutable_credit_line(),
          metadata.mutable_creator(), metadata.mutable_copyright_notice(), metadata.mutable_language()}) {
      *field = payload_;
    }
    media::v1::Rendition& rendition = *image.add_renditions();
    rendition.set_media_type("image/jpeg");
    rendition.set_width(640);
    rendition.set_height(480);
    rendition.set_path("/media/" + payload_);
    return image;
  }

  const std::string& payload_;
};

}  // namespace

const std::string& SamplePayload() {
  static const auto& payload = *new std::string(
      "\"'><script>alert(1)</script><img src=x onerror=alert(2)><!-- --></title></script>\u2028`{{X}}");
  return payload;
}

ArticlePage HostileArticle(const std::string& payload) { return HostileWriter(payload).Article(); }

ListPage HostileList(const std::string& payload) {
  ArticlePage article = HostileArticle(payload);
  ListPage page;
  page.frame = article.frame;
  page.section = article.section;
  page.stories = {article.article, article.article, article.article, article.article};
  page.authors["hostile"] = article.authors.front();
  page.images = article.images;
  page.most_read = article.most_read;
  return page;
}

AuthorPage HostileAuthorPage(const std::string& payload) {
  ListPage list = HostileList(payload);
  AuthorPage page;
  page.frame = list.frame;
  page.author = list.authors.at("hostile");
  page.stories = list.stories;
  page.images = list.images;
  return page;
}

ErrorPage HostileError(const std::string& payload) {
  ListPage list = HostileList(payload);
  ErrorPage page;
  page.frame = list.frame;
  page.status = 410;
  page.notice = payload;
  page.stories = list.stories;
  return page;
}

FeedPage HostileFeed(const std::string& payload) {
  ListPage list = HostileList(payload);
  FeedPage page;
  page.section = list.section;
  page.sections = list.frame.sections;
  page.stories = list.stories;
  page.authors = list.authors;
  page.images = list.images;
  return page;
}

}  // namespace broadsheet::gateway::testing
