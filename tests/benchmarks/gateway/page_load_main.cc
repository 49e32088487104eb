// Asks PageService for one page again and again, and says on one line of JSON how fast it was answered.
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/flags/flag.h"
#include "broadsheet/page/v1/page_service.pb.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/load.h"

ABSL_FLAG(std::string, address, "", "Of the server.");
ABSL_FLAG(std::string, path, "/", "Of the page.");
ABSL_FLAG(int, callers, 64, "Callers at a time, each with a connection and a thread of its own.");
ABSL_FLAG(double, seconds, 3, "How long is measured.");
ABSL_FLAG(int, server_pid, 0, "Process whose CPU time is counted.");
ABSL_FLAG(std::string, save, "", "File for the first answer's bytes.");

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Asks for one page and says how fast the answers came.");
  broadsheet::page::v1::GetPageRequest request;
  request.set_path(absl::GetFlag(FLAGS_path));
  const grpc::ByteBuffer bytes = broadsheet::bench::ToBytes(request);
  broadsheet::bench::LoadOptions options;
  options.address = absl::GetFlag(FLAGS_address);
  options.method = "/broadsheet.page.v1.PageService/GetPage";
  options.callers = absl::GetFlag(FLAGS_callers);
  options.time = absl::Seconds(absl::GetFlag(FLAGS_seconds));
  options.server_pid = absl::GetFlag(FLAGS_server_pid);
  options.next = [&](int) { return bytes; };
  if (const std::string file = absl::GetFlag(FLAGS_save); !file.empty()) {
    const auto answer = broadsheet::bench::Call(options.address, options.method, bytes);
    if (!answer.ok()) return process.Fail(answer.status());
    std::ofstream(file, std::ios::binary) << broadsheet::bench::ToString(*answer);
  }
  std::puts(RunLoad(options).Json().c_str());
  return 0;
}
