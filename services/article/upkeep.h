#ifndef BROADSHEET_SERVICES_ARTICLE_UPKEEP_H_
#define BROADSHEET_SERVICES_ARTICLE_UPKEEP_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::article {

// What operators ask of the data instead of a service.
struct Upkeep {
  std::string data;      // the folder
  std::string database;  // of PostgreSQL: refused, it has tools of its own
  std::string backup;    // a file to copy the database to; empty: not asked for
  bool new_log_id = false;
};

// Does what is asked for, and says so in a few words; nothing if nothing is.
//
// A backup is the SQLite database as it was at one commit, whether a service uses it or not; writes go on
// meanwhile. The file is on disk when this returns, and appears complete or not at all. Another id of the log
// is for after a restore, when positions would be used twice: every follower begins anew.
//
// INVALID_ARGUMENT: both are asked for, or PostgreSQL. NOT_FOUND: the folder has no database. ALREADY_EXISTS:
// the file of the backup. FAILED_PRECONDITION: a new id while a service uses the folder. UNAVAILABLE: what
// the disk or the database says.
std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_UPKEEP_H_
