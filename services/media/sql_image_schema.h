#ifndef BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_SCHEMA_H_
#define BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_SCHEMA_H_

#include <SQLiteCpp/SQLiteCpp.h>

#include "absl/status/status.h"

namespace broadsheet::media {

// Makes the tables of a new database, or brings those of an earlier version of the program up to date, in one
// transaction. FAILED_PRECONDITION: a later version has written it. Throws SQLite::Exception.
absl::Status PrepareImageSchema(SQLite::Database& database);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_SCHEMA_H_
