#ifndef BROADSHEET_SERVICES_ARTICLE_SQLITE_H_
#define BROADSHEET_SERVICES_ARTICLE_SQLITE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/article/sql.h"

namespace broadsheet::article::sql {

// The SQLite database in the file `path`, made if it is not there: write-ahead log, every commit synced to
// disk, foreign keys enforced. FAILED_PRECONDITION: the file is an SQLite database of another application.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path);

}  // namespace broadsheet::article::sql

#endif  // BROADSHEET_SERVICES_ARTICLE_SQLITE_H_
