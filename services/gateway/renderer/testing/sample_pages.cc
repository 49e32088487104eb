#include "services/gateway/renderer/testing/sample_pages.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/testing/sample_text.h"

namespace broadsheet::gateway::testing {
namespace {

using article::v1::Article;
using article::v1::Author;
using media::v1::Image;

constexpr int64_t kNewest = 1795175520;  // 21 November 2026, 12:32 UTC

Article Parse(const char* text) {
  Article article;
  if (!google::protobuf::TextFormat::ParseFromString(text, &article)) std::abort();
  return article;
}

Author MakeAuthor(const std::string& id, const std::string& name, const std::string& role,
                  const std::string& bio) {
  Author author;
  author.set_author_id(id);
  author.set_name(name);
  author.set_role(role);
  author.set_bio(bio);
  author.mutable_portrait()->set_image_id(absl::StrCat("portrait-", id));
  return author;
}

const std::map<std::string, Author>& Authors() {
  static const auto& authors = *new std::map<std::string, Author>{
      {"tobias-wren", MakeAuthor("tobias-wren", "Tobias Wren", "City reporter",
                                 "Tobias Wren reports on Averley City Council, housing and transport.")},
      {"ines-carvalho", MakeAuthor("ines-carvalho", "Inês Carvalho", "Harbour correspondent",
                                   "Inês Carvalho has covered the port of Averley since 2014 and holds a "
                                   "boatmaster’s ticket for inshore "
                                   "waters. Her reporting on pilot fatigue won the Lanthorn Prize in 2023.")},
      {"samir-haddad",
       MakeAuthor("samir-haddad", "Samir Haddad", "Culture editor",
                  "Samir Haddad edits the culture pages and translates contemporary poetry.")},
      {"oonagh-pell",
       MakeAuthor("oonagh-pell", "Oonagh Pell", "Science editor",
                  "Oonagh Pell trained as a marine chemist before she turned to journalism.")}};
  return authors;
}

Image MakeImage(const std::string& id, int width, int height, const std::string& credit,
                const std::string& color) {
  Image image;
  image.set_image_id(id);
  image.set_width(width);
  image.set_height(height);
  image.set_placeholder_color(color);
  image.set_status(media::v1::IMAGE_STATUS_USABLE);
  image.mutable_metadata()->set_credit_line(credit);
  image.mutable_metadata()->set_creator(credit);
  image.mutable_metadata()->set_alt_text(absl::StrCat("Illustration: ", id));
  image.mutable_metadata()->set_caption("Seen from the Ropewalk on Friday morning.");
  image.mutable_metadata()->set_copyright_notice("© 2026 The Averley Lanthorn");
  for (const char* type : {"jpeg", "webp"}) {
    for (const int shown : {320, 640, 960, 1280}) {
      if (shown > width) continue;
      media::v1::Rendition& rendition = *image.add_renditions();
      rendition.set_name(absl::StrCat("w", shown));
      rendition.set_media_type(absl::StrCat("image/", type));
      rendition.set_width(shown);
      rendition.set_height((shown * height + width / 2) / width);
      rendition.set_byte_size(shown * 90);
      rendition.set_path(absl::StrCat("/media/", id, "/w", shown, type[0] == 'j' ? ".jpg" : ".webp"));
    }
  }
  return image;
}

ImagesById SampleImages() {
  ImagesById images;
  const auto add = [&](const std::string& id, const std::string& credit, const std::string& color) {
    images.emplace(id, MakeImage(id, 1600, 1067, credit, color));
  };
  add("bridge-closed", "ABP News", "#8a7c62");
  add("bridge-hanger", "Lanthorn/M. Oakes", "#5c6670");
  add("mole-storm", "Lanthorn", "#3d5563");
  add("talks-table", "Lanthorn", "#7a4d33");
  add("orchard-rows", "Orchard Archive", "#6f7f45");
  add("opera-stage", "Averley Opera", "#55213a");
  add("ferry-dawn", "Lanthorn", "#c79a6a");
  add("herring", "Lanthorn", "#7f9aa8");
  add("seagrass", "Marine Station", "#2f6f63");
  add("floodlights", "Lanthorn", "#1e2f4a");
  add("bank-rate", "Lanthorn", "#9a8f7c");
  images.at("mole-storm").mutable_metadata()->mutable_focal_point()->set_x(0.2);
  images.at("mole-storm").mutable_metadata()->mutable_focal_point()->set_y(0.9);
  for (const auto& [id, author] : Authors()) {
    const std::string portrait = author.portrait().image_id();
    images.emplace(portrait, MakeImage(portrait, 640, 640, "Lanthorn", "#a0785a"));
  }
  return images;
}

struct Entry {
  const char* id;
  const char* headline;
  const char* section;
  const char* kicker;
  const char* image;
  const char* author;
  int urgency;
  int hours;
};

constexpr Entry kEntries[] = {
    {"tollgate-bridge-closed", "Tollgate Bridge closed after a hanger snaps in the night", "city", "Bridge",
     "bridge-closed", "tobias-wren", 1, 2},
    {"elusive-breakthrough", "An Elusive Breakthrough: Navigating Contentious Issues", "business", "Talks",
     "talks-table", "ines-carvalho", 2, 5},
    {"north-mole-breached", "The sea takes sixty metres of the north mole", "harbour", "", "mole-storm",
     "ines-carvalho", 2, 9},
    {"storm-forecast", "Ottilie will be back before Sunday, forecasters warn", "harbour", "Weather", "",
     "oonagh-pell", 3, 12},
    {"ferry-returns", "A passenger ferry returns to the Marl after forty-one years", "city", "", "ferry-dawn",
     "tobias-wren", 4, 20},
    {"bank-rate", "Bank holds its rate and hints at spring", "business", "", "bank-rate", "ines-carvalho", 4,
     22},
    {"salt-bride", "‘The Salt Bride’ drowns beautifully, and twice", "culture", "Opera", "opera-stage",
     "samir-haddad", 5, 26},
    {"maktabat-al-mina", "مكتبة الميناء تفتح أبوابها من جديد بعد ثلاثين عاماً", "culture", "مكتبات",
     "orchard-rows", "samir-haddad", 5, 27},
    {"seagrass-meadow", "A seagrass meadow nobody planted", "science", "", "seagrass", "oonagh-pell", 5, 30},
    {"herring-early", "The herring are three weeks early, and smaller", "harbour", "", "herring",
     "ines-carvalho", 5, 31},
    {"by-election", "Averley West goes to the polls with four candidates and one roundabout", "city", "", "",
     "tobias-wren", 5, 33},
    {"mariners-slaters", "Mariners 2, Slaters 2: a derby settled by the floodlights", "sport", "Football",
     "floodlights", "tobias-wren", 5, 36},
    {"regatta", "Eighty sails for the last regatta of the year", "sport", "", "", "ines-carvalho", 6, 40},
    {"turbine", "Tidal turbine turns out to be somebody’s favourite perch", "science", "", "", "oonagh-pell",
     6, 44},
    {"empty-homes", "City to publish its register of empty homes", "city", "", "", "tobias-wren", 6, 48},
    {"orchard-vote", "Orchard tenants vote to buy their hillside", "business", "", "orchard-rows",
     "ines-carvalho", 6, 52},
};

Teasers SampleStories() {
  Teasers stories;
  for (const Entry& entry : kEntries) {
    Article story = SampleTeaser(entry.id, entry.headline, entry.section, entry.hours);
    story.mutable_content()->set_kicker(entry.kicker);
    story.mutable_content()->set_urgency(entry.urgency);
    story.mutable_content()->add_author_ids(entry.author);
    if (entry.image[0] != '\0') story.mutable_content()->mutable_lead_image()->set_image_id(entry.image);
    if (entry.id == std::string("maktabat-al-mina")) story.mutable_content()->set_language("ar");
    stories.push_back(std::move(story));
  }
  return stories;
}

Teasers Some(std::initializer_list<size_t> indexes) {
  const Teasers all = SampleStories();
  Teasers some;
  for (const size_t index : indexes) some.push_back(all[index]);
  return some;
}

ArticlePage PageOf(Article article) {
  ArticlePage page;
  page.frame = SampleFrame();
  for (const std::string& id : article.content().author_ids()) page.authors.push_back(Authors().at(id));
  for (const article::v1::Section& section : page.frame.sections) {
    if (section.section_id() == article.content().section_id()) page.section = section;
  }
  page.images = SampleImages();
  page.article = std::move(article);
  return page;
}

// Marks `words` of the paragraph whose block is `block_id`.
article::v1::Span& Mark(Article& article, const std::string& block_id, const std::string& words,
                        article::v1::SpanKind kind) {
  for (article::v1::Block& block : *article.mutable_content()->mutable_body()) {
    if (block.block_id() != block_id) continue;
    article::v1::RichText& text = *block.mutable_paragraph()->mutable_text();
    const size_t start = text.text().find(words);
    if (start == std::string::npos) std::abort();
    article::v1::Span& span = *text.add_spans();
    span.set_kind(kind);
    span.set_start(static_cast<uint32_t>(start));
    span.set_end(static_cast<uint32_t>(start + words.size()));
    return span;
  }
  std::abort();
}

void AddParagraph(Article& article, const std::string& text) {
  article.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(text);
}

}  // namespace

Site SampleSite() {
  return {.name = "The Averley Lanthorn",
          .url = "https://lanthorn.example",
          .media_url = "",
          .language = "en-GB",
          .description = "News from Averley and the island of Selverne.",
          .time_zone = absl::UTCTimeZone()};
}

Frame SampleFrame() {
  Frame frame;
  for (const char* name : {"City", "Harbour", "Business", "Culture", "Science", "Sport"}) {
    article::v1::Section& section = frame.sections.emplace_back();
    section.set_name(name);
    section.set_section_id(absl::AsciiStrToLower(name));
    section.set_order(static_cast<int>(frame.sections.size()));
  }
  frame.sections[1].set_description(
      "The port, the pilots, the ferries and the fleet; weather from the sea side.");
  return frame;
}

Article SampleTeaser(const std::string& id, const std::string& headline, const std::string& section_id,
                     int hours) {
  Article article;
  article.set_article_id(id);
  article.set_path(absl::StrCat("/", section_id, "/2026/11/", id));
  article.set_pub_status(article::v1::PUB_STATUS_USABLE);
  article.mutable_first_published_at()->set_seconds(kNewest - int64_t{hours} * 3600);
  article.mutable_version_created_at()->set_seconds(kNewest - int64_t{hours} * 3600);
  article::v1::ArticleContent& content = *article.mutable_content();
  content.set_headline(headline);
  content.set_section_id(section_id);
  content.set_language("en-GB");
  content.set_trail_text(
      "What it means for those who cross the water every day, and who is going to pay for it.");
  return article;
}

ArticlePage CompleteArticle() {
  ArticlePage page = PageOf(Parse(kCompleteArticle));
  Article& article = page.article;
  Mark(article, "p1", "closed to all traffic", article::v1::SPAN_KIND_STRONG);
  Mark(article, "p2", "own report from March", article::v1::SPAN_KIND_LINK).set_article_id("bridge-report");
  Mark(article, "p2", "strain readings", article::v1::SPAN_KIND_LINK)
      .set_url("https://harbour-trust.example/readings?year=2026&span=3");
  Mark(article, "p2", "should", article::v1::SPAN_KIND_EMPHASIS);
  Mark(article, "p3", "61 t", article::v1::SPAN_KIND_STRIKETHROUGH);
  Mark(article, "p3", "FeNi3", article::v1::SPAN_KIND_CODE);
  Mark(article, "p3", "²", article::v1::SPAN_KIND_SUPERSCRIPT);
  Mark(article, "p6", "pons sibi cautio", article::v1::SPAN_KIND_LANGUAGE).set_language("la");
  page.linked_paths["bridge-report"] = "/city/2026/03/bridge-report";
  page.related = Some({1, 2, 4});
  page.most_read = Some({6, 2, 9, 11, 3});
  return page;
}

ArticlePage LiveArticle() {
  ArticlePage page = PageOf(Parse(kLiveArticle));
  page.linked_paths["ferry-returns"] = "/city/2026/11/ferry-returns";
  page.related = Some({0, 2});
  return page;
}

ArticlePage RightToLeftArticle() {
  ArticlePage page = PageOf(Parse(kRightToLeftArticle));
  Mark(page.article, "a3", "The Pilot’s Almanac", article::v1::SPAN_KIND_LANGUAGE).set_language("en");
  page.related = Some({6, 8, 15});
  return page;
}

ArticlePage PlainArticle() {
  Article article = SampleTeaser("short-notice", "Swimming baths open late on Monday", "city", 3);
  article.mutable_content()->clear_trail_text();
  AddParagraph(article,
               "The baths at Ropewalk open at ten instead of six on Monday. The boiler is being looked at.");
  return PageOf(std::move(article));
}

ArticlePage LongHeadline() {
  Article article = Parse(kCompleteArticle);
  article.mutable_content()->set_headline(
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and the harbour "
      "board agree, after "
      "eleven weeks, on a comma in the third paragraph of a memorandum that neither had meant to write");
  article.mutable_content()->set_located("LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLLLANTYSILIOGOGOGOCH");
  AddParagraph(article, absl::StrCat("https://long.example/", std::string(120, 'x')));
  return PageOf(std::move(article));
}

ArticlePage MissingPictures() {
  ArticlePage page = CompleteArticle();
  page.images.clear();
  page.article.mutable_content()->mutable_lead_image()->set_alt_text(
      "The bridge, empty, with both barriers down.");
  page.article.mutable_content()->mutable_lead_image()->set_credit_line("ABP News");
  page::v1::Degradation& degradation = page.frame.degradations.emplace_back();
  degradation.set_part("images");
  degradation.set_reason(page::v1::DEGRADATION_REASON_UNAVAILABLE);
  return page;
}

std::vector<ArticlePage> SampleEdition() {
  std::vector<ArticlePage> pages = {CompleteArticle(), RightToLeftArticle()};
  for (const Article& sample : SampleStories()) {
    Article story = sample;
    if (story.path() == pages[0].article.path() || story.path() == pages[1].article.path()) continue;
    AddParagraph(story,
                 "Nobody at the quay was surprised. The tide tables had said so, and so had the herring.");
    AddParagraph(story, "The harbour office opens at seven. What it will say is expected by eight.");
    ArticlePage page = PageOf(std::move(story));
    page.related = Some({0, 2, 6});
    pages.push_back(std::move(page));
  }
  return pages;
}

ListPage SampleFront() {
  ListPage page;
  page.frame = SampleFrame();
  page.stories = SampleStories();
  page.authors = Authors();
  page.images = SampleImages();
  page.most_read = Some({6, 2, 9, 11, 3, 0});
  return page;
}

ListPage SampleSection(size_t index) {
  ListPage page = SampleFront();
  page.section = page.frame.sections[index];
  page.stories.EraseIf(
      [&](const Article& story) { return story.content().section_id() != page.section->section_id(); });
  return page;
}

AuthorPage SampleAuthor(const std::string& author_id) {
  AuthorPage page;
  page.frame = SampleFrame();
  page.author = Authors().at(author_id);
  page.author.add_profile_urls("https://pilots.example/@someone");
  page.stories = SampleStories();
  page.stories.EraseIf([&](const Article& story) { return story.content().author_ids(0) != author_id; });
  page.images = SampleImages();
  return page;
}

std::vector<std::string> SampleAuthorIds() {
  std::vector<std::string> ids;
  for (const auto& [id, author] : Authors()) ids.push_back(id);
  return ids;
}

ErrorPage SampleError(int status) {
  ErrorPage page;
  page.frame = SampleFrame();
  page.status = status;
  if (status == 410) page.notice = "We withdrew this story at the request of the family.";
  page.stories = Some({0, 1, 2});
  return page;
}

FeedPage SampleFeed() {
  FeedPage page;
  page.sections = SampleFrame().sections;
  page.stories = SampleStories();
  page.authors = Authors();
  page.images = SampleImages();
  return page;
}

FeedPage SampleAuthorFeed(const std::string& author_id) {
  FeedPage page = SampleFeed();
  page.author = Authors().at(author_id);
  page.stories = SampleAuthor(author_id).stories;
  return page;
}

SitemapPage SampleSitemap() {
  SitemapPage page;
  page.front = true;
  page.sections = SampleFrame().sections;
  for (const auto& [id, author] : Authors()) page.authors.push_back(author);
  page.stories = SampleStories();
  return page;
}

NewsSitemapPage SampleNewsSitemap() { return {.stories = SampleStories()}; }

}  // namespace broadsheet::gateway::testing
