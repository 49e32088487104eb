#include "services/article/reader_pool.h"

#include <utility>

namespace broadsheet::article {

ReaderPool::ReaderPool(sql::Database& database, int size, absl::Duration wait)
    : database_(database), size_(size), wait_(wait) {}

absl::Status ReaderPool::Run(absl::FunctionRef<absl::Status(sql::Connection&)> read) {
  absl::StatusOr<std::unique_ptr<sql::Connection>> connection = Take();
  if (!connection.ok()) return connection.status();
  absl::Status status = (*connection)->Begin(sql::TransactionMode::kRead);
  if (status.ok()) status = read(**connection);
  (*connection)->Rollback();  // nothing to commit
  const bool usable = !(*connection)->InTransaction();
  Return(usable ? *std::move(connection) : nullptr);
  return status;
}

absl::StatusOr<std::unique_ptr<sql::Connection>> ReaderPool::Take() {
  {
    std::unique_lock lock(mutex_);
    const bool free =
        returned_.wait_for(lock, absl::ToChronoMilliseconds(wait_), [this] { return in_use_ < size_; });
    if (!free) return absl::ResourceExhaustedError("too many reads at a time");
    ++in_use_;
    if (!idle_.empty()) {
      std::unique_ptr<sql::Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<sql::Connection>> connection = database_.Connect();
  if (!connection.ok()) Return(nullptr);
  return connection;
}

void ReaderPool::Return(std::unique_ptr<sql::Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace broadsheet::article
