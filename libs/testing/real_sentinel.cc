#include "libs/testing/real_sentinel.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/free_port.h"
#include "libs/testing/redis_cli.h"

namespace broadsheet::test {

RealSentinel::RealSentinel(const RealRedis& master, int quorum, const std::vector<std::string>& settings)
    : port_(FreePort()) {
  const std::string file = directory_.File("sentinel.conf");  // sentinels write to it
  std::ofstream configuration(file);
  configuration << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_.path()
                << "\nsentinel monitor main 127.0.0.1 " << master.port() << " " << quorum
                << "\nsentinel down-after-milliseconds main 300\nsentinel failover-timeout main 2000\n";
  for (const std::string& line : settings) configuration << line << "\n";
  configuration.close();
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"/usr/bin/redis-server", file, "--sentinel"}, directory_.File("sentinel.log"));
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  const auto answers = [this] {
    const std::string answer = Command({"PING"});
    return answer == "PONG" || answer.starts_with("NOAUTH");
  };
  while (!answers()) {
    if (absl::Now() > deadline) {
      std::fprintf(stderr, "the sentinel does not answer\n");
      std::abort();
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

std::string RealSentinel::address() const { return absl::StrCat("127.0.0.1:", port_); }

void RealSentinel::Kill() { process_->Kill(); }

std::string RealSentinel::Command(const std::vector<std::string>& command) {
  return RedisCli({"-h", "127.0.0.1", "-p", std::to_string(port_)}, command,
                  directory_.File("redis-cli.out"));
}

}  // namespace broadsheet::test
