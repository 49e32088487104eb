#include "services/article/site_paths.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace broadsheet::article {
namespace {

constexpr std::array<absl::string_view, 5> kPages = {"/beacon", "/favicon.ico", "/most-read", "/robots.txt",
                                                     "/sitemap.xml"};
// Of what lies directly in one of these nothing is a story's; deeper there may be a section's stories.
constexpr std::array<absl::string_view, 3> kFolders = {"/assets/", "/authors/", "/sitemaps/"};
// In whatever folder: the feeds of the site, its sections and authors.
constexpr std::array<absl::string_view, 3> kFeeds = {"/feed.atom", "/feed.json", "/feed.rss"};
constexpr absl::string_view kStoryAsNinjs = ".ninjs.json";

}  // namespace

bool IsPathOfTheSite(absl::string_view path) {
  const auto in_folder = [&](absl::string_view folder) {
    absl::string_view rest = path;
    return absl::ConsumePrefix(&rest, folder) && !absl::StrContains(rest, '/');
  };
  return std::find(kPages.begin(), kPages.end(), path) != kPages.end() ||
         std::any_of(kFolders.begin(), kFolders.end(), in_folder) ||
         std::any_of(kFeeds.begin(), kFeeds.end(),
                     [&](absl::string_view feed) { return absl::EndsWith(path, feed); }) ||
         absl::EndsWith(path, kStoryAsNinjs);
}

}  // namespace broadsheet::article
