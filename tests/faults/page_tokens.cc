#include "tests/faults/page_tokens.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace broadsheet::faults {
namespace {

constexpr std::string_view kStart = "qzs";
constexpr std::size_t kStoryDigits = 4;
constexpr std::size_t kRevisionDigits = 6;
constexpr std::size_t kWordSize = kStart.size() + kStoryDigits + 1 + kRevisionDigits + 1;

// -1 if `text` is not all digits.
int Number(std::string_view text) {
  int number = 0;
  for (char digit : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return -1;
    number = number * 10 + (digit - '0');
  }
  return number;
}

// The value of data-degraded in the html tag, which stands at the beginning of a page.
std::string_view DegradedAttribute(std::string_view html) {
  constexpr std::string_view kName = "data-degraded=\"";
  const std::size_t tag = html.substr(0, 512).find("<html");
  if (tag == html.npos) return "";
  const std::string_view attributes = html.substr(tag, html.find('>', tag) - tag);
  const std::size_t name = attributes.find(kName);
  if (name == attributes.npos) return "";
  const std::string_view value = attributes.substr(name + kName.size());
  return value.substr(0, value.find('"'));
}

}  // namespace

std::string ToWord(Token token) {
  return absl::StrCat("qzs", absl::Dec(token.story, absl::kZeroPad4), "r",
                      absl::Dec(token.revision, absl::kZeroPad6), "z");
}

std::vector<Token> FindTokens(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = text.find(kStart); at != text.npos; at = text.find(kStart, at + 1)) {
    const std::string_view word = text.substr(at, kWordSize);
    if (word.size() < kWordSize || word[7] != 'r' || word[kWordSize - 1] != 'z') continue;
    const Token token = {.story = Number(word.substr(3, kStoryDigits)),
                         .revision = Number(word.substr(8, kRevisionDigits))};
    if (token.story >= 0 && token.revision >= 0) tokens.push_back(token);
  }
  return tokens;
}

bool IsLabelledStale(std::string_view html) {
  const std::string_view value = DegradedAttribute(html);
  const std::vector<std::string> words =
      absl::StrSplit(absl::string_view(value.data(), value.size()), ' ', absl::SkipEmpty());
  return std::find(words.begin(), words.end(), "stale") != words.end();
}

bool IsLabelledDegraded(std::string_view html) { return !DegradedAttribute(html).empty(); }

}  // namespace broadsheet::faults
