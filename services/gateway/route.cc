#include "services/gateway/route.h"

#include <algorithm>

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

// Paths of the site's own pages and feeds; kNone for those that only a story can have.
Route ParseOwn(std::string_view path) {
  if (path == kFrontPath) return WithKind(PageKind::kFront, path);
  if (path == kRobotsPath) return WithKind(PageKind::kRobots, path);
  if (path == kSitemapPath) return WithKind(PageKind::kSitemap, path);
  if (path == kAtomSuffix) return WithKind(PageKind::kAtom, path);
  if (path == kRssSuffix) return WithKind(PageKind::kRss, path);
  std::string_view rest = path.substr(1);
  if (std::string_view id = rest; IsId(id)) return WithKind(PageKind::kSection, path, id);
  if (std::string_view id = rest; TakeSuffix(id, kAtomSuffix) && IsId(id)) {
    return WithKind(PageKind::kAtom, path, id);
  }
  if (std::string_view id = rest; TakeSuffix(id, kRssSuffix) && IsId(id)) {
    return WithKind(PageKind::kRss, path, id);
  }
  if (std::string_view id = path; TakePrefix(id, kAuthorPathPrefix) && IsId(id)) {
    return WithKind(PageKind::kAuthor, path, id);
  }
  return WithKind(PageKind::kNone, path);
}

}  // namespace

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
  Route own = ParseOwn(path);
  return own.kind == PageKind::kNone ? WithKind(PageKind::kArticle, path) : own;
}

}  // namespace broadsheet::gateway
