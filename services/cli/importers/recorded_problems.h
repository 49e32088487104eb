#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_RECORDED_PROBLEMS_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_RECORDED_PROBLEMS_H_

#include <string>
#include <vector>

#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// For tests: problems with the lines they were reported as.
struct RecordedProblems {
  std::vector<std::string> lines;
  Problems problems{[this](const std::string& line) { lines.push_back(line); }};
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_RECORDED_PROBLEMS_H_
