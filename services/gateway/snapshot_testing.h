#ifndef BROADSHEET_SERVICES_GATEWAY_SNAPSHOT_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_SNAPSHOT_TESTING_H_

#include <cstdint>
#include <string>

#include "broadsheet/change/v1/change.pb.h"

namespace broadsheet::gateway {

// For tests: what an answer says that it was read from.
inline change::v1::Snapshot SnapshotAt(const std::string& log_id, std::int64_t position) {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(log_id);
  snapshot.set_position(position);
  return snapshot;
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_SNAPSHOT_TESTING_H_
