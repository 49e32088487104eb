#ifndef BROADSHEET_LIBS_TESTING_REAL_POSTGRES_H_
#define BROADSHEET_LIBS_TESTING_REAL_POSTGRES_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::test {

// A PostgreSQL server of the test's own, on a Unix socket in a folder of its own, not on the network. It runs
// as an unprivileged user, answers when the constructor returns, and ends with this. Its databases sort text
// as people do, so that a forgotten `COLLATE "C"` shows; nothing is synced to disk, which only a power cut
// would tell from the other.
class RealPostgres {
 public:
  // `settings`: further ones, such as {"max_connections=5"}.
  explicit RealPostgres(std::vector<std::string> settings = {});
  ~RealPostgres();

  // One for all tests of the program, made by the first that asks, on the thread that asks.
  static RealPostgres& Shared();

  // Makes an empty database; returns its address, `postgresql://…`.
  std::string NewDatabase();
  // The address of a database, whether there is one or not.
  std::string address(const std::string& database) const;

  // Runs statements through psql, one row to a line, in the database of this address or, if that is empty, in
  // the server's own; what psql says, without the final line break.
  std::string Command(const std::string& statements, const std::string& address = "");

  void Stop();   // as an operator stops it: clients are told, transactions end
  void Kill();   // as a crash: clients are cut off, the log is replayed at the next start
  void Start();  // after one of these; returns when it answers
  void Restart() {
    Stop();
    Start();
  }

 private:
  bool Answers();

  const TempDir directory_ = TempDir::InMemory();  // hundreds of databases, each of some MiB when it is empty
  const std::vector<std::string> settings_;
  std::atomic<int> databases_{0};
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_REAL_POSTGRES_H_
