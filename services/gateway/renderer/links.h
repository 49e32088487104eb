#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_LINKS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_LINKS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/page_model.h"

// Addresses that may stand in a page. Pure functions.
namespace broadsheet::gateway {

// `url` as it may be put into an href, not yet escaped for HTML: https, http or mailto, or a path of this
// site; characters that no URL may hold are percent-encoded. Nothing for everything else: other schemes,
// "//host", backslashes, white space and control characters.
std::optional<std::string> AllowedUrl(absl::string_view url);

// Whether an allowed URL leads away from the site at `site_url`.
bool IsExternal(absl::string_view url, absl::string_view site_url);

// Whether a decoded path is that of a page or file of this site, other than the front.
bool IsReferable(absl::string_view path);

// A decoded path as it is put into a page: "/culture/café" is "/culture/caf%C3%A9". "/" for what is not a
// path of this site.
std::string PathReference(absl::string_view path);
std::string AbsoluteUrl(const Site& site, absl::string_view path);

// Where the links of a text lead.
struct LinkTargets {
  absl::string_view site_url;
  const std::map<std::string, std::string>&
      story_paths;  // by article id; a story that is not in it is not linked
  // For a text that leaves the site: addresses of the site have scheme and host, links to stories no mark.
  bool absolute = false;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_LINKS_H_
