#include "libs/change/clock.h"

#include <ctime>

namespace broadsheet::change {
namespace {

class BootClock final : public Clock {
 public:
  absl::Duration Now() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }
};

}  // namespace

const Clock& Clock::Boot() {
  static const auto& clock = *new BootClock();
  return clock;
}

}  // namespace broadsheet::change
