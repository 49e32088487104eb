// The followers' side of the publisher: everything here runs with the mutex held.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/duration.pb.h"
#include "libs/change/serving_publisher.h"
#include "libs/rpc/status.h"

namespace broadsheet::change {
namespace {

constexpr int kMaxHistory = 100'000;
constexpr std::size_t kMaxFollowerId = 200;

grpc::Status Invalid(std::string_view field, std::string_view description) {
  return rpc::ToGrpc(rpc::InvalidArgument(field, description));
}

}  // namespace

void ServingPublisher::OnOpened(const std::shared_ptr<FollowStream>& stream) {
  followings_[stream.get()].stream = stream;
  metrics_.followers.Set(static_cast<double>(followings_.size()));
  if (stopping_) {
    stream->End({grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
  } else if (followings_.size() > static_cast<std::size_t>(options_.max_followers)) {
    stream->End({grpc::StatusCode::RESOURCE_EXHAUSTED,
                 absl::StrCat("there are ", options_.max_followers, " followers already")});
  }
}

void ServingPublisher::OnClosed(FollowStream& stream) {
  const auto found = followings_.find(&stream);
  if (found == followings_.end()) return;
  // A stream that broke says nothing about the follower: it may go on using its lease to the end.
  const absl::Duration now = options_.clock->Now();
  std::erase_if(departed_, [&](const auto& holder) { return !holder->Holds(now); });
  if (found->second.holder && found->second.holder->Holds(now)) departed_.push_back(found->second.holder);
  followings_.erase(found);
  metrics_.followers.Set(static_cast<double>(followings_.size()));
}

Following* ServingPublisher::Find(FollowStream& stream) {
  const auto found = followings_.find(&stream);
  return found == followings_.end() || found->second.stream->ended() ? nullptr : &found->second;
}

void ServingPublisher::OnRequest(FollowStream& stream, const v1::FollowRequest& request) {
  Following& following = followings_.at(&stream);
  if (request.has_start()) {
    OnStart(following, request.start());
  } else if (request.has_progress()) {
    OnProgress(following, request.progress());
  } else {
    stream.End(Invalid("message", "must be set"));
  }
}

void ServingPublisher::OnStart(Following& following, const v1::FollowRequest::Start& start) {
  FollowStream& stream = *following.stream;
  if (following.holder) return stream.End(Invalid("start", "only the first message has it"));
  if (start.follower_id().empty() || start.follower_id().size() > kMaxFollowerId) {
    return stream.End(Invalid("start.follower_id", "must have 1 to 200 bytes"));
  }
  if (start.history() < 0 || start.history() > kMaxHistory) {
    return stream.End(Invalid("start.history", "must be 0 to 100,000"));
  }
  if (start.applied_position() < 0 || (start.log_id().empty() && start.applied_position() > 0)) {
    return stream.End(Invalid("start.applied_position", "must be 0 without a log_id, and never negative"));
  }
  following.holder = std::make_shared<LeaseHolder>(start.follower_id(), stream.peer());
  following.start = start;
  ReadLogFor(following);
}

void ServingPublisher::OnProgress(Following& following, const v1::FollowRequest::Progress& progress) {
  FollowStream& stream = *following.stream;
  if (!following.holder) return stream.End(Invalid("start", "the first message must have it"));
  const std::int64_t applied = progress.applied_position();
  if (applied < following.acknowledged) {
    return stream.End(Invalid("progress.applied_position", "must not go back"));
  }
  if (applied > std::max(following.sent, following.start.applied_position())) {
    return stream.End(Invalid("progress.applied_position", "is ahead of what was sent"));
  }
  if (applied > following.acknowledged) {
    following.acknowledged = applied;
    following.holder->Acknowledge(std::max(applied, following.floor));
    acknowledged_.notify_all();
  }
  if (progress.renewal_sequence() == 0) return;
  if (progress.renewal_sequence() <= following.last_renewal) {
    return stream.End(Invalid("progress.renewal_sequence", "must grow with every request"));
  }
  following.renewal_wanted = following.last_renewal = progress.renewal_sequence();
  Advance(following);
}

void ServingPublisher::OnSent(FollowStream& stream) {
  if (Following* following = Find(stream)) Advance(*following);
}

void ServingPublisher::Advance(Following& following) {
  if (!following.joined || following.reading_log || following.stream->sending() ||
      following.stream->ended()) {
    return;
  }
  if (following.sent < recent_.floor()) return ReadLogFor(following);
  v1::FollowResponse message;
  const std::int64_t position = recent_.Fill(following.sent, message);
  if (position == following.sent && position < head_) return;  // the log is being read
  Send(following, std::move(message), position);
}

void ServingPublisher::AdvanceAll() {
  for (auto& [key, following] : followings_) Advance(following);
}

bool ServingPublisher::MayGrant(absl::Duration now) const {
  return !options_.leases_end_by || now + options_.lease <= options_.leases_end_by();
}

void ServingPublisher::Send(Following& following, v1::FollowResponse message, std::int64_t position) {
  // A lease only with everything known to be committed: see WaitForFollowers. Its time is taken first.
  const absl::Duration now = options_.clock->Now();
  const bool grant = following.renewal_wanted > 0 && position >= head_ && MayGrant(now);
  if (message.changes().empty() && !grant && following.answered) return;
  message.set_log_id(log_id_);
  message.set_position(position);
  if (!std::exchange(following.answered, true)) message.set_floor_position(following.floor);
  if (grant) {
    following.holder->Grant(position, now + options_.lease, now);
    auto* lease = message.mutable_lease();
    lease->set_renewal_sequence(std::exchange(following.renewal_wanted, 0));
    lease->mutable_duration()->set_seconds(absl::ToInt64Seconds(options_.lease));
    lease->mutable_duration()->set_nanos(
        static_cast<std::int32_t>(absl::ToInt64Nanoseconds(options_.lease) % 1'000'000'000));
  }
  following.sent = position;
  following.stream->Send(message);
}

}  // namespace broadsheet::change
