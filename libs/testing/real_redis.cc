#include "libs/testing/real_redis.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/free_port.h"
#include "libs/testing/redis_cli.h"

namespace broadsheet::test {

RealRedis::RealRedis(std::vector<std::string> arguments)
    : arguments_(std::move(arguments)), port_(FreePort()) {
  Start();
}

std::string RealRedis::tcp_address() const { return absl::StrCat("127.0.0.1:", port_); }

void RealRedis::Start() {
  std::vector<std::string> command = {"/usr/bin/redis-server",
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--unixsocket",
                                      socket_path(),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--dir",
                                      directory_.path()};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<ChildProcess>(command, directory_.File("redis.log"));
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (absl::Now() < deadline) {
    const std::string answer = Command({"PING"});
    if (answer == "PONG" || answer.starts_with("NOAUTH")) return;
    absl::SleepFor(absl::Milliseconds(5));
  }
  std::fprintf(stderr, "redis-server does not answer\n");
  std::abort();
}

void RealRedis::Pause() { process_->Signal(SIGSTOP); }
void RealRedis::Resume() { process_->Signal(SIGCONT); }
void RealRedis::Kill() { process_->Kill(); }

void RealRedis::Restart() {
  process_->Kill();
  Start();
}

std::string RealRedis::Command(const std::vector<std::string>& command) {
  return RedisCli({"-s", socket_path()}, command, directory_.File("redis-cli.out"));
}

}  // namespace broadsheet::test
