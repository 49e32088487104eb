#include "services/gateway/readiness.h"

#include <utility>

namespace broadsheet::gateway {

Readiness::Readiness(bool waits_for_pages, std::function<void(bool ready)> tell)
    : tell_(std::move(tell)), has_pages_(!waits_for_pages) {}

void Readiness::HasPages() { Change(has_pages_); }

void Readiness::DoorsOpen() { Change(doors_open_); }

void Readiness::Draining() { Change(draining_); }

bool Readiness::ready() const {
  std::lock_guard lock(mutex_);
  return ready_;
}

// Told with the lock held: whoever has been told that it drains is not told otherwise after that.
void Readiness::Change(bool& what) {
  std::lock_guard lock(mutex_);
  what = true;
  const bool ready = has_pages_ && doors_open_ && !draining_;
  if (std::exchange(ready_, ready) != ready) tell_(ready);
}

}  // namespace broadsheet::gateway
