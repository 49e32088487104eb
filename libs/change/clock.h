#ifndef BROADSHEET_LIBS_CHANGE_CLOCK_H_
#define BROADSHEET_LIBS_CHANGE_CLOCK_H_

#include "absl/time/time.h"

namespace broadsheet::change {

// What leases are measured with: time since an arbitrary start, never going back. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Duration Now() const = 0;

  // CLOCK_BOOTTIME: unlike other monotonic clocks it goes on while the machine is suspended, so that a
  // follower never believes in a lease that ended meanwhile. Lives for ever.
  static const Clock& Boot();
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_CLOCK_H_
