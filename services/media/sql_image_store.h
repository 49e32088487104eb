#ifndef BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_STORE_H_
#define BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/change/change_log.h"
#include "services/media/image_store.h"

namespace broadsheet::media {

struct SqlImageStoreOptions {
  std::string path;  // of the database file; made if absent
  int readers = 8;   // connections for reading at a time; further readers wait, then UNAVAILABLE
  // Beside those, for the change log: however many read, they must not end the leases of followers.
  int log_readers = 2;
  absl::Duration reader_wait = absl::Seconds(2);
  // The log keeps at least this many of the newest changes.
  std::int64_t kept_changes = 200'000;
};

// An ImageStore in SQLite (WAL, synchronous=FULL), and the change log of the same database.
class SqlImageStore : public ImageStore, public change::ChangeLog {
 public:
  // UNAVAILABLE: it cannot be opened. FAILED_PRECONDITION: it was written by a later version of the program.
  static absl::StatusOr<std::unique_ptr<SqlImageStore>> Open(const SqlImageStoreOptions& options);
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_SQL_IMAGE_STORE_H_
