#ifndef BROADSHEET_TESTS_FUZZ_LINES_H_
#define BROADSHEET_TESTS_FUZZ_LINES_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace broadsheet::fuzz {

// Takes the text before the first `separator`, or all of it.
inline std::string_view Take(std::string_view& text, char separator = '\n') {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_LINES_H_
