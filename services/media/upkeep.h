#ifndef BROADSHEET_SERVICES_MEDIA_UPKEEP_H_
#define BROADSHEET_SERVICES_MEDIA_UPKEEP_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::media {

// What operators ask of the data instead of a service.
struct Upkeep {
  std::string data;    // the folder
  std::string backup;  // a file to copy the database to; empty: not asked for
  bool new_log_id = false;
};

// Does what is asked for, and says so in a few words; nothing if nothing is.
//
// As upkeep::Run, for the database of records. Its pictures are files beside it, to be copied afterwards.
std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_UPKEEP_H_
