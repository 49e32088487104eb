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
// As upkeep::Run, for the SQLite database; of PostgreSQL INVALID_ARGUMENT.
std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_UPKEEP_H_
