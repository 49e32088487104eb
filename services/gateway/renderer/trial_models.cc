#include "services/gateway/renderer/trial_models.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;
using article::v1::ArticleContent;

constexpr std::int64_t kTrialTime = 1'767'225'600;
constexpr int kTrialStories = 24;  // enough for every place on a front
constexpr char kOtherLanguage[] = "de";

article::v1::Section SectionOfTrial() {
  article::v1::Section section;
  section.set_section_id("trial");
  section.set_name(kTrialSection);
  section.set_description("Trial description");
  return section;
}

article::v1::Author AuthorOfTrial(int number) {
  article::v1::Author author;
  author.set_author_id(absl::StrCat("author-", number));
  author.set_name(kTrialAuthor);
  author.set_role("Trial role");
  author.set_bio("Trial biography");
  author.mutable_portrait()->set_image_id("image");
  author.add_profile_urls("https://profile.example/author");
  return author;
}

// Its caption is in another language.
media::v1::Image ImageOfTrial() {
  media::v1::Image image;
  image.set_image_id("image");
  media::v1::ImageMetadata& metadata = *image.mutable_metadata();
  metadata.set_alt_text("Trial picture");
  metadata.set_caption("Trial caption");
  metadata.set_credit_line("Trial credit");
  metadata.set_language(kOtherLanguage);
  media::v1::Rendition& rendition = *image.add_renditions();
  rendition.set_media_type("image/jpeg");
  rendition.set_path("/media/image.jpg");
  rendition.set_width(640);
  rendition.set_height(480);
  rendition.set_byte_size(1000);
  return image;
}

Frame FrameOfTrial() {
  Frame frame;
  frame.sections = {SectionOfTrial()};
  return frame;
}

Article LeastArticle() {
  Article article;
  article.set_article_id("story");
  article.set_path(kTrialPath);
  article.mutable_content()->set_headline(kTrialHeadline);
  return article;
}

// With what a teaser can show but a kicker, which takes the place of the section's name.
Article TeaserArticle() {
  Article article = LeastArticle();
  article.mutable_first_published_at()->set_seconds(kTrialTime);
  article.mutable_version_created_at()->set_seconds(kTrialTime + 86'400);
  ArticleContent& content = *article.mutable_content();
  content.set_section_id("trial");
  content.set_trail_text("Trial trail");
  content.add_subjects("Trial subject");
  content.mutable_lead_image()->set_image_id("image");
  for (int number = 0; number < 3; ++number) content.add_author_ids(AuthorOfTrial(number).author_id());
  return article;
}

// Without the story that leads lists, so that it stands nowhere else in them.
Teasers OthersOfTrial() {
  Teasers stories;
  for (int number = 0; number < kTrialStories; ++number) {
    Article article = TeaserArticle();
    article.set_article_id(absl::StrCat("story-", number));
    if (number % 2 == 1) article.mutable_content()->set_kicker("Trial kicker");
    if (number % 3 == 1) article.mutable_content()->set_language(kOtherLanguage);
    if (number % 5 == 1) article.mutable_content()->set_byline("Trial byline");
    stories.push_back(std::move(article));
  }
  return stories;
}

Teasers TeasersOfTrial() {
  Article lead = TeaserArticle();
  lead.set_article_id("lead");
  lead.mutable_content()->set_headline(kTrialLead);
  const Teasers others = OthersOfTrial();
  Teasers stories = {lead};
  for (auto at = others.begin(); at != others.end(); ++at) stories.push_back(at.story());
  return stories;
}

std::map<std::string, article::v1::Author> AuthorsOfTrial() {
  std::map<std::string, article::v1::Author> authors;
  for (int number = 0; number < 3; ++number) {
    article::v1::Author author = AuthorOfTrial(number);
    authors.emplace(author.author_id(), author);
  }
  return authors;
}

void AddParagraph(ArticleContent& content, const char* words) {
  content.add_body()->mutable_paragraph()->mutable_text()->set_text(words);
}

void AddHeadings(ArticleContent& content) {
  for (const int level : {2, 3, 2}) {
    article::v1::Heading& heading = *content.add_body()->mutable_heading();
    heading.set_level(level);
    heading.mutable_text()->set_text("Trial heading");
  }
}

void AddCorrections(Article& article) {
  for (const auto type : {article::v1::CORRECTION_TYPE_CORRECTION, article::v1::CORRECTION_TYPE_CLARIFICATION,
                          article::v1::CORRECTION_TYPE_UPDATE, article::v1::CORRECTION_TYPE_RETRACTION}) {
    article::v1::Correction& correction = *article.add_corrections();
    correction.set_type(type);
    correction.mutable_text()->set_text("Trial correction");
    correction.mutable_create_time()->set_seconds(kTrialTime);
  }
}

void SetContent(ArticleContent& content) {
  content.set_kicker("Trial kicker");
  content.set_standfirst("Trial standfirst");
  content.set_located("Trial place");
  content.set_copyright_notice("Trial copyright");
  AddParagraph(content, kTrialParagraph);
  AddHeadings(content);
  content.add_body()->mutable_image()->set_image_id("image");
}

ArticlePage PageOfTrial(Article article) {
  ArticlePage page;
  page.frame = FrameOfTrial();
  page.article = std::move(article);
  return page;
}

}  // namespace

