#ifndef BROADSHEET_SERVICES_GATEWAY_ROUTE_H_
#define BROADSHEET_SERVICES_GATEWAY_ROUTE_H_

#include <string>
#include <string_view>

namespace broadsheet::gateway {

// What a public path asks for, as far as the path alone tells.
enum class PageKind {
  kFront,         // /
  kSection,       // /ID; a story may have such a path too, so one that names no section is read as kArticle
  kAuthor,        // /authors/ID
  kMostRead,      // /most-read
  kArticle,       // any other path that a story could have
  kAtom,          // /feed.atom, /ID/feed.atom, /authors/ID/feed.atom
  kRss,           // the same with feed.rss
  kJsonFeed,      // the same with feed.json
  kSitemapIndex,  // /sitemap.xml
  kPagesSitemap,  // /sitemaps/pages.xml
  kNewsSitemap,   // /sitemaps/news.xml
  kMonthSitemap,  // /sitemaps/2026-11.xml
  kNinjs,         // a story's path with .ninjs.json
  kRobots,        // /robots.txt
  kRedirect,      // the same path without its trailing slashes
  kNone,          // no page can be there, whatever the owners say
};

// Longest path a story can have, in bytes (article.v1.Article.path).
inline constexpr std::size_t kMaxPathBytes = 500;

struct Route {
  PageKind kind = PageKind::kNone;
  std::string id;  // section, author or month; empty for a feed of the whole site; kNinjs: the story's path
  bool by_author = false;  // of a feed: `id` is an author
  std::string
      path;  // kRedirect: where to; otherwise the path asked for, which is also its key in every cache
};

// `path`: percent-decoded, without query. Total: every string has a route.
Route ParseRoute(std::string_view path);

bool IsSitemap(PageKind kind);

// Whether `id` has the form of an article, author or section id: 1 to 100 of `a-z 0-9 -`, starting with a
// letter or digit.
bool IsId(std::string_view id);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ROUTE_H_
