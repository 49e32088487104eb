#include "libs/rpc/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "grpc/support/log.h"
#include "libs/telemetry/log.h"

namespace broadsheet::rpc {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Every connection is a file. The usual soft limit of 1,024 is there for programs that use select(); how many
// there may be is what the hard limit says.
void RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// gRPC's own messages, as lines of the log like all others.
void LogForGrpc(gpr_log_func_args* message) {
  static auto& limited = *new telemetry::LimitedLog();
  limited.Log(absl::StrCat(message->file, ":", message->line), telemetry::Severity::kWarning,
              message->message, {{"source", "grpc"}, {"file", message->file}, {"line", message->line}});
}

// Whether the flags declared in the file are the program's own; libraries have some, too.
bool IsOfProgram(absl::string_view file) {
  return absl::EndsWith(file, "main.cc") || absl::EndsWith(file, "_flags.cc");
}

void ConfigureHelp(std::string_view usage) {
  absl::SetProgramUsageMessage(std::string(usage));
  absl::FlagsUsageConfig config;
  config.contains_help_flags = IsOfProgram;
  config.contains_helpshort_flags = IsOfProgram;
  config.contains_helppackage_flags = IsOfProgram;
  absl::SetFlagsUsageConfig(config);
}

}  // namespace

Process::Process(int argc, char** argv, std::string_view usage) {
  // Debian's Abseil aborts on lock orders that only might deadlock, gRPC's own among them.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  RaiseFileLimit();
  std::signal(SIGPIPE, SIG_IGN);
  gpr_set_log_function(LogForGrpc);
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ConfigureHelp(usage);
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  name_ = rest.empty() ? "" : rest[0];
  name_.erase(0, name_.rfind('/') + 1);
  if (rest.size() > 1) {
    // Nothing has begun yet that would have to end.
    std::_Exit(Fail(absl::InvalidArgumentError(absl::StrCat("takes flags only, not \"", rest[1], "\""))));
  }
}

bool Process::ShutdownRequested() const {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

int Process::WaitForShutdown() {
  const sigset_t signals = ShutdownSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  // A second signal has its default effect: it ends the process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return signal;
}

int Process::Fail(const absl::Status& status) const {
  std::fprintf(stderr, "%s: %s\n", name_.c_str(), std::string(status.message()).c_str());
  return EXIT_FAILURE;
}

int Process::Tell(const absl::StatusOr<std::string>& found) const {
  if (!found.ok()) return Fail(found.status());
  std::printf("%s\n", found->c_str());
  return EXIT_SUCCESS;
}

std::vector<std::pair<std::string, std::string>> FlagsInForce(
    std::initializer_list<std::string_view> secret) {
  std::map<std::string, std::string> values;
  for (const auto& [flag_name, flag] : absl::GetAllFlags()) {
    if (flag->IsRetired() || !IsOfProgram(flag->Filename())) continue;
    const std::string name(flag_name);
    const bool shown = std::find(secret.begin(), secret.end(), name) == secret.end();
    const std::string value = flag->CurrentValue();
    values[name] = shown || value.empty() ? value : "set, and not shown";
  }
  return {values.begin(), values.end()};
}

absl::Status WritePortFile(const std::string& path, const std::vector<std::pair<std::string, int>>& ports) {
  if (path.empty()) return absl::OkStatus();
  std::string text;
  for (const auto& [name, port] : ports) absl::StrAppend(&text, name, "=", port, "\n");
  const std::string temporary = absl::StrCat(path, ".", getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "we");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
    std::remove(temporary.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace broadsheet::rpc
