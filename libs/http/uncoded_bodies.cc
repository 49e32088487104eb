#include "libs/http/uncoded_bodies.h"

#include <utility>

namespace broadsheet::http {
namespace {

constexpr std::size_t kOverhead = 128;  // control block, slot, allocator

std::size_t CostOf(const UncodedBodies::Body& body) { return body.bytes.capacity() + kOverhead; }

}  // namespace

UncodedBodies::Body::Body(std::string content, std::shared_ptr<std::atomic<std::size_t>> living)
    : bytes(std::move(content)), living_(std::move(living)) {
  *living_ += CostOf(*this);
}

UncodedBodies::Body::~Body() { *living_ -= CostOf(*this); }

bool UncodedBodies::HasRoomFor(std::size_t bytes, Claim claim) const {
  return *living_ + bytes <= (claim == Claim::kKnown ? max_living_bytes_ : max_living_for_anybody_);
}

std::shared_ptr<const UncodedBodies::Body> UncodedBodies::Keep(std::string bytes, Claim claim) {
  if (!HasRoomFor(bytes.capacity(), claim)) return nullptr;
  auto body = std::make_shared<const Body>(std::move(bytes), living_);
  if (CostOf(*body) > max_bytes_) return body;
  std::lock_guard lock(mutex_);
  kept_.push_back(body);
  bytes_ += CostOf(*body);
  MakeRoom();
  return body;
}

// Ends: the newcomer has not been asked for again, as nobody knows it yet, and alone it fits.
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
