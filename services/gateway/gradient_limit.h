#ifndef BROADSHEET_SERVICES_GATEWAY_GRADIENT_LIMIT_H_
#define BROADSHEET_SERVICES_GATEWAY_GRADIENT_LIMIT_H_

#include <cstddef>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// How much may be under way at a time, found out by what it costs: while work takes as long as it usually
// does the limit grows, when it takes longer (it queues somewhere) the limit shrinks in proportion. Netflix'
// Gradient2 (github.com/Netflix/concurrency-limits, Gradient2Limit). Not thread-safe.
class GradientLimit {
 public:
  struct Options {
    double initial = 128;
    double min = 16;
    double max = 512;
    double tolerance = 2;      // times the usual duration that is still taken for usual
    double smoothing = 0.2;    // part of the way to a new limit that one sample goes
    double queue = 4;          // that much may wait: how the limit grows
    double long_window = 600;  // samples that make up what is usual
  };

  // `min` and `initial` beyond `max` count as `max`.
  explicit GradientLimit(Options options);

  // Something ended after `duration`, when `in_flight`, itself included, were under way.
  void OnSample(absl::Duration duration, std::size_t in_flight);

  std::size_t limit() const { return static_cast<std::size_t>(limit_); }

 private:
  const Options options_;
  double limit_;
  double usual_ = 0;  // seconds; 0: no sample yet
  double samples_ = 0;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GRADIENT_LIMIT_H_
