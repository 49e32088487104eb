#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_TEXT_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::cli {

// Levels of nested lists that a story may have.
inline constexpr int kDeepestList = 4;

// What stands before the name of who is quoted.
inline constexpr absl::string_view kDash = "—";

// First byte that is not part of valid UTF-8; nothing if all is.
std::optional<std::size_t> FirstInvalidUtf8(absl::string_view text);

// The same characters in Unicode normalization form C, which the contracts ask for. `text` must be valid
// UTF-8.
std::string ToNfc(absl::string_view text);

// First control character that a text must not contain (all but newline and tab), as "U+0001"; nothing if
// none.
std::optional<std::string> FirstControlCharacter(absl::string_view text);

// NFC, without white space around it and every run of white space within it one space: for one-line fields.
std::string OneLine(absl::string_view text);

// Line of a byte, from 1.
int LineAt(absl::string_view text, std::size_t offset);

// Whether the contracts allow this as an id: 1 to 100 of `a-z 0-9 -`, starting with a letter or a digit.
bool IsId(absl::string_view text);

// An id made of any text: "Sea Wall, ‘opens’!" → "sea-wall-opens". Up to 100 bytes; a longer one, or one of
// which little is left because its letters are not Latin, ends in a hash of the whole.
std::string ToId(absl::string_view text);

// Builds a RichText: text appended piece by piece, spans opened and closed around it. White space is
// collapsed as browsers do, newlines come from LineBreak alone. Spans that end up empty vanish.
class RichTextBuilder {
 public:
  void Append(absl::string_view text);     // collapses white space, that at the start of a line vanishes
  void AppendRaw(absl::string_view text);  // as it is (code)
  void LineBreak();

  // Opens a span at the present end. Spans close in reverse order of opening.
  void Open(article::v1::Span span);
  void Close();

  bool empty() const;
  // The text in NFC, trimmed, with its spans in the contract's order. The builder is spent.
  article::v1::RichText Finish();

 private:
  std::string text_;
  std::vector<article::v1::Span> open_;
  std::vector<article::v1::Span> spans_;
};

// Several texts as one, separated by newlines.
article::v1::RichText JoinLines(const std::vector<article::v1::RichText>& lines);

// A text without spans, NFC.
article::v1::RichText PlainText(absl::string_view text);

// Whether the contracts allow this as the address of a link: http, https, mailto, or a path of the site.
bool IsLinkUrl(absl::string_view url);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_TEXT_H_
