#include "services/gateway/circuit_breaker.h"

namespace broadsheet::gateway {

bool CircuitBreaker::Allow(absl::Time now) {
  std::lock_guard lock(mutex_);
  if (failures_ < options_.failures_to_open) return true;
  if (now < open_until_ || trying_) return false;
  trying_ = true;
  return true;
}

bool CircuitBreaker::Succeeded() {
  std::lock_guard lock(mutex_);
  const bool was_open = failures_ >= options_.failures_to_open;
  failures_ = 0;
  trying_ = false;
  return was_open;
}

bool CircuitBreaker::Failed(absl::Time now) {
  std::lock_guard lock(mutex_);
  const bool was_open = failures_ >= options_.failures_to_open;
  trying_ = false;
  if (failures_ < options_.failures_to_open) ++failures_;
  if (failures_ == options_.failures_to_open) open_until_ = now + options_.open_for;
  return !was_open && failures_ >= options_.failures_to_open;
}

void CircuitBreaker::Abandoned() {
  std::lock_guard lock(mutex_);
  trying_ = false;
}

bool CircuitBreaker::tripped() const {
  std::lock_guard lock(mutex_);
  return failures_ >= options_.failures_to_open;
}

bool CircuitBreaker::open(absl::Time now) const {
  std::lock_guard lock(mutex_);
  return failures_ >= options_.failures_to_open && (now < open_until_ || trying_);
}

}  // namespace broadsheet::gateway
