#include "services/media/upkeep.h"

#include "libs/upkeep/upkeep.h"

namespace broadsheet::media {

std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep) {
  return broadsheet::upkeep::Run({.service = "media",
                                  .folder = upkeep.data,
                                  .file = "media.db",
                                  .lock = "media.lock",
                                  .log_table = "change_log"},
                                 {.backup = upkeep.backup, .new_log_id = upkeep.new_log_id});
}

}  // namespace broadsheet::media
