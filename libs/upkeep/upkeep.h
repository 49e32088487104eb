#ifndef BROADSHEET_LIBS_UPKEEP_UPKEEP_H_
#define BROADSHEET_LIBS_UPKEEP_UPKEEP_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::upkeep {

// The SQLite database of a service that keeps a change log in it.
struct Database {
  std::string service;    // whose it is, such as "article"
  std::string folder;     // where it lies
  std::string file;       // its name there
  std::string lock;       // the name there of what rpc::FolderLock keeps others out with
  std::string log_table;  // the table whose only row has the log's `log_id`
};

// What an operator asks of it.
struct Wanted {
  std::string backup = {};  // a file to copy it to; empty: not asked for
  bool new_log_id = false;
};

// Does what is asked for, and says so in a few words; nothing if nothing is.
//
// A backup is the database as it was at one commit, whether a service uses it or not; writes go on meanwhile.
// The file is on disk when this returns, and appears complete or not at all; `FILE.part` is beside it until
// then. Another id of the log is for after a restore, when positions would be used twice: every follower
// begins anew.
//
// INVALID_ARGUMENT: both are asked for. NOT_FOUND: the folder has no database. ALREADY_EXISTS: the file of
// the backup. FAILED_PRECONDITION: a new id while a service uses the folder, or a backup while another one is
// made into the same file. UNAVAILABLE: what the disk or the database says.
std::optional<absl::StatusOr<std::string>> Run(const Database& database, const Wanted& wanted);

}  // namespace broadsheet::upkeep

#endif  // BROADSHEET_LIBS_UPKEEP_UPKEEP_H_
