#ifndef BROADSHEET_LIBS_TESTING_REAL_REDIS_H_
#define BROADSHEET_LIBS_TESTING_REAL_REDIS_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::test {

// A redis-server of the test's own, without persistence, on a Unix socket and a free TCP port of the
// loopback. It answers when the constructor returns; ends with this.
class RealRedis {
 public:
  // `arguments`: further redis-server arguments, such as {"--requirepass", "secret"}.
  explicit RealRedis(std::vector<std::string> arguments = {});
  ~RealRedis() = default;

  // For redis::ClientOptions::address.
  std::string address() const { return "unix://" + socket_path(); }
  std::string tcp_address() const;
  std::string socket_path() const { return directory_.File("redis.sock"); }
  int port() const { return port_; }

  void Pause();    // SIGSTOP: accepts connections, answers nothing
  void Resume();   // SIGCONT
  void Kill();     // SIGKILL: connections are refused
  void Restart();  // the same addresses, empty; returns when it answers
  // Runs one command through redis-cli; its output without the final line break.
  std::string Command(const std::vector<std::string>& command);

 private:
  void Start();

  TempDir directory_;
  const std::vector<std::string> arguments_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_REAL_REDIS_H_
