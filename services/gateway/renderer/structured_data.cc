#include "services/gateway/renderer/structured_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxListed = 30;
constexpr std::size_t kMaxUpdates = 50;       // of a live story
constexpr std::size_t kMaxUpdateBytes = 600;  // of the text of each
constexpr int kPreviewWidth = 1280;

Markup ForScript(const Json& json) {
  return {absl::StrReplaceAll(
      json.dump(-1, ' ', false, Json::error_handler_t::replace),
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}})};
}

void SetIfAny(Json& json, const char* name, absl::string_view text) {
  if (!text.empty()) json[name] = CleanText(text);
}

Json Publisher(const Site& site) {
  return {{"@type", "NewsMediaOrganization"},
          {"name", CleanText(site.name)},
          {"url", absl::StrCat(site.url, "/")}};
}

Json Person(const article::v1::Author& author, const Site& site) {
  Json person = {{"@type", "Person"},
                 {"name", CleanText(author.name())},
                 {"url", AbsoluteUrl(site, AuthorPath(author.author_id()))}};
  SetIfAny(person, "jobTitle", author.role());
  return person;
}

Json Authors(const ArticlePage& page, const Site& site) {
  const std::string& byline = page.article.content().byline();
  if (!byline.empty()) return Json::array({{{"@type", "Person"}, {"name", CleanText(byline)}}});
  Json authors = Json::array();
  for (const article::v1::Author& author : page.authors) authors.push_back(Person(author, site));
  if (authors.empty()) authors.push_back(Publisher(site));
  return authors;
}

Json ImageObject(const ResolvedPicture& picture, const Site& site) {
  const media::v1::Rendition& rendition = *BestRendition(*picture.image, kPreviewWidth);
  Json image = {{"@type", "ImageObject"},
                {"url", AbsoluteRenditionUrl(site, rendition)},
                {"width", rendition.width()},
                {"height", rendition.height()}};
  const media::v1::ImageMetadata& metadata = picture.image->metadata();
  SetIfAny(image, "caption", picture.caption);
  SetIfAny(image, "creditText", picture.credit);
  if (!metadata.creator().empty())
    image["creator"] = {{"@type", "Person"}, {"name", CleanText(metadata.creator())}};
  SetIfAny(image, "copyrightNotice", metadata.copyright_notice());
  return image;
}

Json Corrections(const article::v1::Article& article) {
  Json corrections = Json::array();
  for (const article::v1::Correction& correction : article.corrections()) {
    Json comment = {{"@type", "CorrectionComment"}, {"text", CleanText(correction.text().text())}};
    if (correction.has_create_time())
      comment["datePublished"] = MachineTime(TimeOf(correction.create_time()));
    corrections.push_back(std::move(comment));
  }
  return corrections;
}

// What makes a LiveBlogPosting of a story.
void SetCoverage(Json& data, const article::v1::ArticleContent& content, const std::vector<Moment>& moments,
                 const std::string& url) {
  if (moments.back().time) data["coverageStartTime"] = MachineTime(*moments.back().time);
  if (content.has_coverage_ended_at())
    data["coverageEndTime"] = MachineTime(TimeOf(content.coverage_ended_at()));
  Json& updates = data["liveBlogUpdate"] = Json::array();
  for (const Moment& moment : moments) {
    if (updates.size() >= kMaxUpdates) break;
    Json update = {{"@type", "BlogPosting"},
                   {"headline", CleanText(moment.headline)},
                   {"url", absl::StrCat(url, "#", moment.anchor)}};
    if (moment.time) update["datePublished"] = MachineTime(*moment.time);
    SetIfAny(update, "articleBody", Summary(moment.words, kMaxUpdateBytes));
    updates.push_back(std::move(update));
  }
}

Json Items(const Teasers& stories, const Site& site) {
  Json items = Json::array();
  const int count = std::min<int>(kMaxListed, static_cast<int>(stories.size()));
  for (int i = 0; i < count; ++i) {
    items.push_back({{"@type", "ListItem"},
                     {"position", i + 1},
                     {"url", AbsoluteUrl(site, stories[i].path())},
                     {"name", CleanText(stories[i].content().headline())}});
  }
  return {{"@type", "ItemList"}, {"itemListElement", std::move(items)}};
}

