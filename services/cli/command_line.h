#ifndef BROADSHEET_SERVICES_CLI_COMMAND_LINE_H_
#define BROADSHEET_SERVICES_CLI_COMMAND_LINE_H_

#include <cstdio>
#include <optional>
#include <variant>

#include "services/cli/command.h"

namespace broadsheet::cli {

// Finds the command in `argv` and checks, before Abseil parses the flags, that each is one the command knows
// and has a value of its type: Abseil would end the program with a status of its own. Answers --help by
// itself. Returns the command, or the exit status if there is nothing left to do.
std::variant<const Command*, int> FindCommand(int argc, char** argv, std::FILE* out, std::FILE* err);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_COMMAND_LINE_H_
