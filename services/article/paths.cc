#include "services/article/paths.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/article/site_paths.h"
#include "services/article/unicode.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kMaxSlugBytes = 80;

bool IsUnreserved(char character) {
  return absl::ascii_isalnum(static_cast<unsigned char>(character)) || character == '-' || character == '.' ||
         character == '_' || character == '~';
}

bool IsIdCharacter(char character) {
  return absl::ascii_islower(static_cast<unsigned char>(character)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(character)) || character == '-';
}

}  // namespace

std::optional<std::string> FindPathError(absl::string_view path) {
  if (path.size() > kMaxPathBytes) return absl::StrCat("is longer than ", kMaxPathBytes, " bytes");
  if (path.empty() || path.front() != '/') return "must start with /";
  if (path.size() == 1) return "must name more than the front page";
  for (absl::string_view segment : absl::StrSplit(path.substr(1), '/')) {
    if (segment.empty()) return "must not have an empty segment or end with /";
    if (segment == "." || segment == "..") return "must not have a segment `.` or `..`";
    for (char character : segment) {
      if (!IsUnreserved(character)) return "may have only the characters A-Z a-z 0-9 - . _ ~ in its segments";
    }
  }
  return std::nullopt;
}

std::optional<std::string> FindStoryPathError(absl::string_view path) {
  if (auto error = FindPathError(path)) return error;
  if (!IsPathOfTheSite(path)) return std::nullopt;
  return "is a path at which the site itself answers: a feed, a sitemap, an author's page, a file or "
         "*.ninjs.json";
}

std::optional<std::string> FindIdError(absl::string_view id) {
  if (id.empty()) return "is required";
  if (id.size() > kMaxIdBytes) return absl::StrCat("is longer than ", kMaxIdBytes, " characters");
  if (id.front() == '-') return "must start with a letter or a digit";
  for (char character : id) {
    if (!IsIdCharacter(character)) return "may have only the characters a-z 0-9 -";
  }
  return std::nullopt;
}

std::string Slug(absl::string_view headline) {
  std::string slug;
  bool pending_separator = false;
  for (char character : TransliterateToAscii(headline)) {
    if (character == '\'') continue;  // "don't" is one word
    if (!absl::ascii_isalnum(static_cast<unsigned char>(character))) {
      pending_separator = !slug.empty();
      continue;
    }
    if (pending_separator) slug.push_back('-');
    pending_separator = false;
    slug.push_back(character);
    if (slug.size() > kMaxSlugBytes) break;
  }
  if (slug.size() <= kMaxSlugBytes) return slug;
  slug.resize(kMaxSlugBytes + 1);
  const std::size_t last_separator = slug.rfind('-');
  slug.resize(last_separator == std::string::npos ? kMaxSlugBytes : last_separator);
  return slug;
}

std::string DefaultPath(absl::string_view section_id, absl::Time date, absl::string_view headline,
                        absl::string_view fallback) {
  if (section_id.empty() || headline.empty()) return {};
  const std::string slug = Slug(headline);
  return absl::StrCat("/", section_id, absl::FormatTime("/%E4Y/%m/", date, absl::UTCTimeZone()),
                      slug.empty() ? fallback : slug);
}

std::string NumberedPath(absl::string_view path, int number) {
  const std::string suffix = absl::StrCat("-", number);
  return absl::StrCat(path.substr(0, kMaxPathBytes - suffix.size()), suffix);
}

}  // namespace broadsheet::article
