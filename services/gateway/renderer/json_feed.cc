#include "services/gateway/renderer/json_feed.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "services/gateway/renderer/feed_entries.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using Json = nlohmann::ordered_json;
using article::v1::Article;

void SetIfAny(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = CleanText(text);
}

Json AuthorsOf(const Article& article, const FeedPage& page, const Site& site) {
  if (!article.content().byline().empty())
    return Json::array({{{"name", CleanText(article.content().byline())}}});
  Json authors = Json::array();
  for (const std::string& id : article.content().author_ids()) {
    const auto known = page.authors.find(id);
    if (known == page.authors.end()) continue;
    authors.push_back(
        {{"name", CleanText(known->second.name())}, {"url", AbsoluteUrl(site, AuthorPath(id))}});
  }
  return authors;
}

Json TagsOf(const Article& article, const FeedPage& page) {
  Json tags = Json::array();
  const std::string section = SectionName(page.sections, article.content().section_id());
  if (!section.empty()) tags.push_back(CleanText(section));
  for (const std::string& subject : article.content().subjects()) tags.push_back(CleanText(subject));
  return tags;
}

// A feed reader needs words to show; a story without a summary has its headline.
Json Item(const Article& article, const FeedPage& page, const Site& site) {
  const std::string headline = Summary(article.content().headline(), 1000);
  const std::string summary = Summary(TrailText(article), 2000);
  Json item = {{"id", StoryUri(article, site)},
               {"url", AbsoluteUrl(site, article.path())},
               {"title", headline},
               {"content_text", summary.empty() ? headline : summary}};
  const ResolvedPicture picture = Resolve(article.content().lead_image(), page.images);
  if (picture.image != nullptr)
    item["image"] = AbsoluteRenditionUrl(site, *BestRendition(*picture.image, kFeedPictureWidth));
  item["date_published"] = MachineTime(PublishedAt(article));
  item["date_modified"] = MachineTime(UpdatedAt(article));
  if (Json authors = AuthorsOf(article, page, site); !authors.empty()) item["authors"] = std::move(authors);
  if (Json tags = TagsOf(article, page); !tags.empty()) item["tags"] = std::move(tags);
  item["language"] = LanguageTag(article.content().language(), "en");
  return item;
}

}  // namespace

std::string JsonFeed(const FeedPage& page, const Site& site) {
  const FeedHead head = FeedHeadOf(page, site);
  Json feed = {
      {"version", "https://jsonfeed.org/version/1.1"},
      {"title", CleanText(head.title)},
      {"home_page_url", AbsoluteUrl(site, head.list_path.empty() ? std::string(kFrontPath) : head.list_path)},
      {"feed_url", AbsoluteUrl(site, FeedPath(head.list_path, kJsonFeedSuffix))}};
  SetIfAny(feed, "description", head.description);
  feed["language"] = LanguageTag(site.language, "en");
  Json items = Json::array();
  const int count = std::min<int>(kMaxFeedEntries, static_cast<int>(page.stories.size()));
  for (int i = 0; i < count; ++i) items.push_back(Item(page.stories[i], page, site));
  feed["items"] = std::move(items);
  return feed.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace broadsheet::gateway
