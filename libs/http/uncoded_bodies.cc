#include "libs/http/uncoded_bodies.h"

#include <utility>

namespace broadsheet::http {
namespace {

constexpr std::size_t kOverhead = 128;  // control block, slot, allocator

std::size_t CostOf(const UncodedBodies::Body& body) { return body.bytes.capacity() + kOverhead; }

}  // namespace

std::shared_ptr<const UncodedBodies::Body> UncodedBodies::Keep(std::string bytes) {
  auto body = std::make_shared<Body>();
  body->bytes = std::move(bytes);
  if (CostOf(*body) > max_bytes_) return body;
  std::lock_guard lock(mutex_);
  kept_.push_back(body);
  bytes_ += CostOf(*body);
  MakeRoom();
  return body;
}

// Ends: each body is spared once at most, and one alone fits.
void UncodedBodies::MakeRoom() {
  while (bytes_ > max_bytes_) {
    std::shared_ptr<const Body> oldest = std::move(kept_.front());
    kept_.pop_front();
    if (oldest->asked_for.exchange(false, std::memory_order_relaxed)) {
      kept_.push_back(std::move(oldest));
    } else {
      bytes_ -= CostOf(*oldest);
    }
  }
}

std::size_t UncodedBodies::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace broadsheet::http
