#ifndef BROADSHEET_LIBS_TESTING_REAL_SENTINEL_H_
#define BROADSHEET_LIBS_TESTING_REAL_SENTINEL_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/testing/child_process.h"
#include "libs/testing/real_redis.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::test {

// A Redis Sentinel of the test's own, on a free port of the loopback, that holds a master to be away after
// 300 ms. It answers when the constructor returns; ends with this.
class RealSentinel {
 public:
  // Watches the master as `main`. `quorum`: how many sentinels must find it away. `settings`: further lines
  // of its configuration, such as "requirepass secret".
  explicit RealSentinel(const RealRedis& master, int quorum = 1,
                        const std::vector<std::string>& settings = {});

  std::string address() const;
  void Kill();
  // Runs one command through redis-cli; its output without the final line break.
  std::string Command(const std::vector<std::string>& command);

 private:
  TempDir directory_;
  const int port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_REAL_SENTINEL_H_
