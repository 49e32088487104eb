#include "services/gateway/renderer/links.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "libs/http/uri.h"

namespace broadsheet::gateway {
namespace {

constexpr size_t kMaxUrlBytes = 4000;

bool HasForbiddenCharacter(absl::string_view url) {
  for (const unsigned char c : url) {
    if (c <= 0x20 || c == 0x7F || c == '\\') return true;
  }
  return !http::IsValidUtf8(std::string_view(url.data(), url.size()));
}

bool IsSitePath(absl::string_view url) { return absl::StartsWith(url, "/") && !absl::StartsWith(url, "//"); }

// "https://h…": a scheme, two slashes and the beginning of a host.
bool IsWebAddress(absl::string_view url) {
  for (const absl::string_view prefix : {"https://", "http://"}) {
    if (!absl::StartsWithIgnoreCase(url, prefix)) continue;
    const absl::string_view host = url.substr(prefix.size());
    return !host.empty() && (absl::ascii_isalnum(host[0]) || host[0] == '[' || (host[0] & 0x80) != 0);
  }
  return false;
}

bool IsEscape(absl::string_view text) {
  return text.size() >= 3 && absl::ascii_isxdigit(text[1]) && absl::ascii_isxdigit(text[2]);
}

std::string EncodeForbidden(absl::string_view url) {
  std::string encoded;
  bool in_fragment = false;
  for (size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    const bool forbidden = absl::string_view("\"<>^`{|}").find(c) != absl::string_view::npos;
    if (forbidden || (c == '#' && in_fragment) || (c == '%' && !IsEscape(url.substr(i)))) {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    } else {
      encoded += c;
    }
    in_fragment = in_fragment || c == '#';
  }
  return encoded;
}

}  // namespace

std::optional<std::string> AllowedUrl(absl::string_view url) {
  if (url.empty() || url.size() > kMaxUrlBytes || HasForbiddenCharacter(url)) return std::nullopt;
  const bool mail = absl::StartsWithIgnoreCase(url, "mailto:") && url.size() > 7;
  if (!mail && !IsSitePath(url) && !IsWebAddress(url)) return std::nullopt;
  return EncodeForbidden(url);
}

bool IsExternal(absl::string_view url, absl::string_view site_url) {
  if (!IsWebAddress(url)) return false;
  if (!absl::StartsWithIgnoreCase(url, site_url)) return true;
  const absl::string_view rest = url.substr(site_url.size());
  return !(rest.empty() || rest[0] == '/' || rest[0] == '?' || rest[0] == '#');
}

bool IsReferable(absl::string_view path) {
  return IsSitePath(path) && path.size() > 1 && !absl::StrContains(path, '\\');
}

std::string PathReference(absl::string_view path) {
  if (!IsReferable(path)) return "/";
  std::string reference = http::EncodePath(std::string_view(path.data(), path.size()));
  // A comma would end an entry of a srcset.
  if (absl::StrContains(reference, ',')) reference = absl::StrReplaceAll(reference, {{",", "%2C"}});
  return reference;
}

std::string AbsoluteUrl(const Site& site, absl::string_view path) {
  return absl::StrCat(site.url, PathReference(path));
}

}  // namespace broadsheet::gateway
