#ifndef BROADSHEET_SERVICES_MEDIA_SQLITE_H_
#define BROADSHEET_SERVICES_MEDIA_SQLITE_H_

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace broadsheet::media {

// RESOURCE_EXHAUSTED for a full disk, otherwise UNAVAILABLE.
absl::Status SqlError(const SQLite::Exception& error);

// Counts a write that the database did not take, and logs it, at most once in ten seconds; returns `error`.
// Not with a mutex held: a log that nobody reads may keep it.
absl::Status NoteFailedWrite(absl::Status error);

// Connections of one kind to one database; each is used by one thread at a time. Thread-safe.
class ConnectionPool {
 public:
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<SQLite::Database> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease() { pool_.Return(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SQLite::Database& operator*() { return *connection_; }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<SQLite::Database> connection_;
  };

  ConnectionPool(std::vector<std::unique_ptr<SQLite::Database>> connections, absl::Duration wait)
      : wait_(wait), idle_(std::move(connections)) {}

  // Waits until one is free, for `wait` at most: then it throws SQLite::Exception, of SQLITE_BUSY.
  Lease Take();

 private:
  void Return(std::unique_ptr<SQLite::Database> connection);

  const absl::Duration wait_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<SQLite::Database>> idle_ ABSL_GUARDED_BY(mutex_);
};

// Opens a database with the settings every connection of ours has. From the first one that writes on the
// count of failed writes is told. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> Connect(const std::string& path, bool writes);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_SQLITE_H_
