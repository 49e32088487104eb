#ifndef BROADSHEET_LIBS_HTTP_PACE_H_
#define BROADSHEET_LIBS_HTTP_PACE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "absl/time/time.h"

namespace broadsheet::http {

// How far a client is behind with taking what it is sent. Each second puts it a second behind, each byte it
// takes makes up for the time in which it had to be taken. Nobody gets ahead: what is swallowed at once, into
// buffers perhaps, buys no time later. Kept by the sweep alone, so writing costs nothing.
class Pace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Pace(TimePoint began) : checked_(began) {}

  // `taken` bytes came since the last call, of which `rate` a second are asked for. Where that is 0, any byte
  // makes up for everything.
  void Update(std::size_t taken, std::size_t rate, TimePoint now) {
    const absl::Duration passed = absl::FromChrono(now - std::exchange(checked_, now));
    behind_ = MadeUp(behind_ + passed, taken, rate);
    lag_ = MadeUp(lag_ + passed, taken, kRateWhenFull * rate);
  }
  // The time since the last call is not the client's.
  void Skip(TimePoint now) { checked_ = now; }

  // Behind the rate: who is so for too long is given up.
  absl::Duration behind() const { return behind_; }
  // Behind the rate of a reader for whose sake others may be sent away.
  absl::Duration lag() const { return lag_; }

 private:
  // By default 3,840 bytes a second, what the worst of mobile lines gives: who wants every place of a server
  // has to pay for it with traffic that is an attack of another kind.
  static constexpr std::size_t kRateWhenFull = 16;

  static absl::Duration MadeUp(absl::Duration owed, std::size_t taken, std::size_t rate) {
    if (taken == 0) return owed;
    if (rate == 0) return absl::ZeroDuration();
    return std::max(absl::ZeroDuration(),
                    owed - absl::Seconds(static_cast<double>(taken) / static_cast<double>(rate)));
  }

  TimePoint checked_;
  absl::Duration behind_;
  absl::Duration lag_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_PACE_H_
