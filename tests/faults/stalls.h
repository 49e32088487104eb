#ifndef BROADSHEET_TESTS_FAULTS_STALLS_H_
#define BROADSHEET_TESTS_FAULTS_STALLS_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::faults {

// When article did not answer, or the whole machine stood still, though nobody caused it: on machines that
// others use as well it happens. A gateway is cut off then like at any other time. Thread-safe.
class Stalls {
 public:
  // All times as NowNanos has them, `begin` before `end`; in order.
  void Note(std::int64_t begin, std::int64_t end);
  // Whether there was one, or had been one for less than `recovery` before, at some time from `begin` to
  // `end`.
  bool Touch(std::int64_t begin, std::int64_t end, absl::Duration recovery) const;
  // How much time that is in all.
  absl::Duration Total(absl::Duration recovery) const;

 private:
  struct Stall {
    std::int64_t begin;
    std::int64_t end;
  };
  mutable std::mutex mutex_;
  std::vector<Stall> stalls_;
};

class Site;

// Asks article for a little, again and again, until the site stops; notes in `stalls` each time that it was
// silent for longer than a fifth of a second, which is less than gateways wait for it, unless it is known to
// be down.
void WatchArticle(Site& site, Stalls& stalls);

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_STALLS_H_
