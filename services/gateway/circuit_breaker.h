#ifndef BROADSHEET_SERVICES_GATEWAY_CIRCUIT_BREAKER_H_
#define BROADSHEET_SERVICES_GATEWAY_CIRCUIT_BREAKER_H_

#include <mutex>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// Spares readers the wait for a service that does not answer: after some failures in a row calls are refused
// for a while, then one is let through to see. Times are of a clock that is never set (SteadyNow).
// Thread-safe.
class CircuitBreaker {
 public:
  struct Options {
    int failures_to_open = 5;  // in a row; at least 1
    absl::Duration open_for = absl::Milliseconds(500);
  };

  explicit CircuitBreaker(Options options) : options_(options) {}

  // Whether to make a call now. After true, say how it went: Succeeded, Failed or Abandoned.
  bool Allow(absl::Time now);
  bool Succeeded();             // whether that closed it
  bool Failed(absl::Time now);  // whether that opened it
  // The call ended without telling anything of the service, for example because nobody wanted the answer any
  // more.
  void Abandoned();

  // Whether Allow would refuse now.
  bool open(absl::Time now) const;
  // Whether no call has succeeded since it opened.
  bool tripped() const;

 private:
  const Options options_;
  mutable std::mutex mutex_;
  int failures_ = 0;
  absl::Time open_until_ = absl::InfinitePast();
  bool trying_ = false;  // open, and the one call that finds out is in flight
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_CIRCUIT_BREAKER_H_
