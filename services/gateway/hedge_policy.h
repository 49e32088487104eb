#ifndef BROADSHEET_SERVICES_GATEWAY_HEDGE_POLICY_H_
#define BROADSHEET_SERVICES_GATEWAY_HEDGE_POLICY_H_

#include <array>
#include <cstddef>
#include <mutex>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// When a call that is not answered yet is made a second time (hedged requests: Dean and Barroso, "The Tail at
// Scale", CACM 56(2), 2013): once it has taken longer than nineteen of twenty calls did lately, and never for
// more than a given part of all calls, so that a service that is slow altogether is not asked twice as much.
// Of one method. Thread-safe.
class HedgePolicy {
 public:
  struct Options {
    double extra = 0.05;           // second attempts per call
    double max_tokens = 10;        // second attempts saved up at most
    std::size_t min_samples = 50;  // before that nobody knows what is slow
    absl::Duration min_delay = absl::Milliseconds(1);
  };

  explicit HedgePolicy(Options options) : options_(options) {}

  // A call begins: how long to wait for it before a second attempt. Infinite: do not make one.
  absl::Duration OnCall();
  // Right before the second attempt: whether it may be made. Call once per attempt.
  bool TakeToken();
  // An attempt was answered, or given up, after `latency`.
  void OnLatency(absl::Duration latency);

 private:
  static constexpr std::size_t kWindow = 256;  // latest latencies looked at
  static constexpr std::size_t kStride = 16;   // new ones before they are looked at again

  void Look();

  const Options options_;
  std::mutex mutex_;
  double tokens_ = 0;  // this and all below are guarded by mutex_
  std::array<absl::Duration, kWindow> latest_;
  std::size_t samples_ = 0;
  absl::Duration delay_ = absl::InfiniteDuration();
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_HEDGE_POLICY_H_
