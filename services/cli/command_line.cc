#include "services/cli/command_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kOverviewHead =
    "broadsheet: the newsroom's command line.\n"
    "\n"
    "usage: broadsheet COMMAND [FLAGS] ARGUMENTS\n"
    "\n"
    "commands:\n";
constexpr absl::string_view kCommonHelp =
    "\n"
    "flags of every command:\n"
    "  --article_address=HOST:PORT   the article service (127.0.0.1:8082)\n"
    "  --media_address=HOST:PORT     the media service (127.0.0.1:8083)\n"
    "  --flagfile=FILE               more flags from a file, one a line\n"
    "\n"
    "exit status: 0 all done, 1 something failed, 2 wrong usage\n";

// Flags every command takes; the last three are Abseil's own.
constexpr absl::string_view kCommonFlags[] = {"article_address", "media_address", "flagfile", "fromenv",
                                              "tryfromenv"};

void PrintOverview(std::FILE* to) {
  absl::FPrintF(to, "%s", kOverviewHead);
  for (const Command& command : Commands()) absl::FPrintF(to, "  %-10s %s\n", command.name, command.summary);
  absl::FPrintF(to, "\n\"broadsheet COMMAND --help\" says more about one.\n%s", kCommonHelp);
}

bool Contains(const std::vector<absl::string_view>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Checks the flags of a command line one by one.
class FlagScan {
 public:
  FlagScan(const Command& command, int argc, char** argv) : names_(command.flags), argc_(argc), argv_(argv) {
    names_.insert(names_.end(), std::begin(kCommonFlags), std::end(kCommonFlags));
  }

  // What is wrong; empty if nothing is.
  std::string Check() {
    while (next_ < argc_) {
      const absl::string_view argument = argv_[next_++];
      if (argument == "--") break;
      if (argument.size() < 2 || argument.front() != '-') continue;
      if (std::string wrong = CheckFlag(argument); !wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  std::string CheckFlag(absl::string_view argument) {
    absl::string_view name = argument;
    while (absl::ConsumePrefix(&name, "-")) {
    }
    const std::size_t equals = name.find('=');
    const bool has_value = equals != absl::string_view::npos;
    absl::string_view value = has_value ? name.substr(equals + 1) : absl::string_view();
    name = name.substr(0, equals);
    const bool negated = !Contains(names_, name) && absl::ConsumePrefix(&name, "no");
    absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    if (!Contains(names_, name) || flag == nullptr || (negated && !flag->IsOfType<bool>())) {
      return absl::StrCat("unknown flag ", argument.substr(0, argument.find('=')), DidYouMean(name, names_));
    }
    if (flag->IsOfType<bool>() && !has_value) return "";
    if (!has_value) {
      if (next_ == argc_) return absl::StrCat("the flag --", name, " needs a value");
      value = argv_[next_++];
    }
    std::string error;
    if (flag->ParseFrom(value, &error)) return "";
    return absl::StrCat("\"", value, "\" is no value for --", name, error.empty() ? "" : ": ", error);
  }

  std::vector<absl::string_view> names_;
  const int argc_;
  char** const argv_;
  int next_ = 2;
};

bool AsksForHelp(absl::string_view argument) {
  return argument == "--help" || argument == "-h" || argument == "-help";
}

}  // namespace

std::variant<const Command*, int> FindCommand(int argc, char** argv, std::FILE* out, std::FILE* err) {
  const absl::string_view name = argc > 1 ? argv[1] : "";
  if (name.empty()) {
    PrintOverview(err);
    return kWrongUsage;
  }
  if (AsksForHelp(name) || name == "help") {
    PrintOverview(out);
    return kDone;
  }
  std::vector<absl::string_view> names;
  const Command* command = nullptr;
  for (const Command& known : Commands()) {
    names.push_back(known.name);
    if (known.name == name) command = &known;
  }
  if (command == nullptr) {
    absl::FPrintF(err, "broadsheet: there is no command \"%s\"%s; see broadsheet --help\n", name,
                  DidYouMean(name, names));
    return kWrongUsage;
  }
  if (std::any_of(argv + 2, argv + argc, [](const char* argument) { return AsksForHelp(argument); })) {
    absl::FPrintF(out, "broadsheet %s: %s\n\n%s%s", command->name, command->summary, command->help,
                  kCommonHelp);
    return kDone;
  }
  if (const std::string wrong = FlagScan(*command, argc, argv).Check(); !wrong.empty()) {
    absl::FPrintF(err, "broadsheet %s: %s; see broadsheet %s --help\n", command->name, wrong, command->name);
    return kWrongUsage;
  }
  return command;
}

}  // namespace broadsheet::cli
