#ifndef BROADSHEET_LIBS_CHANGE_CHANGE_LOG_H_
#define BROADSHEET_LIBS_CHANGE_CHANGE_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broadsheet/change/v1/change.pb.h"

namespace broadsheet::change {

// The change log of a source, as its owner stores it. The publisher reads it from threads of its own;
// thread-safe.
class ChangeLog {
 public:
  virtual ~ChangeLog() = default;

  // Chosen at random when the storage was created or replaced (a restored backup counts), constant meanwhile.
  virtual std::string log_id() const = 0;

  // Position of the newest committed change; 0 if there is none.
  virtual absl::StatusOr<std::int64_t> Head() const = 0;

  // The log holds every change after this position; 0 until old changes are deleted.
  virtual absl::StatusOr<std::int64_t> Floor() const = 0;

  // Committed changes after `after`, oldest first and without gaps: the next `limit` of them, fewer only when
  // the log ends. OUT_OF_RANGE: `after` is below the floor.
  virtual absl::StatusOr<std::vector<v1::Change>> Read(std::int64_t after, int limit) const = 0;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_CHANGE_LOG_H_
