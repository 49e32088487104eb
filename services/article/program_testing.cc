#include "services/article/program_testing.h"

#include <grpcpp/grpcpp.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::article {

Program::Program(const TestDatabase& database, const Options& options) {
  const std::string command =
      absl::StrCat(options.shell, "exec ", ARTICLE_BINARY, " --grpc_port=0 --ops_port=", options.ops_port,
                   " --lease=50ms ", database.flags(), " --port_file=", folder_.File("ports"));
  process_ = std::make_unique<test::ChildProcess>(std::vector<std::string>{"/bin/sh", "-c", command},
                                                  folder_.File("log"));
  if (options.await_ready) AwaitReady();
}

void Program::AwaitReady() {
  const std::string port_file = folder_.File("ports");
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!std::ifstream(port_file).good() && absl::Now() < deadline) std::this_thread::yield();
  std::string line;
  int port = 0;
  std::ifstream ports(port_file);
  while (std::getline(ports, line)) {
    if (line.rfind("grpc=", 0) == 0) {
      EXPECT_TRUE(absl::SimpleAtoi(line.substr(5), &port));
    }
  }
  EXPECT_NE(port, 0) << "the program did not start: " << log();
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  editing_ = v1::EditorialService::NewStub(channel_);
  reading_ = v1::ArticleService::NewStub(channel_);
  changes_ = change::v1::ChangeService::NewStub(channel_);
}

int Program::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait(absl::Seconds(30)).value_or(-1);
}

std::string Program::log() const {
  std::ifstream file(folder_.File("log"));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace broadsheet::article
