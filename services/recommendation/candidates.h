#ifndef BROADSHEET_SERVICES_RECOMMENDATION_CANDIDATES_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_CANDIDATES_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/recommendation/ranking.h"
#include "services/recommendation/term_index.h"

namespace broadsheet::recommendation {

// The stories that an answer may name, each once, and what ties them to the story asked about.
class Candidates {
 public:
  struct Candidate {
    Slot slot;
    Signals signals;
  };

  // Those at `excluded` are never among them.
  explicit Candidates(const std::vector<Slot>& excluded) {
    places_.reserve(kUsual);
    candidates_.reserve(kUsual);
    for (const Slot slot : excluded) places_[slot] = kExcluded;
  }

  // Of the story at `slot`, which is among them from now on; what is said of an excluded one is forgotten.
  // Holds until the next call.
  Signals& operator[](Slot slot) {
    const auto [place, added] = places_.try_emplace(slot, static_cast<std::uint32_t>(candidates_.size()));
    if (place->second == kExcluded) return ignored_ = Signals();
    if (added) candidates_.push_back({slot, {}});
    return candidates_[place->second].signals;
  }

  std::size_t size() const { return candidates_.size(); }
  std::vector<Candidate>::iterator begin() { return candidates_.begin(); }
  std::vector<Candidate>::iterator end() { return candidates_.end(); }

 private:
  static constexpr std::size_t kUsual = 600;
  static constexpr std::uint32_t kExcluded = std::numeric_limits<std::uint32_t>::max();

  absl::flat_hash_map<Slot, std::uint32_t> places_;  // in candidates_
  std::vector<Candidate> candidates_;
  Signals ignored_;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_CANDIDATES_H_
