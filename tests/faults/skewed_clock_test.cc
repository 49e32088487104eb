#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

std::int64_t Read(ClockGettime read, clockid_t clock) {
  timespec now{};
  EXPECT_EQ(read(clock, &now), 0);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// A reading of the skewed clock, and the right time before and after it.
struct Reading {
  std::int64_t before;
  std::int64_t skewed;
  std::int64_t after;
};

// The library as a process that preloads it has it, at half speed.
class SkewedClock : public ::testing::Test {
 protected:
  SkewedClock() {
    setenv("BROADSHEET_CLOCK_SPEED", "0.5", 1);
    library_ = dlopen(SKEWED_CLOCK_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) std::abort();
    skewed_ = reinterpret_cast<ClockGettime>(dlsym(library_, "clock_gettime"));
    if (skewed_ == nullptr) std::abort();
  }
  ~SkewedClock() override { dlclose(library_); }

  Reading ReadAll(clockid_t clock) const {
    return {Read(clock_gettime, clock), Read(skewed_, clock), Read(clock_gettime, clock)};
  }

  void* library_;
  ClockGettime skewed_;
};

TEST_F(SkewedClock, RunsAsFastAsItIsTold) {
  const Reading first = ReadAll(CLOCK_BOOTTIME);
  Reading last = ReadAll(CLOCK_BOOTTIME);
  while (last.after - first.before < 5'000'000) last = ReadAll(CLOCK_BOOTTIME);
  EXPECT_GE(last.skewed - first.skewed, (last.before - first.after) / 2 - 1);
  EXPECT_LE(last.skewed - first.skewed, (last.after - first.before) / 2 + 1);
}

TEST_F(SkewedClock, NeverGoesBack) {
  std::int64_t before = Read(skewed_, CLOCK_BOOTTIME);
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t now = Read(skewed_, CLOCK_BOOTTIME);
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST_F(SkewedClock, LeavesEveryOtherClockAlone) {
  for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    const Reading reading = ReadAll(clock);
    EXPECT_GE(reading.skewed, reading.before);
    EXPECT_LE(reading.skewed, reading.after);
  }
}

}  // namespace
}  // namespace broadsheet::faults
