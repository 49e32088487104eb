#include "services/cli/importers/foreign_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/digest.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

constexpr std::size_t kNameHashDigits = 8;
constexpr std::size_t kLongestName = 100 - kNameHashDigits - 1;

bool IsWeb(absl::string_view& uri) {
  return absl::ConsumePrefix(&uri, "https://") || absl::ConsumePrefix(&uri, "http://");
}

// Whether there is a scheme with something after it: "urn:x", "tag:log.example,2026:7".
bool HasScheme(absl::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == uri.size()) return false;
  return absl::ascii_isalpha(static_cast<unsigned char>(uri[0])) &&
         std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '.' || c == '-';
         });
}

}  // namespace

std::string ForeignId(absl::string_view uri, absl::string_view origin) {
  const bool is_whole = IsWeb(uri) || HasScheme(uri);
  const std::string name = is_whole ? std::string(uri) : absl::StrCat(origin, "/", uri);
  std::string id = ToId(name);
  id.resize(std::min(id.size(), kLongestName));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return absl::StrCat(id, id.empty() ? "" : "-", Sha256Hex(name).substr(0, kNameHashDigits));
}

std::string HostOf(absl::string_view url) {
  if (!IsWeb(url)) return "";
  return absl::AsciiStrToLower(url.substr(0, url.find_first_of("/?#")));
}

}  // namespace broadsheet::cli
