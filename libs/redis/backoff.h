#ifndef BROADSHEET_LIBS_REDIS_BACKOFF_H_
#define BROADSHEET_LIBS_REDIS_BACKOFF_H_

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace broadsheet::redis {

// How long to wait before the next attempt: `min` at first, twice as long each time up to `max`, each time a
// random part of it, at least half, so that clients that lost the same server do not return together.
class Backoff {
 public:
  Backoff(absl::Duration min, absl::Duration max) : min_(min), max_(max) {}
  absl::Duration Next() {
    const absl::Duration pause = std::min(min_ * (1 << std::min(attempts_++, 10)), max_);
    return pause * std::uniform_real_distribution<double>(0.5, 1)(random_);
  }
  void Reset() { attempts_ = 0; }

 private:
  const absl::Duration min_;
  const absl::Duration max_;
  int attempts_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_BACKOFF_H_
