#include "libs/change/follow_protocol.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace broadsheet::change {
namespace {

// Without an answer to a renewal for this long, and three leases, the stream is taken for dead.
constexpr absl::Duration kMinSilence = absl::Seconds(1);
// The two clocks may run at different speeds; crystals differ by less than a thousandth.
constexpr double kClockMargin = 0.99;
constexpr absl::Duration kNothingDue = absl::Seconds(5);
// For the first answer, which the source may have to look up in its log.
constexpr absl::Duration kFirstAnswer = absl::Seconds(10);

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

bool FollowProtocol::NextRequest(v1::FollowRequest& request) {
  if (!std::exchange(sent_start_, true)) {
    *request.mutable_start() = start_;
    asked_ = Now();
    return true;
  }
  if (!answered_) return false;
  const std::int64_t applied = memory_.position().position;
  const bool renew = RenewalDue();
  if (!renew && applied <= acknowledged_) return false;
  acknowledged_ = applied;
  request.mutable_progress()->set_applied_position(applied);
  if (renew) {
    renewal_answered_ = false;
    asked_ = Now();  // the lease runs from here: before the server can have seen the question
    request.mutable_progress()->set_renewal_sequence(++renewal_);
  }
  return true;
}

grpc::Status FollowProtocol::OnResponse(const v1::FollowResponse& response) {
  if (!std::exchange(answered_, true)) {
    if (const grpc::Status status = Begin(response); !status.ok()) return status;
  }
  if (const grpc::Status status = Apply(response); !status.ok()) return status;
  if (response.has_lease()) TakeLease(response.lease());
  if (!take_lease_) CaughtUp(std::nullopt);
  return grpc::Status::OK;
}

grpc::Status FollowProtocol::Begin(const v1::FollowResponse& response) {
  if (response.log_id().empty()) return {grpc::StatusCode::INTERNAL, "the source names no log"};
  events_.connected();
  const bool resumed = start_.log_id() == response.log_id();
  // Known already: goes on where it stopped. Otherwise a follower that stored its position elsewhere knows,
  // after all, what comes after it.
  if (resumed && memory_.position().log_id == response.log_id()) return grpc::Status::OK;
  memory_.Reset(response.log_id(), response.floor_position());
  if (!resumed) events_.reset(response.log_id(), response.floor_position());
  return grpc::Status::OK;
}

grpc::Status FollowProtocol::Apply(const v1::FollowResponse& response) {
  std::int64_t position = memory_.position().position;
  for (const v1::Change& change : response.changes()) {
    if (change.position() != position + 1) {
      return {grpc::StatusCode::DATA_LOSS, absl::StrCat("change ", change.position(), " follows ", position)};
    }
    position = change.position();
    memory_.Note(change);
    events_.change(change);
    memory_.Applied(position);
  }
  if (response.position() != position) {
    return {grpc::StatusCode::DATA_LOSS,
            absl::StrCat("the source is at ", response.position(), ", its changes lead to ", position)};
  }
  return grpc::Status::OK;
}

void FollowProtocol::TakeLease(const v1::FollowResponse::Lease& lease) {
  if (lease.renewal_sequence() != renewal_ || renewal_answered_) return;
  renewal_answered_ = true;
  lease_ = std::clamp(FromProto(lease.duration()), absl::ZeroDuration(), absl::Seconds(10));
  next_renewal_ = asked_ + lease_ / 3;
  CaughtUp(asked_ + lease_ * kClockMargin);
}

// Whoever is told of it finds the lease in force.
void FollowProtocol::CaughtUp(std::optional<absl::Duration> lease_ends) {
  const bool first = !std::exchange(caught_up_, true);
  if (first) memory_.CaughtUp();
  if (lease_ends) memory_.SetLease(*lease_ends);
  if (first) events_.caught_up();
}

// Infinite: nothing was asked that is not answered.
absl::Duration FollowProtocol::PatienceEnds() const {
  if (!answered_) return sent_start_ ? asked_ + kFirstAnswer : absl::InfiniteDuration();
  if (!take_lease_ || renewal_answered_) return absl::InfiniteDuration();
  return asked_ + std::max(kMinSilence, 3 * lease_);
}

std::chrono::system_clock::time_point FollowProtocol::NextTimer() {
  const bool renewing = answered_ && take_lease_ && renewal_answered_;
  const absl::Duration due = (renewing ? next_renewal_ : PatienceEnds()) - Now();
  return std::chrono::system_clock::now() +
         absl::ToChronoMicroseconds(std::clamp(due, absl::ZeroDuration(), kNothingDue));
}

grpc::Status FollowProtocol::OnTimer() {
  if (Now() >= PatienceEnds()) {
    return {grpc::StatusCode::UNAVAILABLE, "the source does not answer"};
  }
  return grpc::Status::OK;
}

}  // namespace broadsheet::change
