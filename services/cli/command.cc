#include "services/cli/command.h"

#include <openssl/rand.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/cli/upload/failure.h"

namespace broadsheet::cli {

const std::vector<Command>& Commands() {
  static const auto* commands =
      new std::vector<Command>{ImportCommand(),  PublishCommand(),    WithholdCommand(), MoveCommand(),
                               CurateCommand(),  ShowCommand(),       ListCommand(),     ExportCommand(),
                               ExplainCommand(), DependentsCommand(), PurgeCommand()};
  return *commands;
}

void Print(std::FILE* to, absl::string_view line) { absl::FPrintF(to, "%s\n", line); }

void PrintFailure(std::FILE* to, absl::string_view id, const absl::Status& status) {
  for (const auto& [where, message] : Explain(status, Location{std::string(id)})) {
    Print(to, Describe(where, Severity::kError, message));
  }
}

std::string DescribePropagation(const change::v1::Propagation& propagation) {
  if (propagation.followers() == 0) return "";
  return absl::StrFormat("known to %d of %d followers after %.1f ms", propagation.acknowledged(),
                         propagation.followers(), static_cast<double>(propagation.wait_micros()) / 1000);
}

std::string EnumWord(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string FreshRequestId() {
  unsigned char bytes[16];
  RAND_bytes(bytes, sizeof(bytes));
  return absl::StrCat(
      "cli-", absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(bytes), sizeof(bytes))));
}

}  // namespace broadsheet::cli
