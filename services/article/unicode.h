#ifndef BROADSHEET_SERVICES_ARTICLE_UNICODE_H_
#define BROADSHEET_SERVICES_ARTICLE_UNICODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// The only place of this service that knows ICU. Pure and thread-safe.
namespace broadsheet::article {

bool IsValidUtf8(absl::string_view text);

// Whether `offset` (0 to the length) lies between two characters of a valid UTF-8 text.
bool IsCharacterBoundary(absl::string_view text, std::size_t offset);

// What is wrong with a text that must not carry control characters, or nullopt. Refused everywhere: C0 and C1
// control characters (newline only if `lines`), noncharacters such as U+FFFE, which no XML may contain.
// `one_line` fields refuse the bidirectional embeddings and overrides too (U+202A to U+202E), and isolates
// (U+2066 to U+2069) that are not closed within the text: they could reorder what stands around it.
enum class TextKind { kOneLine, kLines };
std::optional<std::string> FindForbiddenCharacter(absl::string_view text, TextKind kind);

// A text in Normalization Form C.
struct NormalizedText {
  std::string text;
  bool changed = false;
};
NormalizedText NormalizeNfc(absl::string_view text);

// The same, moving `offsets` (byte offsets into `text`) along. False if one of them lies inside a sequence
// that is composed into one character; `text` and `offsets` are then unspecified.
bool NormalizeNfcWithOffsets(std::string& text, std::vector<std::size_t>& offsets);

// Letters and digits of any script as ASCII, lower case: "Łódź 27" gives "lodz 27". What has no
// transliteration is left out.
std::string TransliterateToAscii(absl::string_view text);

// What a valid UTF-8 text says, for comparison: its words without case and punctuation, separated by one
// space. Letters, digits, signs of currency and mathematics, per cent and the minus of a figure count;
// apostrophes and invisible characters are left out without parting a word.
std::string FoldToWords(absl::string_view text);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_UNICODE_H_
