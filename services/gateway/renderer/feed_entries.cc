#include "services/gateway/renderer/feed_entries.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

// 1 January 2026: a day on which the host was ours. Part of identities, not a date of change.
constexpr absl::Time kOurs = absl::FromUnixSeconds(1767225600);

// RFC 4151 asks for a host without port and a day on which it was ours: the day the story was published.
std::string TagUri(const Site& site, absl::Time day, absl::string_view specific) {
  const std::vector<absl::string_view> parts = absl::StrSplit(site.url, absl::MaxSplits('/', 3));
  const absl::string_view authority = parts.size() > 2 ? parts[2] : absl::string_view(site.url);
  const std::vector<absl::string_view> host = absl::StrSplit(authority, absl::MaxSplits(':', 1));
  const std::string date = absl::FormatTime("%Y-%m-%d", day, absl::UTCTimeZone());
  return absl::StrCat("tag:", host[0], ",", date, ":", specific);
}

}  // namespace

FeedHead FeedHeadOf(const FeedPage& page, const Site& site) {
  FeedHead head = {.title = site.name, .description = site.description, .list_path = "", .id = "feed"};
  if (page.section) {
    head.title = absl::StrCat(site.name, ": ", page.section->name());
    head.description = page.section->description();
    head.list_path = SectionPath(page.section->section_id());
    head.id = absl::StrCat("feed/", page.section->section_id());
  } else if (page.author) {
    head.title = absl::StrCat(site.name, ": ", page.author->name());
    head.description = page.author->bio();
    head.list_path = AuthorPath(page.author->author_id());
    head.id = absl::StrCat("feed", head.list_path);
  }
  head.id = TagUri(site, kOurs, head.id);
  return head;
}

std::string StoryUri(const article::v1::Article& article, const Site& site) {
  return TagUri(site, PublishedAt(article), article.article_id());
}

std::string ImageUri(absl::string_view image_id, const Site& site) {
  return TagUri(site, kOurs, absl::StrCat("image/", image_id));
}

absl::Time PublishedAt(const article::v1::Article& article) { return TimeOf(article.first_published_at()); }

absl::Time UpdatedAt(const article::v1::Article& article) {
  return article.has_version_created_at()
             ? std::max(TimeOf(article.version_created_at()), PublishedAt(article))
             : PublishedAt(article);
}

}  // namespace broadsheet::gateway
