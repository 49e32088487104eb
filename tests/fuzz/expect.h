#ifndef BROADSHEET_TESTS_FUZZ_EXPECT_H_
#define BROADSHEET_TESTS_FUZZ_EXPECT_H_

#include <string_view>

namespace broadsheet::fuzz {

// Says what was broken, by which bytes, and ends the process, which makes the input a finding.
[[noreturn]] void Fail(std::string_view what, std::string_view detail);

inline void Expect(bool holds, std::string_view what, std::string_view detail = {}) {
  if (!holds) Fail(what, detail);
}

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_EXPECT_H_
