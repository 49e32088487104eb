#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_OWN_URI_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_OWN_URI_H_

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/text.h"

// How an exported story names what the newsroom has, where a format asks for a URI: `broadsheet:article/ID`,
// `broadsheet:image/ID`, `broadsheet:author/ID`, `broadsheet:section/ID`, and `broadsheet:/path` for a path
// of the site. An import takes them for what they name; nothing is ever fetched from them.
namespace broadsheet::cli {

inline constexpr absl::string_view kOwnScheme = "broadsheet:";

// Class of a heading in HTML that is one of a live story's key events.
inline constexpr absl::string_view kKeyEventClass = "key-event";

// In Markdown, what a heading links to that is a moment of a live story: `moment:2026-11-23T06:40:00Z`.
inline constexpr absl::string_view kMomentScheme = "moment:";

inline std::string OwnUri(absl::string_view kind, absl::string_view id) {
  return absl::StrCat(kOwnScheme, kind, "/", id);
}

// The id in such a URI; nothing if it is another.
inline std::optional<std::string> OwnId(absl::string_view kind, absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, kOwnScheme) || !absl::ConsumePrefix(&uri, kind)) return std::nullopt;
  if (!absl::ConsumePrefix(&uri, "/") || !IsId(uri)) return std::nullopt;
  return std::string(uri);
}

// The path in a URI of one; nothing if it is another.
inline std::optional<std::string> OwnPath(absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, kOwnScheme) || !absl::StartsWith(uri, "/") || !IsLinkUrl(uri))
    return std::nullopt;
  return std::string(uri);
}

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_OWN_URI_H_
