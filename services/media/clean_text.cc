#include "services/media/clean_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "libs/http/uri.h"

namespace broadsheet::media {
namespace {

// What Windows-1252 puts where Latin-1 has the C1 controls; 0 where it has nothing.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

void AppendUtf8(char32_t c, std::string& text) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// The length of the valid sequence at the front; 0 if there is none.
std::size_t ValidSequence(std::string_view text) {
  const std::size_t length = SequenceLength(static_cast<unsigned char>(text[0]));
  if (length == 0 || length > text.size() || !http::IsValidUtf8(text.substr(0, length))) return 0;
  return length;
}

char32_t Decode(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  char32_t c = lead & (0xff >> (sequence.size() + 1));
  for (const char next : sequence.substr(1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3f);
  return c;
}

bool IsSpace(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x2028 || c == 0x2029;
}

// Zero-width joiners and left-to-right marks stay: Indic scripts, Arabic and Hebrew need them.
bool IsUnwanted(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200b || c == 0xfeff || c == 0xfffd ||
         (c >= 0xfff0 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe0fff);
}

bool IsAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// The length of the terminal sequence that an escape character at the front begins.
std::size_t EscapeSequence(std::string_view text) {
  if (text.size() < 2 || text[1] != '[') return 1;
  std::size_t at = 2;
  while (at < text.size() && text[at] >= 0x20 && text[at] < 0x40) ++at;
  return at < text.size() && text[at] >= 0x40 && text[at] <= 0x7e ? at + 1 : at;
}

}  // namespace

std::string ToUtf8(std::string_view bytes) {
  if (http::IsValidUtf8(bytes)) return std::string(bytes);
  for (std::size_t cut = 1; cut <= 3 && cut < bytes.size(); ++cut) {
    const std::string_view whole = bytes.substr(0, bytes.size() - cut);
    const bool was_cut = SequenceLength(static_cast<unsigned char>(bytes[whole.size()])) > cut;
    // An accented letter at the end of otherwise plain ASCII is Windows-1252, not a character cut in two.
    if (was_cut && !IsAscii(whole) && http::IsValidUtf8(whole)) return std::string(whole);
  }
  std::string text;
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    const char32_t code = c >= 0x80 && c < 0xa0 ? kWindows1252[c - 0x80] : c;
    if (code != 0 || c == 0) AppendUtf8(code, text);
  }
  return text;
}

std::string CleanText(std::string_view utf8) {
  std::string clean;
  bool space = false;
  while (!utf8.empty()) {
    if (utf8[0] == '\x1b') {
      utf8.remove_prefix(EscapeSequence(utf8));
      continue;
    }
    const std::size_t length = ValidSequence(utf8);
    if (length == 0) {
      utf8.remove_prefix(1);
      continue;
    }
    const std::string_view sequence = utf8.substr(0, length);
    utf8.remove_prefix(length);
    const char32_t c = Decode(sequence);
    if (IsSpace(c)) {
      space = true;
    } else if (!IsUnwanted(c)) {
      if (space && !clean.empty()) clean += ' ';
      space = false;
      clean += sequence;
    }
  }
  return clean;
}

std::string_view CutText(std::string_view utf8, std::size_t max_bytes) {
  if (utf8.size() <= max_bytes) return utf8;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80) --end;
  return utf8.substr(0, end);
}

}  // namespace broadsheet::media
