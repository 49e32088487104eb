#ifndef BROADSHEET_TESTS_FAULTS_PAGE_TOKENS_H_
#define BROADSHEET_TESTS_FAULTS_PAGE_TOKENS_H_

#include <string>
#include <string_view>
#include <vector>

namespace broadsheet::faults {

// What an editor writes into headline and text so that a reader can tell which revision a page shows.
struct Token {
  int story = 0;     // 0 to 9,999
  int revision = 0;  // 1 to 999,999

  friend bool operator==(const Token&, const Token&) = default;
};

// One word of letters and digits, the same in HTML, XML and JSON: "qzs0007r000123z".
std::string ToWord(Token token);

// Every token in `text`, in order, repetitions included. Linear.
std::vector<Token> FindTokens(std::string_view text);

// Whether the page says of itself that it is what was known last: `stale` in the data-degraded attribute of
// its first tag.
bool IsLabelledStale(std::string_view html);
// Whether it says that anything at all is missing or old.
bool IsLabelledDegraded(std::string_view html);

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_PAGE_TOKENS_H_
