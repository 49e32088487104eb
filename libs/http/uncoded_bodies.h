#ifndef BROADSHEET_LIBS_HTTP_UNCODED_BODIES_H_
#define BROADSHEET_LIBS_HTTP_UNCODED_BODIES_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace broadsheet::http {

// The uncoded bytes of contents that keep their codings alone (Content::Parts::uncoded): those asked for of
// late stay at hand, the others are unpacked again when somebody asks. Bounded by bytes. Thread-safe; bodies
// may outlive it.
//
// Evicts by CLOCK (Corbató, 1968): in the order in which they came, but what was asked for since has one more
// round.
class UncodedBodies {
 public:
  // For whom a body is unpacked: for anybody who asks, or for those who are known, and to whom alone the last
  // quarter of what may be held is given, so that strangers who read slowly do not take that from them, too.
  enum class Claim { kAnybody, kKnown };

  class Body {
   public:
    Body(std::string content, std::shared_ptr<std::atomic<std::size_t>> living);
    ~Body();
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    const std::string bytes;
    mutable std::atomic<bool> asked_for = false;  // again, since it was looked at last

   private:
    const std::shared_ptr<std::atomic<std::size_t>> living_;
  };

  // Room for nothing means that nothing is kept. Whoever sends a body may hold it longer than it is kept: all
  // that live take `max_held_bytes` more than `max_bytes`.
  explicit UncodedBodies(std::size_t max_bytes, std::size_t max_held_bytes = kMaxHeldBytes)
      : max_bytes_(max_bytes),
        max_living_bytes_(max_bytes + max_held_bytes),
        max_living_for_anybody_(max_living_bytes_ - max_held_bytes / 4) {}
  static constexpr std::size_t kMaxHeldBytes = 256u << 20;

  // Whether a body of that size would be kept now: to be asked before it is unpacked.
  bool HasRoomFor(std::size_t bytes, Claim claim) const;
  // Whether so little is held that nobody need wait for others to be done.
  bool has_plenty_of_room() const { return *living_ <= max_living_for_anybody_ / 2; }
  // Kept as long as there is room, by whoever holds the result beyond that. Null: too much is held.
  std::shared_ptr<const Body> Keep(std::string bytes, Claim claim = Claim::kAnybody);

  // Kept here; kept or held by anybody.
  std::size_t bytes() const;
  std::size_t living_bytes() const { return *living_; }

 private:
  void MakeRoom();

  const std::size_t max_bytes_;
  const std::size_t max_living_bytes_;
  const std::size_t max_living_for_anybody_;
  const std::shared_ptr<std::atomic<std::size_t>> living_ = std::make_shared<std::atomic<std::size_t>>(0);
  mutable std::mutex mutex_;                      // guards all below
  std::deque<std::shared_ptr<const Body>> kept_;  // oldest first
  std::size_t bytes_ = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_UNCODED_BODIES_H_
