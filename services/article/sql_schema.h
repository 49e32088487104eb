#ifndef BROADSHEET_SERVICES_ARTICLE_SQL_SCHEMA_H_
#define BROADSHEET_SERVICES_ARTICLE_SQL_SCHEMA_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/article/sql.h"

namespace broadsheet::article {

// What was drawn at random when the database was made.
struct LogIdentity {
  std::string log_id;
  std::string token_key;
};

// Brings the database to the newest schema this program knows, in one transaction under the write lock, so
// that replicas may start together. Migrations are only ever added; each says which older programs can still
// work with its result. FAILED_PRECONDITION: the database is of a newer program that this one cannot work
// with.
absl::StatusOr<LogIdentity> PrepareSchema(sql::Database& database);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SQL_SCHEMA_H_
