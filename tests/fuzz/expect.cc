#include "tests/fuzz/expect.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace broadsheet::fuzz {
namespace {

// Taken before libFuzzer closes the other one to what the code under test has to say.
const int kOutput = dup(STDERR_FILENO);

}  // namespace

void Fail(std::string_view what, std::string_view detail) {
  dprintf(kOutput, "\nbroken: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
          static_cast<int>(detail.size()), detail.data());
  std::abort();
}

}  // namespace broadsheet::fuzz
