#ifndef BROADSHEET_LIBS_CHANGE_MANUAL_CLOCK_TESTING_H_
#define BROADSHEET_LIBS_CHANGE_MANUAL_CLOCK_TESTING_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "libs/change/clock.h"

namespace broadsheet::change {

// A clock that stands still until it is told. Thread-safe.
class ManualClock final : public Clock {
 public:
  absl::Duration Now() const override { return absl::Nanoseconds(now_.load()); }
  void Advance(absl::Duration by) { now_ += absl::ToInt64Nanoseconds(by); }

 private:
  std::atomic<std::int64_t> now_ = 1'000'000'000;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_MANUAL_CLOCK_TESTING_H_