Site TrialSite() {
  return {.name = "Trial site",
          .url = "https://trial.example",
          .media_url = "",
          .language = "en-GB",  // with a territory, which not every tag has
          .description = "Trial description",
          .time_zone = absl::UTCTimeZone()};
}

ArticlePage CompleteTrialStory() {
  Article article = TeaserArticle();
  SetContent(*article.mutable_content());
  AddCorrections(article);
  ArticlePage page = PageOfTrial(std::move(article));
  page.section = SectionOfTrial();
  for (const auto& [id, author] : AuthorsOfTrial()) page.authors.push_back(author);
  page.images["image"] = ImageOfTrial();
  page.related = TeasersOfTrial();
  page.most_read = OthersOfTrial();
  return page;
}

ArticlePage LeastTrialStory() {
  Article article = LeastArticle();
  AddParagraph(*article.mutable_content(), kTrialParagraph);
  return PageOfTrial(std::move(article));
}

ArticlePage LiveTrialStory(bool ended) {
  ArticlePage page = LeastTrialStory();
  ArticleContent& content = *page.article.mutable_content();
  content.set_language(kOtherLanguage);
  content.set_byline("Trial byline");
  if (ended) content.mutable_coverage_ended_at()->set_seconds(kTrialTime);
  article::v1::KeyEvent& event = *content.add_body()->mutable_key_event();
  event.set_headline("Trial event");
  event.set_key(true);
  event.mutable_event_time()->set_seconds(kTrialTime);
  AddParagraph(content, kTrialMoment);
  return page;
}

ListPage TrialList() {
  ListPage page;
  page.frame = FrameOfTrial();
  page.stories = TeasersOfTrial();
  page.curated.push_back(page.stories.begin().story());
  page.authors = AuthorsOfTrial();
  page.images["image"] = ImageOfTrial();
  page.most_read = OthersOfTrial();
  return page;
}

MostReadPage TrialMostRead() {
  ListPage list = TrialList();
  return {list.frame, list.stories, list.authors, list.images};
}

AuthorPage TrialAuthorPage() {
  ListPage list = TrialList();
  return {list.frame, AuthorOfTrial(0), list.stories, list.images};
}

ErrorPage TrialError(int status) { return {FrameOfTrial(), status, "Trial notice", TeasersOfTrial()}; }

FeedPage TrialFeed() {
  ListPage list = TrialList();
  return {SectionOfTrial(), std::nullopt, list.frame.sections, list.stories, list.authors, list.images};
}

SitemapPage TrialSitemap() { return {true, {SectionOfTrial()}, {AuthorOfTrial(0)}, TeasersOfTrial()}; }

}  // namespace broadsheet::gateway
