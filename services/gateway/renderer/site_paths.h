#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_

#include <string>
#include <string_view>

// The addresses of the site's own pages: the pages link to them, the gateway's routes answer at them. A
// story's path is its own; an id needs no encoding.
namespace broadsheet::gateway {

inline constexpr std::string_view kFrontPath = "/";
inline constexpr std::string_view kSitemapPath = "/sitemap.xml";
inline constexpr std::string_view kRobotsPath = "/robots.txt";
inline constexpr std::string_view kAuthorPathPrefix = "/authors/";
inline constexpr std::string_view kRssSuffix = "/feed.rss";
inline constexpr std::string_view kAtomSuffix = "/feed.atom";

inline std::string SectionPath(std::string_view section_id) { return std::string("/").append(section_id); }
inline std::string AuthorPath(std::string_view author_id) {
  return std::string(kAuthorPathPrefix).append(author_id);
}

// Of a section, or with an empty id of the whole paper: "/harbour/feed.atom", "/feed.atom".
inline std::string FeedPath(std::string_view section_id, std::string_view suffix) {
  return (section_id.empty() ? std::string() : SectionPath(section_id)).append(suffix);
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_
