#ifndef BROADSHEET_SERVICES_GATEWAY_STEADY_TIME_H_
#define BROADSHEET_SERVICES_GATEWAY_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// A time since an arbitrary moment, for what must neither last for ever nor end at once when somebody sets
// the clock. Never to be compared with absl::Now(). Thread-safe.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_STEADY_TIME_H_
