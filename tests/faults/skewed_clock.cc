// For LD_PRELOAD: lets the process's CLOCK_BOOTTIME, which leases are measured with, run at the speed that
// BROADSHEET_CLOCK_SPEED names (1.005: half a per cent fast), counted from its first reading. No other clock
// is touched: embargoes, deadlines and log lines go by the right time.

#include <dlfcn.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

using ClockGettime = int (*)(clockid_t, timespec*);

ClockGettime Next() {
  static const auto next = reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
  return next;
}

double Speed() {
  static const double speed = [] {
    const char* const text = std::getenv("BROADSHEET_CLOCK_SPEED");
    return text == nullptr ? 1.0 : std::atof(text);
  }();
  return speed;
}

std::int64_t Skewed(std::int64_t nanos) {
  static std::atomic<std::int64_t> first = 0;
  std::int64_t begin = 0;
  if (first.compare_exchange_strong(begin, nanos)) begin = nanos;
  return begin + static_cast<std::int64_t>(static_cast<double>(nanos - begin) * Speed());
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = Next()(clock, time);
  if (clock != CLOCK_BOOTTIME || result != 0) return result;
  const std::int64_t nanos = Skewed(time->tv_sec * kNanosPerSecond + time->tv_nsec);
  time->tv_sec = nanos / kNanosPerSecond;
  time->tv_nsec = nanos % kNanosPerSecond;
  return 0;
}
