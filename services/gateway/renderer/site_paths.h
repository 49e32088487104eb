#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_

#include <string>
#include <string_view>

// The addresses of the site's own pages: the pages link to them, the gateway's routes answer at them. A
// story's path is its own; an id needs no encoding.
namespace broadsheet::gateway {

inline constexpr std::string_view kFrontPath = "/";
inline constexpr std::string_view kSitemapPath = "/sitemap.xml";  // the index of the others
inline constexpr std::string_view kSitemapPrefix = "/sitemaps/";
inline constexpr std::string_view kSitemapSuffix = ".xml";
inline constexpr std::string_view kPagesSitemapPath = "/sitemaps/pages.xml";
inline constexpr std::string_view kNewsSitemapPath = "/sitemaps/news.xml";
inline constexpr std::string_view kMostReadPath = "/most-read";
inline constexpr std::string_view kRobotsPath = "/robots.txt";
inline constexpr std::string_view kAuthorPathPrefix = "/authors/";
inline constexpr std::string_view kRssSuffix = "/feed.rss";
inline constexpr std::string_view kAtomSuffix = "/feed.atom";
inline constexpr std::string_view kNinjsSuffix = ".ninjs.json";  // of a story's path: the story for others
inline constexpr std::string_view kJsonFeedSuffix = "/feed.json";

inline std::string SectionPath(std::string_view section_id) { return std::string("/").append(section_id); }
inline std::string AuthorPath(std::string_view author_id) {
  return std::string(kAuthorPathPrefix).append(author_id);
}

// Of the stories first published in a month, "2026-11".
inline std::string MonthSitemapPath(std::string_view month) {
  return std::string(kSitemapPrefix).append(month).append(kSitemapSuffix);
}

// Of the story at that path, for those who republish it.
inline std::string ItemPath(std::string_view story_path) {
  return std::string(story_path).append(kNinjsSuffix);
}

// Of the list at `list_path`, a section's or an author's, or with an empty one of the whole paper:
// "/harbour/feed.atom", "/authors/ines/feed.atom", "/feed.atom".
inline std::string FeedPath(std::string_view list_path, std::string_view suffix) {
  return std::string(list_path).append(suffix);
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_SITE_PATHS_H_
