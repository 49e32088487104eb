#include "services/article/field_check.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/article/paths.h"
#include "services/article/unicode.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kMaxUrlBytes = 2000;
constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z
constexpr std::int32_t kNanosPerMicro = 1000;

// Browsers strip tabs and newlines and read `\` as `/`, so neither may hide what a URL is.
std::optional<std::string> FindUrlCharacterError(absl::string_view url) {
  if (url.size() > kMaxUrlBytes) return absl::StrCat("is longer than ", kMaxUrlBytes, " bytes");
  if (auto error = FindForbiddenCharacter(url, TextKind::kOneLine)) return error;
  if (url.find_first_of(" \"<>\\^`{|}") != absl::string_view::npos) {
    return "has a character that a URL must write in percent-encoding";
  }
  return std::nullopt;
}

// `rest` is what follows `https:` or `http:`.
std::optional<std::string> FindAuthorityError(absl::string_view rest) {
  if (!absl::StartsWith(rest, "//")) return "must have // and a host after the scheme";
  const absl::string_view authority = rest.substr(2, rest.find_first_of("/?#", 2) - 2);
  if (authority.empty() || authority.front() == ':') return "has no host";
  if (authority.find('@') != absl::string_view::npos) return "must not name a user before the host";
  return std::nullopt;
}

std::optional<std::string> FindLinkError(absl::string_view url) {
  if (url.empty()) return "is required";
  if (auto error = FindUrlCharacterError(url)) return error;
  if (url.front() == '/') {
    if (absl::StartsWith(url, "//")) return "must not leave out the scheme";
    return std::nullopt;
  }
  const std::size_t colon = url.find(':');
  if (colon == absl::string_view::npos) return "must be https, http, mailto or a path that starts with /";
  const std::string scheme = absl::AsciiStrToLower(url.substr(0, colon));
  const absl::string_view rest = url.substr(colon + 1);
  if (scheme == "https" || scheme == "http") return FindAuthorityError(rest);
  if (scheme == "mailto") {
    if (rest.find('@') == absl::string_view::npos) return "has no mail address";
    return std::nullopt;
  }
  return "must be https, http, mailto or a path that starts with /";
}

bool IsLanguageTag(absl::string_view tag) {
  if (tag.size() > 64) return false;
  bool first = true;
  for (absl::string_view part : absl::StrSplit(tag, '-')) {
    if (part.empty() || part.size() > 8) return false;
    if (!std::all_of(part.begin(), part.end(), [](unsigned char c) { return absl::ascii_isalnum(c); }))
      return false;
    if (first && (part.size() < 2 || !std::all_of(part.begin(), part.end(),
                                                  [](unsigned char c) { return absl::ascii_isalpha(c); }))) {
      return false;
    }
    first = false;
  }
  return true;
}

void NormalizeInPlace(std::string& text) {
  std::vector<std::size_t> no_offsets;
  NormalizeNfcWithOffsets(text, no_offsets);
}

}  // namespace

std::string Child(absl::string_view parent, absl::string_view name) {
  return absl::StrCat(parent, ".", name);
}

void FieldCheck::Add(std::string field, std::string description) {
  if (violations_.size() < kMaxViolations) violations_.push_back({std::move(field), std::move(description)});
}

void FieldCheck::Line(absl::string_view field, std::size_t max_bytes, std::string& text) {
  if (auto error = FindForbiddenCharacter(text, TextKind::kOneLine)) return Add(std::string(field), *error);
  NormalizeInPlace(text);
  if (text.size() > max_bytes) Add(std::string(field), absl::StrCat("is longer than ", max_bytes, " bytes"));
}

void FieldCheck::Lines(absl::string_view field, std::size_t max_bytes, std::string& text) {
  if (auto error = FindForbiddenCharacter(text, TextKind::kLines)) return Add(std::string(field), *error);
  NormalizeInPlace(text);
  if (text.size() > max_bytes) Add(std::string(field), absl::StrCat("is longer than ", max_bytes, " bytes"));
}

void FieldCheck::Required(absl::string_view field, const std::string& text) {
  if (absl::StripAsciiWhitespace(text).empty()) Add(std::string(field), "is required");
}

void FieldCheck::Id(absl::string_view field, absl::string_view id) {
  if (auto error = FindIdError(id)) Add(std::string(field), *error);
}

void FieldCheck::OptionalId(absl::string_view field, absl::string_view id) {
  if (!id.empty()) Id(field, id);
}

void FieldCheck::Ids(absl::string_view field, int max,
                     const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (ids.size() > max) return Add(std::string(field), absl::StrCat("has more than ", max, " entries"));
  std::set<absl::string_view> seen;
  for (int i = 0; i < ids.size(); ++i) {
    Id(absl::StrCat(field, "[", i, "]"), ids[i]);
    if (!seen.insert(ids[i]).second) Add(absl::StrCat(field, "[", i, "]"), "is repeated");
  }
}

void FieldCheck::Time(absl::string_view field, google::protobuf::Timestamp& time) {
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond) {
    return Add(std::string(field), "must lie in the years 1 to 9999");
  }
  if (time.nanos() < 0 || time.nanos() > 999'999'999) {
    return Add(absl::StrCat(field, ".nanos"), "must be 0 to 999,999,999");
  }
  time.set_nanos(time.nanos() / kNanosPerMicro * kNanosPerMicro);
}

void FieldCheck::Language(absl::string_view field, absl::string_view tag) {
  if (!tag.empty() && !IsLanguageTag(tag)) Add(std::string(field), "is not a BCP 47 language tag");
}

void FieldCheck::HttpsUrl(absl::string_view field, absl::string_view url, std::size_t max_bytes) {
  if (url.empty()) return;
  if (url.size() > max_bytes)
    return Add(std::string(field), absl::StrCat("is longer than ", max_bytes, " bytes"));
  if (!absl::StartsWithIgnoreCase(url, "https:")) return Add(std::string(field), "must be an https URL");
  if (auto error = FindLinkError(url)) Add(std::string(field), *error);
}

void FieldCheck::Link(absl::string_view field, absl::string_view url) {
  if (auto error = FindLinkError(url)) Add(std::string(field), *error);
}

}  // namespace broadsheet::article
