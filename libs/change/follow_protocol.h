#ifndef BROADSHEET_LIBS_CHANGE_FOLLOW_PROTOCOL_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOW_PROTOCOL_H_

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change_service.pb.h"
#include "libs/change/clock.h"
#include "libs/change/follow_call.h"
#include "libs/change/follower_memory.h"

namespace broadsheet::change {

// The follower's side of the protocol for one stream: applies changes in order, acknowledges them, asks for
// leases. Driven by one thread; knows nothing of networks.
class FollowProtocol final : public FollowCall::Protocol {
 public:
  // What happens on the way, in this order. All must be set.
  struct Events {
    std::function<void()> connected;  // the source has answered
    std::function<void(const std::string& log_id, std::int64_t floor)> reset;
    std::function<void(const v1::Change&)> change;  // noted, not yet acknowledged
    std::function<void()> caught_up;  // everything up to the answer has been applied, for the first time
  };

  FollowProtocol(const Clock& clock, FollowerMemory& memory, v1::FollowRequest::Start start, bool take_lease,
                 Events events)
      : clock_(clock),
        memory_(memory),
        start_(std::move(start)),
        take_lease_(take_lease),
        events_(std::move(events)) {}

  bool NextRequest(v1::FollowRequest& request) override;
  grpc::Status OnResponse(const v1::FollowResponse& response) override;
  std::chrono::system_clock::time_point NextTimer() override;
  grpc::Status OnTimer() override;

  bool answered() const { return answered_; }

 private:
  absl::Duration Now() const { return clock_.Now(); }
  grpc::Status Begin(const v1::FollowResponse& response);
  grpc::Status Apply(const v1::FollowResponse& response);
  void TakeLease(const v1::FollowResponse::Lease& lease);
  void CaughtUp(std::optional<absl::Duration> lease_ends);
  bool RenewalDue() const { return take_lease_ && renewal_answered_ && Now() >= next_renewal_; }
  absl::Duration PatienceEnds() const;

  const Clock& clock_;
  FollowerMemory& memory_;
  const v1::FollowRequest::Start start_;
  const bool take_lease_;
  const Events events_;

  bool sent_start_ = false;
  bool answered_ = false;
  bool caught_up_ = false;
  std::int64_t acknowledged_ = 0;
  std::int64_t renewal_ = 0;  // sequence of the last renewal asked for
  bool renewal_answered_ = true;
  absl::Duration asked_;  // when it was, or the beginning of the log
  absl::Duration next_renewal_;
  absl::Duration lease_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOW_PROTOCOL_H_
