// A program for process_test: begins, waits, ends.
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "libs/rpc/process.h"

ABSL_FLAG(std::string, port_file, "", "where to write the ports");
ABSL_FLAG(bool, tell, false, "only say where that is");
ABSL_FLAG(std::string, database, "", "may hold a password");
ABSL_FLAG(bool, tell_flags, false, "only say what is in force");

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Shows how a program begins and ends.");
  if (absl::GetFlag(FLAGS_tell) && absl::GetFlag(FLAGS_port_file).empty())
    return process.Tell(absl::NotFoundError("nobody said"));
  if (absl::GetFlag(FLAGS_tell)) return process.Tell(absl::GetFlag(FLAGS_port_file));
  if (absl::GetFlag(FLAGS_tell_flags)) {
    std::string text;
    for (const auto& [name, value] : broadsheet::rpc::FlagsInForce({"database"}))
      text.append(name).append("=").append(value).append(";");
    return process.Tell(text);
  }
  const absl::Status written =
      broadsheet::rpc::WritePortFile(absl::GetFlag(FLAGS_port_file), {{"grpc", 1}, {"ops", 2}});
  if (!written.ok()) return process.Fail(written);
  std::puts("serving");
  std::fflush(stdout);
  process.WaitForShutdown();
  std::puts("stopped");
  return 0;
}
