#ifndef BROADSHEET_SERVICES_CLI_COMMAND_H_
#define BROADSHEET_SERVICES_CLI_COMMAND_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/cli/backends.h"

// What the program's commands have in common.
namespace broadsheet::cli {

// Exit statuses, the same for every command.
inline constexpr int kDone = 0;
inline constexpr int kSomethingFailed = 1;
inline constexpr int kWrongUsage = 2;

// The flags, as values.
struct CommandOptions {
  Backends::Options backends;
  std::vector<std::string> arguments;  // what follows the command's name
  std::FILE* out = stdout;             // results
  std::FILE* err = stderr;             // progress and failures
  bool err_is_terminal = false;
  bool json = false;
  bool dry_run = false;
  bool cancel = false;
  int concurrency = 16;
  std::string section;
  std::vector<std::string> states;
  std::string notice;
  std::string redirect;
  std::string at;             // RFC 3339; empty: now
  std::int64_t revision = 0;  // 0: the newest
  std::string format = "ninjs3";
  std::string output = ".";
  std::string media_url;
  bool all = false;
  std::string confirm;
  bool even_if_unavailable = false;
};

struct Command {
  absl::string_view name;
  absl::string_view summary;                  // one line for the overview
  absl::string_view help;                     // synopsis, flags, examples
  std::vector<absl::string_view> flags;       // those it knows, beyond the addresses
  int (*run)(const CommandOptions& options);  // the exit status
};

// All of them, in the order of the overview. Lives for ever.
const std::vector<Command>& Commands();

// One per file.
Command ImportCommand();
Command PublishCommand();
Command WithholdCommand();
Command MoveCommand();
Command CurateCommand();
Command ShowCommand();
Command ListCommand();
Command ExportCommand();
Command ExplainCommand();
Command DependentsCommand();
Command PurgeCommand();

// Writes a line.
void Print(std::FILE* to, absl::string_view line);

// "ID: what happened", or why it did not: each violation of a BadRequest on a line of its own.
void PrintFailure(std::FILE* to, absl::string_view id, const absl::Status& status);

// "live on 2 of 2 gateways after 3.1 ms": how far a write had travelled; empty if nobody was following.
std::string DescribePropagation(const change::v1::Propagation& propagation);

// The name of an enum's value as a word: "CACHE_TIER_MEMORY" without "CACHE_TIER_" as "memory".
std::string EnumWord(absl::string_view name, absl::string_view prefix);

// An idempotency key for one run of a command.
std::string FreshRequestId();

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_COMMAND_H_