// As the page has them: what was chosen first.
Teasers ShownOn(const ListPage& page) {
  Teasers shown = page.curated;
  std::set<std::string_view> chosen;
  for (const article::v1::Article& story : page.curated) chosen.insert(story.article_id());
  for (auto story = page.stories.begin(); story != page.stories.end(); ++story) {
    if (!chosen.contains(story->article_id())) shown.push_back(story.story());
  }
  return shown;
}

}  // namespace

Markup StoryData(const ArticlePage& page, const std::vector<Moment>& moments, const Site& site) {
  const article::v1::Article& article = page.article;
  const article::v1::ArticleContent& content = article.content();
  const std::string url = AbsoluteUrl(site, article.path());
  Json data = {{"@context", "https://schema.org"},
               {"@type", moments.empty() ? "NewsArticle" : "LiveBlogPosting"},
               {"mainEntityOfPage", url},
               {"url", url},
               {"headline", CleanText(content.headline())}};
  SetIfAny(data, "description", Summary(TrailText(article), 300));
  if (article.has_first_published_at())
    data["datePublished"] = MachineTime(TimeOf(article.first_published_at()));
  if (article.has_version_created_at())
    data["dateModified"] = MachineTime(TimeOf(article.version_created_at()));
  data["author"] = Authors(page, site);
  const ResolvedPicture picture = Resolve(content.lead_image(), page.images);
  if (picture.image != nullptr) data["image"] = Json::array({ImageObject(picture, site)});
  data["publisher"] = Publisher(site);
  SetIfAny(data, "articleSection", page.section.name());
  if (moments.empty()) {
    SetIfAny(data, "dateline", content.located());
  } else {
    SetCoverage(data, content, moments, url);
  }
  SetIfAny(data, "genre", content.genre());
  if (!content.subjects().empty()) {
    Json& keywords = data["keywords"] = Json::array();
    for (const std::string& subject : content.subjects()) keywords.push_back(CleanText(subject));
  }
  data["inLanguage"] = LanguageTag(content.language(), "en");
  data["isAccessibleForFree"] = true;
  SetIfAny(data, "copyrightNotice", content.copyright_notice());
  if (!article.corrections().empty()) data["correction"] = Corrections(article);
  return ForScript(data);
}

Markup WebSiteData(const Site& site) {
  Json data = {{"@context", "https://schema.org"},
               {"@type", "WebSite"},
               {"name", CleanText(site.name)},
               {"url", absl::StrCat(site.url, "/")},
               {"inLanguage", LanguageTag(site.language, "en")},
               {"publisher", Publisher(site)}};
  SetIfAny(data, "description", site.description);
  return ForScript(data);
}

Markup CollectionData(const ListPage& page, const Site& site) {
  Json data = {{"@context", "https://schema.org"},
               {"@type", "CollectionPage"},
               {"name", CleanText(page.section->name())},
               {"url", AbsoluteUrl(site, SectionPath(page.section->section_id()))},
               {"mainEntity", Items(ShownOn(page), site)}};
  SetIfAny(data, "description", page.section->description());
  return ForScript(data);
}

Markup ProfileData(const AuthorPage& page, const Site& site) {
  Json person = Person(page.author, site);
  SetIfAny(person, "description", page.author.bio());
  Json elsewhere = Json::array();
  for (const std::string& profile : page.author.profile_urls()) {
    if (const auto url = AllowedUrl(profile)) elsewhere.push_back(*url);
  }
  if (!elsewhere.empty()) person["sameAs"] = std::move(elsewhere);
  person["worksFor"] = Publisher(site);
  return ForScript(
      {{"@context", "https://schema.org"}, {"@type", "ProfilePage"}, {"mainEntity", std::move(person)}});
}

}  // namespace broadsheet::gateway
