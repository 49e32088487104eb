#include "services/article/upkeep.h"

#include "absl/status/status.h"
#include "libs/upkeep/upkeep.h"

namespace broadsheet::article {

std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep) {
  if (!upkeep.database.empty() && (upkeep.new_log_id || !upkeep.backup.empty())) {
    return absl::InvalidArgumentError(
        "--backup and --new_log_id are for --data: of PostgreSQL the README says what to do");
  }
  return broadsheet::upkeep::Run({.service = "article",
                                  .folder = upkeep.data,
                                  .file = "article.sqlite",
                                  .lock = "article.lock",
                                  .log_table = "log"},
                                 {.backup = upkeep.backup, .new_log_id = upkeep.new_log_id});
}

}  // namespace broadsheet::article
