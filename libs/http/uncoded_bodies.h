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
// late stay at hand, the others are unpacked again when somebody asks. Bounded by bytes. Thread-safe.
//
// Evicts by CLOCK (Corbató, 1968): in the order in which they came, but what was asked for since has one more
// round.
class UncodedBodies {
 public:
  struct Body {
    std::string bytes;
    mutable std::atomic<bool> asked_for = false;  // since it was looked at last
  };

  // Room for nothing means that nothing is kept.
  explicit UncodedBodies(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Kept as long as there is room, by whoever holds the result beyond that.
  std::shared_ptr<const Body> Keep(std::string bytes);

  // Held here.
  std::size_t bytes() const;

 private:
  void MakeRoom();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;                      // guards all below
  std::deque<std::shared_ptr<const Body>> kept_;  // oldest first
  std::size_t bytes_ = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_UNCODED_BODIES_H_
