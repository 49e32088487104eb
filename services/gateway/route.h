#ifndef BROADSHEET_SERVICES_GATEWAY_ROUTE_H_
#define BROADSHEET_SERVICES_GATEWAY_ROUTE_H_

#include <string>
#include <string_view>

namespace broadsheet::gateway {

// What a public path asks for, as far as the path alone tells.
enum class PageKind {
  kFront,     // /
  kSection,   // /ID; a story may have such a path too, so one that names no section is read as kArticle
  kAuthor,    // /authors/ID
  kArticle,   // any other path that a story could have
  kAtom,      // /feed.atom, /ID/feed.atom
  kRss,       // /feed.rss, /ID/feed.rss
  kSitemap,   // /sitemap.xml
  kRobots,    // /robots.txt
  kRedirect,  // the same path without its trailing slashes
  kNone,      // no page can be there, whatever the owners say
};

// Longest path a story can have, in bytes (article.v1.Article.path).
inline constexpr std::size_t kMaxPathBytes = 500;

struct Route {
  PageKind kind = PageKind::kNone;
  std::string id;  // section or author; empty for a feed of the whole site
  std::string
      path;  // kRedirect: where to; otherwise the path asked for, which is also its key in every cache
};

// `path`: percent-decoded, without query. Total: every string has a route.
Route ParseRoute(std::string_view path);

// Whether `id` has the form of an article, author or section id: 1 to 100 of `a-z 0-9 -`, starting with a
// letter or digit.
bool IsId(std::string_view id);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ROUTE_H_
