#include "tests/histories/follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::histories {
namespace {

constexpr absl::Duration kPauseBetweenStreams = absl::Milliseconds(20);
constexpr std::int32_t kAllOfIt = 100'000;  // more than a run commits
constexpr std::int64_t kFirstRenewalNanos = 20'000'000;

Change ToChange(const change::v1::Change& change) {
  Change record;
  record.position = change.position();
  record.subject = change.subject();
  record.published = change.kind() == change::v1::CHANGE_KIND_PUBLISHED;
  record.commit_micros = change.commit_time().seconds() * 1'000'000 + change.commit_time().nanos() / 1000;
  record.all = FingerprintOf(change.SerializeAsString());
  return record;
}

}  // namespace

Follower::Follower(const Replica& replica, Recorder& recorder) : replica_(replica), recorder_(recorder) {
  thread_ = std::thread([this] { Loop(); });
}

Follower::~Follower() {
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }
  thread_.join();
}

void Follower::Loop() {
  while (!stopping_) {
    FollowOnce();
    if (!stopping_) absl::SleepFor(kPauseBetweenStreams);
  }
  const std::lock_guard lock(mutex_);
  CloseLease(NowNanos());
}

void Follower::FollowOnce() {
  grpc::ClientContext context;
  std::unique_ptr<Call> call = replica_.changes->Follow(&context);
  Request start;
  start.mutable_start()->set_follower_id(absl::StrCat("histories-", replica_.number));
  start.mutable_start()->set_log_id(log_id_);
  start.mutable_start()->set_applied_position(position_);
  if (log_id_.empty()) start.mutable_start()->set_history(kAllOfIt);
  {
    const std::lock_guard lock(mutex_);
    context_ = &context;
    asked_at_.clear();
    call->Write(start);
  }
  Stream stream;
  stream.replica = replica_.number;
  stream.start = position_;
  std::atomic<bool> over{false};
  std::thread renewing;
  Response response;
  while (call->Read(&response)) {
    if (!renewing.joinable()) {
      if (log_id_.empty()) {
        stream.start = response.floor_position();
        position_ = response.floor_position();
      }
      renewing = std::thread([&] { Renew(*call, over); });
    }
    Apply(response, stream);
    if (!Acknowledge(*call, 0)) break;
  }
  over = true;
  context.TryCancel();
  if (renewing.joinable()) renewing.join();
  const grpc::Status status = call->Finish();
  {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  if (!LeavesOpen(rpc::FromGrpc(status)) && !stopping_)
    recorder_.AddUnexpected(absl::StrCat("Follow: ", status.error_code(), " ", status.error_message()));
  if (!stream.log_id.empty()) {
    recorder_.Count("streams of changes");
    recorder_.Add(std::move(stream));
  }
}

void Follower::Renew(Call& call, const std::atomic<bool>& over) {
  std::int64_t sequence = 0;
  while (!over) {
    if (!Acknowledge(call, ++sequence)) return;
    std::int64_t pause = kFirstRenewalNanos;
    {
      const std::lock_guard lock(mutex_);
      if (lease_nanos_ > 0) pause = lease_nanos_ / 4;
    }
    absl::SleepFor(absl::Nanoseconds(pause));
  }
}

bool Follower::Acknowledge(Call& call, std::int64_t renewal_sequence) {
  Request progress;
  const std::lock_guard lock(mutex_);
  progress.mutable_progress()->set_applied_position(position_);
  progress.mutable_progress()->set_renewal_sequence(renewal_sequence);
  if (renewal_sequence > 0) asked_at_[renewal_sequence] = NowNanos();
  return call.Write(progress);
}

void Follower::Apply(const Response& response, Stream& stream) {
  const std::lock_guard lock(mutex_);
  stream.log_id = log_id_ = response.log_id();
  if (response.position() != position_ || response.changes_size() > 0) {
    CloseLease(NowNanos());
    for (const change::v1::Change& change : response.changes()) stream.changes.push_back(ToChange(change));
    position_ = response.position();
  }
  if (!response.has_lease()) return;
  const auto asked = asked_at_.find(response.lease().renewal_sequence());
  if (asked == asked_at_.end()) return recorder_.AddUnexpected("a lease that nobody asked for");
  lease_nanos_ = response.lease().duration().seconds() * 1'000'000'000 + response.lease().duration().nanos();
  const std::int64_t end = asked->second + lease_nanos_;
  if (lease_end_ < NowNanos()) CloseLease(NowNanos());
  if (end > lease_end_) {
    lease_end_ = end;
    lease_asked_at_ = asked->second;
  }
  asked_at_.erase(asked_at_.begin(), std::next(asked));
}

void Follower::CloseLease(std::int64_t now) {
  if (lease_end_ == 0) return;
  recorder_.Add(LeaseHeld{replica_.number, {lease_asked_at_, std::min(now, lease_end_)}, position_});
}

}  // namespace broadsheet::histories
