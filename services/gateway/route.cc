#include "services/gateway/route.h"

#include <algorithm>
#include <array>

#include "services/gateway/renderer/site_paths.h"

namespace broadsheet::gateway {
namespace {

// Removes the suffix or prefix; false if it is not there.
bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}
bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Route WithKind(PageKind kind, std::string_view path, std::string_view id = "") {
  return {.kind = kind, .id = std::string(id), .path = std::string(path)};
}

struct FeedKind {
  std::string_view suffix;
  PageKind kind;
};
constexpr std::array<FeedKind, 3> kFeedKinds = {
    {{kAtomSuffix, PageKind::kAtom}, {kRssSuffix, PageKind::kRss}, {kJsonFeedSuffix, PageKind::kJsonFeed}}};

// A feed of the site, a section or an author; kNone for other paths.
Route ParseFeed(std::string_view path) {
  for (const FeedKind& feed : kFeedKinds) {
    std::string_view list = path;
    if (!TakeSuffix(list, feed.suffix)) continue;
    Route route = WithKind(feed.kind, path);
    if (list.empty()) return route;
    route.by_author = TakePrefix(list, kAuthorPathPrefix);
    if (!route.by_author) list.remove_prefix(1);
    route.id = list;
    if (IsId(list)) return route;
  }
  return WithKind(PageKind::kNone, path);
}

// Whether `month` is "1800-01" to "2999-12".
bool IsMonth(std::string_view month) {
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (month.size() != 7 || month[4] != '-') return false;
  for (std::size_t i : {0, 1, 2, 3, 5, 6}) {
    if (!is_digit(month[i])) return false;
  }
  const std::string_view number = month.substr(5);
  return month >= "1800" && month < "3" && number >= "01" && number <= "12";
}

Route ParseSitemap(std::string_view path) {
  if (path == kSitemapPath) return WithKind(PageKind::kSitemapIndex, path);
  if (path == kPagesSitemapPath) return WithKind(PageKind::kPagesSitemap, path);
  if (path == kNewsSitemapPath) return WithKind(PageKind::kNewsSitemap, path);
  std::string_view month = path;
  const bool sitemap = TakePrefix(month, kSitemapPrefix) && TakeSuffix(month, kSitemapSuffix);
  if (sitemap && IsMonth(month)) return WithKind(PageKind::kMonthSitemap, path, month);
  return WithKind(PageKind::kNone, path);
}

// Paths of the site's own pages and feeds; kNone for those that only a story can have.
Route ParseOwn(std::string_view path) {
  if (path == kFrontPath) return WithKind(PageKind::kFront, path);
  if (path == kMostReadPath) return WithKind(PageKind::kMostRead, path);
  if (path == kRobotsPath) return WithKind(PageKind::kRobots, path);
  if (Route sitemap = ParseSitemap(path); sitemap.kind != PageKind::kNone) return sitemap;
  if (Route feed = ParseFeed(path); feed.kind != PageKind::kNone) return feed;
  if (std::string_view id = path.substr(1); IsId(id)) return WithKind(PageKind::kSection, path, id);
  if (std::string_view id = path; TakePrefix(id, kAuthorPathPrefix) && IsId(id)) {
    return WithKind(PageKind::kAuthor, path, id);
  }
  return WithKind(PageKind::kNone, path);
}

}  // namespace

bool IsSitemap(PageKind kind) {
  return kind == PageKind::kSitemapIndex || kind == PageKind::kPagesSitemap ||
         kind == PageKind::kNewsSitemap || kind == PageKind::kMonthSitemap;
}

bool IsId(std::string_view id) {
  auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= 100 && alphanumeric(id.front()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return alphanumeric(c) || c == '-'; });
}

Route ParseRoute(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > kMaxPathBytes || path.find("//") != path.npos) {
    return WithKind(PageKind::kNone, path);
  }
  if (path.size() > 1 && path.back() == '/')
    return WithKind(PageKind::kRedirect, path.substr(0, path.size() - 1));
  if (Route own = ParseOwn(path); own.kind != PageKind::kNone) return own;
  std::string_view story = path;
  if (TakeSuffix(story, kNinjsSuffix) && !story.ends_with('/'))
    return WithKind(PageKind::kNinjs, path, story);
  return WithKind(PageKind::kArticle, path);
}

}  // namespace broadsheet::gateway
