#include "services/gateway/renderer/feeds.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/feed_entries.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;

constexpr std::size_t kMaxSitemapEntries = 50'000;
constexpr std::size_t kMaxNewsEntries = 1'000;

// How a feed writes what describes it and its stories: as text, or as HTML that says the text.
using Wording = std::string (*)(absl::string_view text);

std::string AsText(absl::string_view text) { return std::string(text); }

void SetAuthors(Values& entry, const Article& article, const FeedPage& page, const Site& site) {
  if (!article.content().byline().empty()) {
    entry.Add("AUTHOR").Set("AUTHOR_NAME", article.content().byline());
    return;
  }
  for (const std::string& id : article.content().author_ids()) {
    const auto known = page.authors.find(id);
    if (known == page.authors.end()) continue;
    entry.Add("AUTHOR")
        .Set("AUTHOR_NAME", known->second.name())
        .Add("AUTHOR_URL")
        .Set("AUTHOR_URL", AbsoluteUrl(site, AuthorPath(id)));
  }
}

void SetPicture(Values& entry, const Article& article, const FeedPage& page, const Site& site) {
  const ResolvedPicture picture = Resolve(article.content().lead_image(), page.images);
  if (picture.image == nullptr) return;
  const media::v1::Rendition& rendition = *BestRendition(*picture.image, kFeedPictureWidth);
  Values& values = entry.Add("PICTURE");
  values.Set("PICTURE_URL", AbsoluteRenditionUrl(site, rendition))
      .Set("PICTURE_TYPE", rendition.media_type())
      .Set("PICTURE_BYTES", absl::StrCat(rendition.byte_size()))
      .Set("PICTURE_WIDTH", absl::StrCat(rendition.width()))
      .Set("PICTURE_HEIGHT", absl::StrCat(rendition.height()));
  values.SetIfAny("PICTURE_CREDIT", picture.credit).SetIfAny("PICTURE_ALT_TEXT", picture.alt_text);
}

void AddEntry(Values& values, const Article& article, const FeedPage& page, const Site& site,
              Wording wording) {
  const article::v1::ArticleContent& content = article.content();
  Values& entry = values.Add("ENTRY");
  entry.Set("HEADLINE", Summary(content.headline(), 1000)).Set("URL", AbsoluteUrl(site, article.path()));
  entry.Set("ITEM_URL", AbsoluteUrl(site, ItemPath(article.path())));
  entry.Set("ID", StoryUri(article, site));
  entry.Set("LANGUAGE", LanguageTag(content.language(), "en"));
  entry.Set("PUBLISHED", MachineTime(PublishedAt(article))).Set("UPDATED", MachineTime(UpdatedAt(article)));
  entry.Set("PUBLISHED_MAIL", MailTime(PublishedAt(article)));
  entry.SetIfAny("SUMMARY", wording(Summary(TrailText(article), 2000)));
  entry.SetIfAny("CATEGORY", SectionName(page.sections, content.section_id()));
  for (const std::string& subject : content.subjects()) entry.Add("SUBJECT").Set("SUBJECT", subject);
  SetAuthors(entry, article, page, site);
  SetPicture(entry, article, page, site);
}

// A feed without a description of its own is described by its title.
void SetDescription(Values& values, const FeedHead& head, Wording wording) {
  const bool described = !head.description.empty();
  values.Add(described ? "DESCRIPTION" : "NO_DESCRIPTION")
      .Set("DESCRIPTION", wording(described ? head.description : head.title));
}

Values FeedValues(const FeedPage& page, const Site& site, Wording wording) {
  const FeedHead head = FeedHeadOf(page, site);
  Values values;
  values.Set("SITE_NAME", site.name).Set("TITLE", head.title).Set("ID", head.id);
  SetDescription(values, head, wording);
  values.Set("LANGUAGE", LanguageTag(site.language, "en"));
  values.Set("PAGE_URL",
             AbsoluteUrl(site, head.list_path.empty() ? std::string(kFrontPath) : head.list_path));
  values.Set("RSS_URL", AbsoluteUrl(site, FeedPath(head.list_path, kRssSuffix)));
  values.Set("ATOM_URL", AbsoluteUrl(site, FeedPath(head.list_path, kAtomSuffix)));
  absl::Time updated = page.stories.empty() ? page.made_at : absl::UnixEpoch();
  const int count = std::min<int>(kMaxFeedEntries, static_cast<int>(page.stories.size()));
  for (int i = 0; i < count; ++i) {
    updated = std::max(updated, UpdatedAt(page.stories[i]));
    AddEntry(values, page.stories[i], page, site, wording);
  }
  values.Set("UPDATED", MachineTime(updated)).Set("UPDATED_MAIL", MailTime(updated));
  return values;
}

// The news schema wants two letters of ISO 639, and two forms of Chinese.
std::string NewsLanguage(absl::string_view language) {
  const std::string tag = absl::AsciiStrToLower(LanguageTag(language, "en"));
  const std::string primary = tag.substr(0, tag.find('-'));
  if (primary != "zh") return primary;
  const bool traditional = absl::StrContains(tag, "hant") || absl::StrContains(tag, "-tw");
  return traditional ? "zh-tw" : "zh-cn";
}

}  // namespace

Values RssValues(const FeedPage& page, const Site& site) { return FeedValues(page, site, EscapeHtml); }

Values AtomValues(const FeedPage& page, const Site& site) { return FeedValues(page, site, AsText); }

Values SitemapValues(const SitemapPage& page, const Site& site) {
  Values values;
  std::size_t room = kMaxSitemapEntries;
  auto add = [&](const std::string& path, std::optional<absl::Time> modified) {
    if (room == 0) return;
    --room;
    Values& entry = values.Add("ENTRY").Set("URL", AbsoluteUrl(site, path));
    if (modified) entry.SetIfAny("MODIFIED", MachineTime(*modified));
  };
  if (page.front) add(std::string(kFrontPath), std::nullopt);
  for (const article::v1::Section& section : page.sections)
    add(SectionPath(section.section_id()), std::nullopt);
  for (const article::v1::Author& author : page.authors) add(AuthorPath(author.author_id()), std::nullopt);
  for (const Article& story : page.stories) add(story.path(), UpdatedAt(story));
  return values;
}

Values SitemapIndexValues(const SitemapIndexPage& page, const Site& site) {
  Values values;
  for (const std::string& path : page.paths) values.Add("SITEMAP").Set("URL", AbsoluteUrl(site, path));
  return values;
}

Values NewsSitemapValues(const NewsSitemapPage& page, const Site& site) {
  Values values;
  const std::size_t count = std::min(page.stories.size(), kMaxNewsEntries);
  for (std::size_t i = 0; i < count; ++i) {
    const Article& story = page.stories[i];
    values.Add("ENTRY")
        .Set("URL", AbsoluteUrl(site, story.path()))
        .Set("SITE_NAME", site.name)
        .Set("LANGUAGE", NewsLanguage(story.content().language()))
        .Set("PUBLISHED", MachineTime(PublishedAt(story)))
        .Set("HEADLINE", Summary(story.content().headline(), 1000));
  }
  return values;
}

}  // namespace broadsheet::gateway
