#include "services/gateway/hedge_policy.h"

#include <algorithm>

namespace broadsheet::gateway {

absl::Duration HedgePolicy::OnCall() {
  std::lock_guard lock(mutex_);
  tokens_ = std::min(tokens_ + options_.extra, options_.max_tokens);
  return tokens_ >= 1 ? delay_ : absl::InfiniteDuration();
}

bool HedgePolicy::TakeToken() {
  std::lock_guard lock(mutex_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void HedgePolicy::OnLatency(absl::Duration latency) {
  std::lock_guard lock(mutex_);
  latest_[samples_++ % kWindow] = latency;
  if (samples_ >= options_.min_samples && (samples_ % kStride == 0 || delay_ == absl::InfiniteDuration()))
    Look();
}

void HedgePolicy::Look() {
  const std::size_t known = std::min(samples_, kWindow);
  std::array<absl::Duration, kWindow> sorted = latest_;
  const std::size_t place = known * 95 / 100;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(place),
                   sorted.begin() + static_cast<std::ptrdiff_t>(known));
  delay_ = std::max(sorted[place], options_.min_delay);
}

}  // namespace broadsheet::gateway
