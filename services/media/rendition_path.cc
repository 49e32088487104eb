#include "services/media/rendition_path.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::media {
namespace {

constexpr std::string_view kPrefix = "/media/";
constexpr std::size_t kKeyDigits = 32;

bool IsKey(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsFile(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
    return absl::ascii_isdigit(c) || absl::ascii_islower(c) || c == '.';
  });
}

}  // namespace

std::string RenditionPath(const RenditionName& name) {
  return absl::StrCat("/media/", name.key, "/", name.file);
}

std::optional<RenditionName> ParseRenditionPath(std::string_view path) {
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  if (path.size() < kKeyDigits + 2 || path[kKeyDigits] != '/') return std::nullopt;
  const std::string_view key = path.substr(0, kKeyDigits);
  const std::string_view file = path.substr(kKeyDigits + 1);
  if (!IsKey(key) || !IsFile(file)) return std::nullopt;
  return RenditionName{.key = std::string(key), .file = std::string(file)};
}

}  // namespace broadsheet::media
