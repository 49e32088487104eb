#include "services/gateway/gradient_limit.h"

#include <algorithm>

namespace broadsheet::gateway {
namespace {

GradientLimit::Options Consistent(GradientLimit::Options options) {
  options.min = std::min(options.min, options.max);
  options.initial = std::clamp(options.initial, options.min, options.max);
  return options;
}

}  // namespace

GradientLimit::GradientLimit(Options options) : options_(Consistent(options)), limit_(options_.initial) {}

void GradientLimit::OnSample(absl::Duration duration, std::size_t in_flight) {
  const double seconds = std::max(absl::ToDoubleSeconds(duration), 1e-6);
  samples_ = std::min(samples_ + 1, options_.long_window);
  usual_ += (seconds - usual_) / samples_;
  // After a long slow time: come back to what is usual sooner than the window alone would.
  if (usual_ > 2 * seconds) usual_ *= 0.95;
  // What is not asked of it says nothing about what it could do.
  if (static_cast<double>(in_flight) < limit_ / 2) return;
  const double gradient = std::clamp(options_.tolerance * usual_ / seconds, 0.5, 1.0);
  const double wanted = limit_ * gradient + options_.queue;
  limit_ =
      std::clamp(limit_ * (1 - options_.smoothing) + wanted * options_.smoothing, options_.min, options_.max);
}

}  // namespace broadsheet::gateway
