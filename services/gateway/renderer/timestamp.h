#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TIMESTAMP_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TIMESTAMP_H_

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace broadsheet::gateway {

inline absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TIMESTAMP_H_
