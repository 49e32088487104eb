#ifndef BROADSHEET_SERVICES_RECOMMENDATION_TOKENIZER_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_TOKENIZER_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"

// The only place of this service that knows ICU and Snowball: text of any script into words that compare.
// Thread-safe.
namespace broadsheet::recommendation {

// A word of a text.
struct Token {
  std::string term;           // what compares: folded, without accents, stemmed; never empty
  absl::string_view printed;  // as it stands in the text
};

// Calls `take` for each word of `text` that says something, in order: not for numbers, single letters, and
// words such as "the" and "said". `language` is the BCP 47 tag of the text, empty for English: it
// chooses the stemmer and the words left out; one without a stemmer compares words as they are. Words end
// where Unicode says they do, by dictionary where there are no spaces (Chinese, Japanese, Thai, Khmer, …).
// Reads at most `max_bytes` of the text; words longer than 64 bytes are left out. What is not UTF-8 separates
// words.
void ForEachToken(absl::string_view text, absl::string_view language, std::size_t max_bytes,
                  const std::function<void(const Token&)>& take);

// A subject as it compares: "Flood  Defences" and "flood defences" are one.
std::string FoldPhrase(absl::string_view text);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_TOKENIZER_H_
