#include "services/media/sqlite.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::media {
namespace {

telemetry::Counter& FailedWrites() {
  static auto& failures = *new telemetry::Counter(
      "broadsheet_media_commit_failures_total", "Writes that the database did not take: disk full, or away.");
  return failures;
}

}  // namespace

absl::Status SqlError(const SQLite::Exception& error) {
  const std::string message = absl::StrCat("the library's database does not work: ", error.what());
  return error.getErrorCode() == SQLITE_FULL ? absl::ResourceExhaustedError(message)
                                             : absl::UnavailableError(message);
}

absl::Status NoteFailedWrite(absl::Status error) {
  static auto& log = *new telemetry::LimitedLog;
  FailedWrites().Increment();
  log.Log("write", telemetry::Severity::kError, "a picture's record could not be written",
          {{"error", error.ToString()}});
  return error;
}

ConnectionPool::Lease ConnectionPool::Take() {
  const absl::MutexLock lock(&mutex_);
  const absl::Condition is_free(
      +[](std::vector<std::unique_ptr<SQLite::Database>>* idle) { return !idle->empty(); }, &idle_);
  if (!mutex_.AwaitWithTimeout(is_free, wait_))
    throw SQLite::Exception("too many reads at a time", SQLITE_BUSY);
  std::unique_ptr<SQLite::Database> connection = std::move(idle_.back());
  idle_.pop_back();
  return Lease(*this, std::move(connection));
}

void ConnectionPool::Return(std::unique_ptr<SQLite::Database> connection) {
  const absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(connection));
}

std::unique_ptr<SQLite::Database> Connect(const std::string& path, bool writes) {
  constexpr int kBusyMilliseconds = 5'000;
  auto connection = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                                       kBusyMilliseconds);
  connection->exec("PRAGMA journal_mode=WAL");
  connection->exec("PRAGMA synchronous=FULL");
  connection->exec("PRAGMA foreign_keys=ON");
  if (!writes) connection->exec("PRAGMA query_only=ON");
  if (writes) FailedWrites();  // 0: rate() does not see the first of a series that was not there
  return connection;
}

}  // namespace broadsheet::media
