// The newsroom's command line.

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "services/cli/command.h"
#include "services/cli/command_line.h"

ABSL_FLAG(std::string, article_address, "127.0.0.1:8082", "The article service, as a gRPC target.");
ABSL_FLAG(std::string, media_address, "127.0.0.1:8083", "The media service, as a gRPC target.");
ABSL_FLAG(std::string, gateway_address, broadsheet::cli::kDefaultGateway, "The gateway, as a gRPC target.");
ABSL_FLAG(bool, json, false, "show, list, explain: print JSON.");
ABSL_FLAG(bool, dry_run, false, "import: check everything that can be checked here, and send nothing.");
ABSL_FLAG(bool, cancel, false, "withhold: for good.");
ABSL_FLAG(int, concurrency, 16, "import: calls at a time, 1 to 32.");
ABSL_FLAG(std::string, section, "",
          "import: the section of stories that name none; list: only this section.");
ABSL_FLAG(std::vector<std::string>, state, {}, "list: only stories in these states.");
ABSL_FLAG(std::string, notice, "", "withhold: the text readers see instead.");
ABSL_FLAG(std::string, redirect, "", "withhold: the path readers are sent to instead.");
ABSL_FLAG(std::int64_t, revision, 0, "show: this revision; the newest if 0.");
ABSL_FLAG(std::string, at, "", "publish: when, in RFC 3339; now if empty.");
ABSL_FLAG(std::string, format, "ninjs3", "export: ninjs3, ninjs2 or markdown.");
ABSL_FLAG(std::string, output, ".", "export: the folder to write to.");
ABSL_FLAG(std::string, media_url, "",
          "export: what the paths of renditions follow; they are not named if empty.");
ABSL_FLAG(bool, all, false, "purge: all pages.");
ABSL_FLAG(std::string, confirm, "", "purge: what it said without this flag.");
ABSL_FLAG(bool, even_if_unavailable, false, "purge: also while article or Redis is down.");

namespace {

broadsheet::cli::CommandOptions OptionsFromFlags() {
  broadsheet::cli::CommandOptions options;
  options.backends.article_address = absl::GetFlag(FLAGS_article_address);
  options.backends.media_address = absl::GetFlag(FLAGS_media_address);
  options.backends.gateway_address = absl::GetFlag(FLAGS_gateway_address);
  options.err_is_terminal = isatty(STDERR_FILENO) != 0;
  options.json = absl::GetFlag(FLAGS_json);
  options.dry_run = absl::GetFlag(FLAGS_dry_run);
  options.cancel = absl::GetFlag(FLAGS_cancel);
  options.concurrency = absl::GetFlag(FLAGS_concurrency);
  options.section = absl::GetFlag(FLAGS_section);
  options.states = absl::GetFlag(FLAGS_state);
  options.notice = absl::GetFlag(FLAGS_notice);
  options.redirect = absl::GetFlag(FLAGS_redirect);
  options.at = absl::GetFlag(FLAGS_at);
  options.revision = absl::GetFlag(FLAGS_revision);
  options.format = absl::GetFlag(FLAGS_format);
  options.output = absl::GetFlag(FLAGS_output);
  options.media_url = absl::GetFlag(FLAGS_media_url);
  options.all = absl::GetFlag(FLAGS_all);
  options.confirm = absl::GetFlag(FLAGS_confirm);
  options.even_if_unavailable = absl::GetFlag(FLAGS_even_if_unavailable);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);
  const auto found = broadsheet::cli::FindCommand(argc, argv, stdout, stderr);
  if (const int* exit_status = std::get_if<int>(&found)) return *exit_status;
  const std::vector<char*> positional = absl::ParseCommandLine(argc, argv);
  broadsheet::cli::CommandOptions options = OptionsFromFlags();
  options.arguments.assign(positional.begin() + 2, positional.end());  // after the program and the command
  return std::get<const broadsheet::cli::Command*>(found)->run(options);
}
