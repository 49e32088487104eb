#include "services/gateway/renderer/feeds.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;

constexpr int kMaxEntries = 100;
constexpr int kMaxSitemapEntries = 50000;
constexpr int kFeedPictureWidth = 1280;

// RFC 4151 asks for a host without port and a day on which it was ours: the day the story was published.
std::string TagUri(const Site& site, absl::Time day, absl::string_view specific) {
  const std::vector<absl::string_view> parts = absl::StrSplit(site.url, absl::MaxSplits('/', 3));
  const absl::string_view authority = parts.size() > 2 ? parts[2] : absl::string_view(site.url);
  const std::vector<absl::string_view> host = absl::StrSplit(authority, absl::MaxSplits(':', 1));
  const std::string date = absl::FormatTime("%Y-%m-%d", day, absl::UTCTimeZone());
  return absl::StrCat("tag:", host[0], ",", date, ":", specific);
}

absl::Time Published(const Article& article) { return TimeOf(article.first_published_at()); }

absl::Time Updated(const Article& article) {
  return article.has_version_created_at() ? std::max(TimeOf(article.version_created_at()), Published(article))
                                          : Published(article);
}

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

void AddEntry(Values& values, const Article& article, const FeedPage& page, const Site& site) {
  const article::v1::ArticleContent& content = article.content();
  Values& entry = values.Add("ENTRY");
  entry.Set("HEADLINE", Summary(content.headline(), 1000)).Set("URL", AbsoluteUrl(site, article.path()));
  entry.Set("ID", TagUri(site, Published(article), article.article_id()));
  entry.Set("LANGUAGE", LanguageTag(content.language(), "en"));
  entry.Set("PUBLISHED", MachineTime(Published(article))).Set("UPDATED", MachineTime(Updated(article)));
  entry.Set("PUBLISHED_MAIL", MailTime(Published(article)));
  entry.SetIfAny("SUMMARY", Summary(TrailText(article), 2000));
  entry.SetIfAny("CATEGORY", SectionName(page.sections, content.section_id()));
  for (const std::string& subject : content.subjects()) entry.Add("SUBJECT").Set("SUBJECT", subject);
  SetAuthors(entry, article, page, site);
  SetPicture(entry, article, page, site);
}

void AddUrl(Values& values, std::string url, std::optional<absl::Time> modified) {
  Values& entry = values.Add("ENTRY").Set("URL", url);
  if (modified) entry.SetIfAny("MODIFIED", MachineTime(*modified));
}

}  // namespace

Values FeedValues(const FeedPage& page, const Site& site) {
  const std::string section_id = page.section ? page.section->section_id() : "";
  Values values;
  values.Set("SITE_NAME", site.name);
  values.Set("TITLE", page.section ? absl::StrCat(site.name, ": ", page.section->name()) : site.name);
  const std::string& description = page.section ? page.section->description() : site.description;
  values.SetIfAny("DESCRIPTION", description).Show("NO_DESCRIPTION", description.empty());
  values.Set("LANGUAGE", LanguageTag(site.language, "en"));
  values.Set("PAGE_URL", AbsoluteUrl(site, page.section ? SectionPath(section_id) : std::string(kFrontPath)));
  values.Set("RSS_URL", AbsoluteUrl(site, FeedPath(section_id, kRssSuffix)));
  values.Set("ATOM_URL", AbsoluteUrl(site, FeedPath(section_id, kAtomSuffix)));
  // The year is part of the identity, not a date of change.
  values.Set("ID", TagUri(site, absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone()),
                          absl::StrCat("feed", section_id.empty() ? "" : "/", section_id)));
  absl::Time updated = absl::UnixEpoch();
  const int count = std::min<int>(kMaxEntries, static_cast<int>(page.stories.size()));
  for (int i = 0; i < count; ++i) {
    updated = std::max(updated, Updated(page.stories[i]));
    AddEntry(values, page.stories[i], page, site);
  }
  values.Set("UPDATED", MachineTime(updated)).Set("UPDATED_MAIL", MailTime(updated));
  return values;
}

Values SitemapValues(const SitemapPage& page, const Site& site) {
  Values values;
  std::optional<absl::Time> newest;
  for (const Article& article : page.stories)
    newest = std::max(newest.value_or(absl::UnixEpoch()), Updated(article));
  AddUrl(values, AbsoluteUrl(site, std::string(kFrontPath)), newest);
  for (const article::v1::Section& section : page.sections) {
    AddUrl(values, AbsoluteUrl(site, SectionPath(section.section_id())), std::nullopt);
  }
  for (const article::v1::Author& author : page.authors) {
    AddUrl(values, AbsoluteUrl(site, AuthorPath(author.author_id())), std::nullopt);
  }
  const int count = std::min<int>(kMaxSitemapEntries, static_cast<int>(page.stories.size()));
  for (int i = 0; i < count; ++i)
    AddUrl(values, AbsoluteUrl(site, page.stories[i].path()), Updated(page.stories[i]));
  return values;
}

}  // namespace broadsheet::gateway
