#ifndef BROADSHEET_TESTS_FAULTS_STALE_FRONT_H_
#define BROADSHEET_TESTS_FAULTS_STALE_FRONT_H_

#include <memory>

#include "absl/time/time.h"

namespace broadsheet::faults {

// What the suite promises not to be: an HTTP/1.1 cache that keeps every answer for a fixed time, whatever has
// been published meanwhile. Stands in front of a gateway to show that the checker finds stale answers. Only
// GET without a body; conditions and codings asked for are not passed on. Has a thread of its own.
class StaleFront {
 public:
  // Listens on a free port of the loopback, asks `port` of it. Ends the program if it cannot listen.
  StaleFront(int port, absl::Duration keeps);
  ~StaleFront();
  StaleFront(const StaleFront&) = delete;
  StaleFront& operator=(const StaleFront&) = delete;

  int port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_STALE_FRONT_H_
