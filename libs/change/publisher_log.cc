// The publisher's two readers of the log: one follows its end for all, the other reads what single followers
// lack.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/change/serving_publisher.h"
#include "libs/rpc/status.h"

namespace broadsheet::change {
namespace {

// How often the log is looked at without having been told to, slow followers are looked for, and a log that
// failed is tried again.
constexpr auto kLookAround = std::chrono::seconds(1);
constexpr auto kRetryLog = std::chrono::milliseconds(50);

}  // namespace

void ServingPublisher::LogFailed(const absl::Status& status) {
  metrics_.log_failures.Increment();
  limited_log_.Log("log", telemetry::Severity::kError, "cannot read the change log",
                   {{"source", options_.source}, {"error", status.ToString()}});
}

void ServingPublisher::FollowLog() {
  auto look_around = std::chrono::steady_clock::now() + kLookAround;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    committed_.wait_until(lock, look_around, [this] { return stopping_ || recent_.head() < head_; });
    if (std::chrono::steady_clock::now() >= look_around) {
      lock.unlock();
      LookAround();
      lock.lock();
      look_around = std::chrono::steady_clock::now() + kLookAround;
    }
    if (stopping_ || recent_.head() >= head_) continue;
    const std::int64_t after = recent_.head();
    lock.unlock();
    absl::StatusOr<std::vector<v1::Change>> changes = log_.Read(after, kMaxChangesPerMessage);
    lock.lock();
    absl::Status status = changes.status();
    if (changes.ok() && (changes->empty() || !recent_.Append(*std::move(changes)))) {
      status = absl::InternalError(absl::StrCat("the log does not hold the change after ", after));
    }
    if (!status.ok()) {
      lock.unlock();
      LogFailed(status);
      lock.lock();
      if (absl::IsOutOfRange(status)) SkipToFloor(lock);
      committed_.wait_for(lock, kRetryLog, [this] { return stopping_; });
    }
    RaiseHead(recent_.head());
    AdvanceAll();
  }
}

void ServingPublisher::SkipToFloor(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const absl::StatusOr<std::int64_t> floor = log_.Floor();
  lock.lock();
  if (floor.ok() && *floor > recent_.head()) recent_ = RecentChanges(*floor, options_.recent_changes);
}

void ServingPublisher::LookAround() {
  const absl::StatusOr<std::int64_t> head = log_.Head();
  if (!head.ok()) LogFailed(head.status());
  for (const std::string& peer : DropSlowFollowers(head.ok() ? *head : 0)) {
    limited_log_.Log("slow", telemetry::Severity::kWarning, "dropped a follower that does not read",
                     {{"source", options_.source}, {"peer", peer}});
  }
}

std::vector<std::string> ServingPublisher::DropSlowFollowers(std::int64_t head) {
  std::vector<std::string> peers;
  std::vector<std::shared_ptr<FollowStream>> silent;
  const absl::Time now = absl::Now();
  std::lock_guard lock(mutex_);
  RaiseHead(head);
  for (auto& [key, following] : followings_) {
    FollowStream& stream = *following.stream;
    if (!following.holder && now - following.opened >= options_.silent_follower)
      silent.push_back(following.stream);
    if (!stream.sending() || now - stream.sending_since() < options_.slow_follower) continue;
    metrics_.dropped.Increment();
    peers.push_back(stream.peer());
    stream.Cancel();
  }
  // Not in the loop: one whose queue is closed leaves the list at once.
  const grpc::Status late = rpc::ToGrpc(rpc::InvalidArgument("start", "has not come in time"));
  for (const auto& stream : silent) stream->End(late);
  return peers;
}

void ServingPublisher::ReadLogFor(Following& following) {
  following.reading_log = true;
  backlog_.push_back(following.stream);
  backlog_waits_.notify_one();
}

void ServingPublisher::ServeBacklog() {
  std::unique_lock lock(mutex_);
  while (true) {
    backlog_waits_.wait(lock, [this] { return stopping_ || !backlog_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<FollowStream> stream = std::move(backlog_.front());
    backlog_.pop_front();
    const Following* following = Find(*stream);
    if (following == nullptr) continue;
    const v1::FollowRequest::Start start = following->start;
    const std::int64_t after = following->sent;
    const bool joined = following->joined;
    lock.unlock();
    joined ? SendBacklog(*stream, after) : Join(*stream, start);
    lock.lock();
  }
}

void ServingPublisher::Join(FollowStream& stream, const v1::FollowRequest::Start& start) {
  const absl::StatusOr<std::int64_t> floor = log_.Floor();
  const absl::StatusOr<std::int64_t> head = log_.Head();
  const absl::Status& status = floor.ok() ? head.status() : floor.status();
  if (!status.ok()) LogFailed(status);
  std::lock_guard lock(mutex_);
  Following* following = Find(stream);
  if (following == nullptr) return;
  following->reading_log = false;
  if (!status.ok()) {
    return stream.End({grpc::StatusCode::UNAVAILABLE, "the change log cannot be read"});
  }
  RaiseHead(*head);
  if (start.log_id() == log_id_) {
    if (start.applied_position() > *head) {
      return stream.End(rpc::ToGrpc(rpc::InvalidArgument("start.applied_position", "is ahead of the log")));
    }
    if (start.applied_position() < *floor) {
      return stream.End(
          {grpc::StatusCode::OUT_OF_RANGE, absl::StrCat("the log begins after position ", *floor)});
    }
    following->floor = start.applied_position();
  } else {
    following->floor = std::max(*floor, *head - start.history());
  }
  following->sent = following->floor;
  // It knows nothing older, so nothing older need be acknowledged.
  following->holder->Acknowledge(std::max(following->floor, following->acknowledged));
  following->joined = true;
  Advance(*following);
}

void ServingPublisher::SendBacklog(FollowStream& stream, std::int64_t after) {
  absl::StatusOr<std::vector<v1::Change>> changes = log_.Read(after, kMaxChangesPerMessage);
  absl::Status status = changes.status();
  RecentChanges backlog(after, kMaxChangesPerMessage);
  const bool gap = status.ok() && (!backlog.Append(*std::move(changes)) || backlog.head() == after);
  if (gap) {
    status = absl::InternalError(absl::StrCat("the log does not hold the change after ", after));
  }
  if (!status.ok()) LogFailed(status);
  std::lock_guard lock(mutex_);
  Following* following = Find(stream);
  if (following == nullptr) return;
  following->reading_log = false;
  if (gap) return stream.End({grpc::StatusCode::INTERNAL, "the change log has a gap"});
  if (!status.ok()) {
    const bool trimmed = absl::IsOutOfRange(status);
    return stream.End({trimmed ? grpc::StatusCode::OUT_OF_RANGE : grpc::StatusCode::UNAVAILABLE,
                       "the change log cannot be read"});
  }
  v1::FollowResponse message;
  const std::int64_t position = backlog.Fill(after, message);
  Send(*following, std::move(message), position);
}

}  // namespace broadsheet::change
