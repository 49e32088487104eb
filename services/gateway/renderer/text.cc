#include "services/gateway/renderer/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

struct Character {
  char32_t code = 0;
  size_t length = 1;
  bool valid = false;
};

// The character at the start of a non-empty `text`; overlong forms, surrogates and truncated ones are not
// valid.
Character Decode(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLowest = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid = code >= kLowest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  return valid ? Character{code, length, true} : Character{};
}

bool IsPrintable(char32_t code) {
  if (code == '\n' || code == '\t') return true;
  if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return false;
  return !(code >= 0xFDD0 && code <= 0xFDEF) && (code & 0xFFFE) != 0xFFFE;
}

constexpr bool IsCleanAscii(unsigned char byte) {
  return (byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\t';
}

constexpr bool IsPlainAscii(unsigned char byte) {
  return IsCleanAscii(byte) && byte != '&' && byte != '<' && byte != '>' && byte != '"' && byte != '\'';
}

// In eight bytes at a time, as one number. None of these is right for a byte above 0x7F.
constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;
constexpr size_t kRun = sizeof(std::uint64_t);

// A high bit where a byte is less than `limit`, and perhaps in bytes after it.
constexpr std::uint64_t Less(std::uint64_t bytes, unsigned char limit) { return bytes - kOnes * limit; }
constexpr std::uint64_t Equal(std::uint64_t bytes, unsigned char other) {
  return Less(bytes ^ kOnes * other, 1);
}

// Whether the first kRun bytes are printable ASCII, and none of `escaped`.
template <unsigned char... escaped>
bool StartsWithRun(absl::string_view text) {
  if (text.size() < kRun) return false;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text.data(), kRun);
  std::uint64_t others = bytes | (bytes + kOnes) | Less(bytes, 0x20);
  ((others |= Equal(bytes, escaped)), ...);
  return (others & kHighs) == 0;
}

// What stays as it is in a text, beside characters beyond ASCII.
struct Clean {
  static bool HasRun(absl::string_view text) { return StartsWithRun<>(text); }
  static bool Has(unsigned char byte) { return IsCleanAscii(byte); }
};
struct Plain {
  static bool HasRun(absl::string_view text) { return StartsWithRun<'&', '<', '>', '"', '\''>(text); }
  static bool Has(unsigned char byte) { return IsPlainAscii(byte); }
};

// How many bytes from the start are kept as they are.
template <class Kept>
size_t KeptBytes(absl::string_view text) {
  size_t kept = 0;
  while (kept < text.size()) {
    while (Kept::HasRun(text.substr(kept))) kept += kRun;
    const size_t run_end = std::min(kept + kRun, text.size());
    while (kept < run_end && Kept::Has(static_cast<unsigned char>(text[kept]))) ++kept;
    if (kept == run_end) continue;
    if (static_cast<unsigned char>(text[kept]) < 0x80) break;
    const Character next = Decode(text.substr(kept));
    if (!next.valid || !IsPrintable(next.code)) break;
    kept += next.length;
  }
  return kept;
}

absl::string_view Escape(char byte) {
  switch (byte) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

std::string Format(absl::string_view format, absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime(format, time, zone);
}

}  // namespace

// Texts are most of a page: what stays as it is is copied in runs.
std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const size_t kept = KeptBytes<Clean>(text);
    clean.append(text.data(), kept);
    text.remove_prefix(kept);
    if (text.empty()) break;
    const Character next = Decode(text);
    if (!next.valid) absl::StrAppend(&clean, kReplacement);
    text.remove_prefix(next.length);
  }
  return clean;
}

std::string EscapeHtml(absl::string_view text) {
  std::string html;
  html.reserve(text.size() + text.size() / 16);
  AppendEscaped(text, html);
  return html;
}

void AppendEscaped(absl::string_view text, std::string& html) {
  while (!text.empty()) {
    const size_t plain = KeptBytes<Plain>(text);
    html.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Character next = Decode(text);
    absl::StrAppend(&html, next.valid ? Escape(text[0]) : kReplacement);
    text.remove_prefix(next.length);
  }
}

bool IsCharacterBoundary(absl::string_view text, size_t offset) {
  return offset == text.size() || (offset < text.size() && !IsContinuation(text[offset]));
}

std::string Summary(absl::string_view text, size_t max_bytes) {
  std::string line = CleanText(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (line.size() <= max_bytes) return line;
  const size_t space = line.rfind(' ', max_bytes);
  size_t end = space == std::string::npos || space < max_bytes / 2 ? max_bytes : space;
  while (!IsCharacterBoundary(line, end)) --end;
  return line.substr(0, end) + "…";
}

std::string LanguageTag(absl::string_view tag, absl::string_view fallback) {
  const bool valid =
      !tag.empty() && tag.size() <= 35 && absl::ascii_isalpha(static_cast<unsigned char>(tag[0])) &&
      std::all_of(tag.begin(), tag.end(), [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-'; });
  return std::string(valid ? tag : fallback);
}

bool SameLanguage(absl::string_view tag, absl::string_view other) {
  const auto language = [](absl::string_view t) {
    return LanguageTag(t, "en").substr(0, LanguageTag(t, "en").find('-'));
  };
  return absl::EqualsIgnoreCase(language(tag), language(other)) && TextDirection(tag) == TextDirection(other);
}

absl::string_view TextDirection(absl::string_view language_tag) {
  constexpr std::array<absl::string_view, 12> kLanguages = {"ar", "arc", "ckb", "dv", "fa", "he",
                                                            "iw", "ps",  "sd",  "ug", "ur", "yi"};
  constexpr std::array<absl::string_view, 7> kScripts = {"Arab", "Hebr", "Thaa", "Syrc",
                                                         "Nkoo", "Adlm", "Rohg"};
  const std::vector<absl::string_view> subtags = absl::StrSplit(language_tag, '-');
  // A script subtag, the second one in four letters, decides before the language does: "ks-Deva", "pa-Arab".
  if (subtags.size() > 1 && subtags[1].size() == 4) {
    const bool rtl = std::any_of(kScripts.begin(), kScripts.end(),
                                 [&](absl::string_view s) { return absl::EqualsIgnoreCase(s, subtags[1]); });
    return rtl ? "rtl" : "ltr";
  }
  const bool rtl = std::any_of(kLanguages.begin(), kLanguages.end(),
                               [&](absl::string_view l) { return absl::EqualsIgnoreCase(l, subtags[0]); });
  return rtl ? "rtl" : "ltr";
}

std::string MachineTime(absl::Time time) { return Format("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }
std::string MailTime(absl::Time time) {
  return Format("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone());
}

}  // namespace broadsheet::gateway
