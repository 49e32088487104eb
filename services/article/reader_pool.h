#ifndef BROADSHEET_SERVICES_ARTICLE_READER_POOL_H_
#define BROADSHEET_SERVICES_ARTICLE_READER_POOL_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/article/sql.h"

namespace broadsheet::article {

// Connections that read one database, made when they are needed and kept. Thread-safe.
class ReaderPool {
 public:
  // `database` must outlive this. At most `size` reads run at a time; further ones wait for up to `wait`.
  ReaderPool(sql::Database& database, int size, absl::Duration wait);

  // Runs `read` in a read transaction of its own. RESOURCE_EXHAUSTED, which no engine says: none of the
  // connections became free in time. Other errors are the engine's, or those of `read`.
  absl::Status Run(absl::FunctionRef<absl::Status(sql::Connection&)> read);

 private:
  absl::StatusOr<std::unique_ptr<sql::Connection>> Take();
  // Null: it cannot be used any more.
  void Return(std::unique_ptr<sql::Connection> connection);

  sql::Database& database_;
  const int size_;
  const absl::Duration wait_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<sql::Connection>> idle_;  // under mutex_
  int in_use_ = 0;                                      // under mutex_
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_READER_POOL_H_
