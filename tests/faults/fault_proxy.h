#ifndef BROADSHEET_TESTS_FAULTS_FAULT_PROXY_H_
#define BROADSHEET_TESTS_FAULTS_FAULT_PROXY_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace broadsheet::faults {

// A TCP proxy on the loopback that can break what passes through it. It knows nothing of what that is. Has a
// thread of its own; thread-safe.
class FaultProxy {
 public:
  enum class Mode {
    kPass,
    kReset,              // connections, present and new, are reset
    kBlackHole,          // nothing passes, nothing ends; what was sent meanwhile arrives when it is over
    kBlackHoleRequests,  // the same, but only from the client to the server
    kBlackHoleAnswers,   // the same, but only from the server to the client
    kDelay,              // every piece is held back for a while, in both directions
    kGarbage,            // bytes from the server arrive changed
  };
  // "pass", "reset", "black_hole", "black_hole_requests", "black_hole_answers", "delay", "garbage".
  static std::optional<Mode> ParseMode(std::string_view name);

  // Listens on a free port of the loopback and passes to `port` of it. Ends the program if it cannot.
  explicit FaultProxy(int port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const;

  // In force when it returns. `delay` is only for kDelay: that of each part, however many are on their way.
  void SetMode(Mode mode, absl::Duration delay = absl::ZeroDuration());

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_FAULT_PROXY_H_
