#include "services/article/unicode.h"

#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringoptions.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace broadsheet::article {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;  // times a byte: eight of it
constexpr std::uint64_t kHighBits = kOnes * 0x80;

std::uint64_t EightBytes(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

bool IsAscii(absl::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    if ((EightBytes(text.data() + i) & kHighBits) != 0) return false;
  }
  return std::all_of(text.begin() + i, text.end(), [](unsigned char byte) { return byte < 0x80; });
}

// Whether eight bytes are all printable ASCII: neither below a space, nor 0x7F or above.
bool ArePrintable(std::uint64_t word) {
  const std::uint64_t below_space = (word - kOnes * ' ') & ~word;
  const std::uint64_t is_delete = word ^ (kOnes * 0x7F);
  return ((word | below_space | ((is_delete - kOnes) & ~is_delete)) & kHighBits) == 0;
}

const icu::Normalizer2& Nfc() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(error);
  }();
  return *instance;
}

bool IsNoncharacter(UChar32 character) {
  return (character & 0xFFFE) == 0xFFFE || (character >= 0xFDD0 && character <= 0xFDEF);
}

bool IsControl(UChar32 character) { return character < 0x20 || (character >= 0x7F && character <= 0x9F); }

bool IsApostrophe(UChar32 character) { return character == 0x27 || character == 0x2019; }

bool IsDash(UChar32 character) { return character == 0x2D || character == 0x2013 || character == 0x2212; }

bool BelongsToWord(UChar32 character) {
  constexpr std::uint32_t kMasks =
      U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_SM_MASK | U_GC_SC_MASK | U_GC_SO_MASK;
  return (U_GET_GC_MASK(character) & kMasks) != 0 || character == '%' || character == 0x2030;
}

bool StartsWithDigit(absl::string_view text) {
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.front()));
}

void AppendUtf8(UChar32 character, std::string& text) {
  char bytes[U8_MAX_LENGTH];
  std::int32_t count = 0;
  U8_APPEND_UNSAFE(bytes, count, character);
  text.append(bytes, count);
}

}  // namespace

bool IsValidUtf8(absl::string_view text) {
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (character < 0) return false;
  }
  return true;
}

bool IsCharacterBoundary(absl::string_view text, std::size_t offset) {
  if (offset > text.size()) return false;
  return offset == text.size() || (static_cast<unsigned char>(text[offset]) & 0xC0) != 0x80;
}

std::optional<std::string> FindForbiddenCharacter(absl::string_view text, TextKind kind) {
  const auto length = static_cast<std::int32_t>(text.size());
  int open_isolates = 0;
  for (std::int32_t i = 0; i < length;) {
    if (i + 8 <= length && ArePrintable(EightBytes(text.data() + i))) {  // nearly all there is
      i += 8;
      continue;
    }
    const std::int32_t at = i;
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (character < 0) return absl::StrFormat("is not valid UTF-8 at byte %d", at);
    if (character == '\n' && kind == TextKind::kLines) continue;
    if (IsControl(character)) {
      return absl::StrFormat("has the control character U+%04X at byte %d", character, at);
    }
    if (IsNoncharacter(character)) {
      return absl::StrFormat("has the noncharacter U+%04X at byte %d", character, at);
    }
    if (kind != TextKind::kOneLine) continue;
    if (character >= 0x202A && character <= 0x202E) {
      return absl::StrFormat("has the bidirectional control U+%04X at byte %d", character, at);
    }
    if (character >= 0x2066 && character <= 0x2068) ++open_isolates;
    if (character == 0x2069 && --open_isolates < 0) {
      return absl::StrFormat("closes a bidirectional isolate it did not open at byte %d", at);
    }
  }
  if (open_isolates > 0) return "opens a bidirectional isolate it does not close";
  return std::nullopt;
}

NormalizedText NormalizeNfc(absl::string_view text) {
  std::vector<std::size_t> none;
  NormalizedText result{std::string(text), false};
  NormalizeNfcWithOffsets(result.text, none);
  result.changed = result.text != text;
  return result;
}

bool NormalizeNfcWithOffsets(std::string& text, std::vector<std::size_t>& offsets) {
  if (IsAscii(text)) return true;
  UErrorCode error = U_ZERO_ERROR;
  if (Nfc().isNormalizedUTF8(text, error) || U_FAILURE(error)) return true;
  std::string normalized;
  icu::StringByteSink<std::string> sink(&normalized);
  icu::Edits edits;
  Nfc().normalizeUTF8(0, text, sink, &edits, error);
  if (U_FAILURE(error)) return true;
  for (std::size_t& offset : offsets) {
    const auto from = static_cast<std::int32_t>(offset);
    icu::Edits::Iterator edit = edits.getFineIterator();
    if (from < static_cast<std::int32_t>(text.size()) && edit.findSourceIndex(from, error)) {
      if (edit.hasChange() && edit.sourceIndex() != from) return false;
      offset = static_cast<std::size_t>(edit.destinationIndexFromSourceIndex(from, error));
    } else {
      offset = normalized.size();
    }
  }
  text = std::move(normalized);
  return U_SUCCESS(error);
}

std::string TransliterateToAscii(absl::string_view text) {
  if (IsAscii(text)) return absl::AsciiStrToLower(text);
  static std::mutex mutex;  // ICU does not promise that a transliterator may be used by several threads
  static const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(icu::Transliterator::createInstance(
        "Any-Latin; Latin-ASCII; [:^ASCII:] Remove; Lower", UTRANS_FORWARD, error));
  }();
  if (transliterator == nullptr) return {};
  icu::UnicodeString units =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
  {
    const std::lock_guard lock(mutex);
    transliterator->transliterate(units);
  }
  std::string ascii;
  units.toUTF8String(ascii);
  return ascii;
}

std::string FoldToWords(absl::string_view text) {
  std::string words;
  bool in_word = false;
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (IsApostrophe(character) || U_GET_GC_MASK(character) == U_GC_CF_MASK) continue;
    const bool minus = IsDash(character) && !in_word && StartsWithDigit(text.substr(i));
    if (minus) character = '-';
    if (!minus && (!BelongsToWord(character) || IsDash(character))) {
      in_word = false;
      continue;
    }
    if (!in_word && !words.empty()) words.push_back(' ');
    in_word = true;
    AppendUtf8(u_foldCase(character, U_FOLD_CASE_DEFAULT), words);
  }
  return words;
}

}  // namespace broadsheet::article
