#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_SHARED_DATA_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_SHARED_DATA_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace broadsheet::cli {

// For tests: the folder of other people's data, $BROADSHEET_SHARED_DATA, or ../shared/data beside the
// project. What is there are published examples and hostile inputs, which are not part of this project.
inline std::filesystem::path SharedData() {
  if (const char* folder = std::getenv("BROADSHEET_SHARED_DATA")) {  // NOLINT(concurrency-mt-unsafe)
    return folder;
  }
  return std::filesystem::path(BROADSHEET_SOURCE_DIR) / ".." / "shared" / "data";
}

}  // namespace broadsheet::cli

// Skips the test, saying so, where a part of the shared data is not at hand.
#define BROADSHEET_NEEDS_SHARED_DATA(part)                                          \
  if (!std::filesystem::exists(::broadsheet::cli::SharedData() / (part))) {         \
    GTEST_SKIP() << "NOT RUN: the folder shared/data/" << (part) << " is not here"; \
  }

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_SHARED_DATA_H_
