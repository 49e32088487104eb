#ifndef BROADSHEET_LIBS_RPC_PROCESS_H_
#define BROADSHEET_LIBS_RPC_PROCESS_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace broadsheet::rpc {

// What every program does before anything else; so it is the first line of every `main`:
//
//   int main(int argc, char** argv) {
//     rpc::Process process(argc, argv, "Stores stories and serves the published ones.");
//     …                                   // flags -> options -> wiring
//     if (absl::Status started = server.Start(); !started.ok()) return process.Fail(started);
//     process.WaitForShutdown();
//     server.Drain();
//     return 0;
//   }
//
// The constructor raises the limit of open files to what is allowed, turns
// Abseil's mutex deadlock detector off, ignores SIGPIPE, sends gRPC's messages to the log, blocks SIGTERM and
// SIGINT in this and every later thread (so make no thread earlier), and parses the flags. `--help` lists the
// program's own flags, those declared in its main.cc or a file *_flags.cc, and exits; an unknown flag exits
// with a message, as does an argument that is none: one without its dashes would have no effect. Construct it
// once, on the main thread.
class Process {
 public:
  // `usage`: what the program is for, one or a few sentences, no line breaks needed.
  Process(int argc, char** argv, std::string_view usage);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Whether SIGTERM or SIGINT has arrived, for what takes long before WaitForShutdown, which then returns at
  // once. Thread-safe.
  bool ShutdownRequested() const;

  // Blocks until SIGTERM or SIGINT arrives; returns its number. A second one then ends the process at once.
  int WaitForShutdown();

  // Says on standard error, in one sentence, why the program cannot go on; returns the exit status for main.
  [[nodiscard]] int Fail(const absl::Status& status) const;

  // For a program that was started to find something out: says what on standard output, or why that was not
  // possible as Fail does; returns the exit status for main.
  [[nodiscard]] int Tell(const absl::StatusOr<std::string>& found) const;

 private:
  std::string name_;
};

// The program's own flags, by name, with the values in force: for telemetry::OpsServerOptions. Of those named
// in `secret`, which may hold a password, it says only whether they are set. Not before the flags are parsed.
std::vector<std::pair<std::string, std::string>> FlagsInForce(
    std::initializer_list<std::string_view> secret = {});

// Writes the ports a program got as lines `name=port`, so that whoever started it with port 0 can find them.
// The file appears complete or not at all. An empty `path` does nothing. Errors: what the file system says.
absl::Status WritePortFile(const std::string& path, const std::vector<std::pair<std::string, int>>& ports);

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_PROCESS_H_
