#include "libs/change/publisher.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/duration.pb.h"
#include "libs/change/follow_stream.h"
#include "libs/change/lease_holder.h"
#include "libs/change/recent_changes.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::change {
namespace {

constexpr int kMaxHistory = 100'000;
constexpr std::size_t kMaxFollowerId = 200;
// How often the log is looked at without having been told to, slow followers are looked for, and a log that
// failed is tried again.
constexpr auto kLookAround = std::chrono::seconds(1);
constexpr auto kRetryLog = std::chrono::milliseconds(50);
// A waiting write looks at its clock at least this often: the clock may be a test's.
constexpr auto kLookAtClock = std::chrono::milliseconds(20);

struct Metrics {
  explicit Metrics(const std::string& source)
      : followers("broadsheet_change_followers", "Followers with an open stream.", {{"source", source}}),
        acknowledged("broadsheet_change_followers_waited_for_total",
                     "Followers that writes waited for, by outcome.",
                     {{"source", source}, {"outcome", "acknowledged"}}),
        expired("broadsheet_change_followers_waited_for_total",
                "Followers that writes waited for, by outcome.",
                {{"source", source}, {"outcome", "lease_expired"}}),
        dropped("broadsheet_change_followers_dropped_total", "Followers dropped because they were too slow.",
                {{"source", source}}),
        log_failures("broadsheet_change_log_failures_total", "Failed readings of the change log.",
                     {{"source", source}}),
        propagation("broadsheet_change_propagation_seconds", "How long writes waited for their followers.",
                    {{"source", source}}) {}

  telemetry::Gauge followers;
  telemetry::Counter acknowledged;
  telemetry::Counter expired;
  telemetry::Counter dropped;
  telemetry::Counter log_failures;
  telemetry::Histogram propagation;
};

grpc::Status Invalid(std::string_view field, std::string_view description) {
  return rpc::ToGrpc(rpc::InvalidArgument(field, description));
}

// One follower's stream and where it stands.
struct Following {
  std::shared_ptr<FollowStream> stream;
  std::shared_ptr<LeaseHolder> holder;  // null until `start` has come
  v1::FollowRequest::Start start;
  bool joined = false;       // `start` has been compared with the log
  bool answered = false;     // the first response has been sent
  bool reading_log = false;  // queued for, or in the hands of, the thread that reads the log
  std::int64_t floor = 0;
  std::int64_t sent = 0;  // position of the last change sent
  std::int64_t acknowledged = 0;
  std::int64_t renewal_wanted = 0;  // sequence of the renewal to be answered; 0 if none
  std::int64_t last_renewal = 0;
};

class ServingPublisher final : public Publisher, private FollowStream::Host {
 public:
  ServingPublisher(const ChangeLog& log, PublisherOptions options, std::int64_t head);
  ~ServingPublisher() override;

  grpc::Service* service() override { return &service_; }
  void Serve(rpc::CompletionQueues& queues) override;
  void Stop() override;

  void Notify(std::int64_t position) override;
  v1::Propagation WaitForFollowers(std::int64_t position) override;
  std::vector<FollowerState> followers() const override;
  std::int64_t head() const override;

 private:
  // FollowStream::Host; all with the mutex held.
  std::mutex& mutex() override { return mutex_; }
  void OnOpened(const std::shared_ptr<FollowStream>& stream) override;
  void OnRequest(FollowStream& stream, const v1::FollowRequest& request) override;
  void OnSent(FollowStream& stream) override;
  void OnClosed(FollowStream& stream) override;

  void OnStart(Following& following, const v1::FollowRequest::Start& start);
  void OnProgress(Following& following, const v1::FollowRequest::Progress& progress);

  // Sends what there is to send: changes, a lease, the first answer.
  void Advance(Following& following);
  void AdvanceAll();
  void Send(Following& following, v1::FollowResponse message, std::int64_t position);
  void ReadLogFor(Following& following);

  // Reads what has been committed since, for all followers.
  void FollowLog();
  void LookAround();
  // For a log whose old changes were deleted before they were read here: followers as far back start afresh.
  void SkipToFloor(std::unique_lock<std::mutex>& lock);
  // Compares starts with the log, and reads what followers need that is not recent.
  void ServeBacklog();
  void Join(FollowStream& stream, const v1::FollowRequest::Start& start);
  void SendBacklog(FollowStream& stream, std::int64_t after);
  Following* Find(FollowStream& stream);
  void LogFailed(const absl::Status& status);

  const ChangeLog& log_;
  const PublisherOptions options_;
  const std::string log_id_;
  const absl::Duration earlier_leases_until_;
  Metrics metrics_;
  telemetry::LimitedLog limited_log_;
  v1::ChangeService::AsyncService service_;

  mutable std::mutex mutex_;
  std::condition_variable committed_;     // head_ has risen
  std::condition_variable acknowledged_;  // a follower has acknowledged, or stopping
  std::condition_variable backlog_waits_;
  bool stopping_ = false;
  std::int64_t head_;  // newest position known to be committed; recent_ follows it
  RecentChanges recent_;
  std::map<FollowStream*, Following> followings_;
  std::deque<std::shared_ptr<FollowStream>> backlog_;
  std::vector<std::shared_ptr<LeaseHolder>> departed_;  // streams ended, leases not

  std::thread log_follower_;
  std::thread backlog_server_;
};

ServingPublisher::ServingPublisher(const ChangeLog& log, PublisherOptions options, std::int64_t head)
    : log_(log),
      options_(std::move(options)),
      log_id_(log.log_id()),
      earlier_leases_until_(options_.clock->Now() + options_.restart_grace.value_or(options_.lease)),
      metrics_(options_.source),
      head_(head),
      recent_(head, options_.recent_changes),
      log_follower_([this] { FollowLog(); }),
      backlog_server_([this] { ServeBacklog(); }) {}

ServingPublisher::~ServingPublisher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  committed_.notify_all();
  backlog_waits_.notify_all();
  log_follower_.join();
  backlog_server_.join();
}

void ServingPublisher::Serve(rpc::CompletionQueues& queues) {
  for (const auto& queue : queues.all()) FollowStream::Accept(*this, service_, *queue);
}

void ServingPublisher::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  committed_.notify_all();
  backlog_waits_.notify_all();
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down");
  for (auto& [key, following] : followings_) following.stream->End(status);
}

// ---------------------------------------------------------------- the writers' side

void ServingPublisher::Notify(std::int64_t position) {
  std::lock_guard lock(mutex_);
  if (position <= head_) return;
  head_ = position;
  committed_.notify_one();
}

v1::Propagation ServingPublisher::WaitForFollowers(std::int64_t position) {
  std::unique_lock lock(mutex_);
  // From here on no lease is granted that does not carry `position`; those granted before are in the lists.
  if (position > head_) {
    head_ = position;
    committed_.notify_one();
  }
  const Clock& clock = *options_.clock;
  const absl::Duration started = clock.Now();
  std::vector<std::shared_ptr<LeaseHolder>> holders = departed_;
  for (const auto& [key, following] : followings_) {
    if (following.holder) holders.push_back(following.holder);
  }
  std::erase_if(holders, [&](const auto& holder) {
    return !holder->Holds(started) ||
           (holder->acknowledged() < position && !holder->MayUseOlderThan(position, started));
  });
  while (true) {
    const absl::Duration now = clock.Now();
    absl::Duration until = earlier_leases_until_;
    for (const auto& holder : holders) {
      if (holder->MayUseOlderThan(position, now)) until = std::max(until, holder->OlderUntil(position));
    }
    if (until <= now) break;
    acknowledged_.wait_for(
        lock, std::min<std::chrono::nanoseconds>(absl::ToChronoNanoseconds(until - now), kLookAtClock));
  }
  v1::Propagation propagation;
  propagation.set_followers(static_cast<std::int32_t>(holders.size()));
  const auto acknowledged = std::count_if(
      holders.begin(), holders.end(), [&](const auto& holder) { return holder->acknowledged() >= position; });
  propagation.set_acknowledged(static_cast<std::int32_t>(acknowledged));
  propagation.set_expired(propagation.followers() - propagation.acknowledged());
  const absl::Duration waited = clock.Now() - started;
  propagation.set_wait_micros(absl::ToInt64Microseconds(waited));
  lock.unlock();
  metrics_.acknowledged.Increment(propagation.acknowledged());
  metrics_.expired.Increment(propagation.expired());
  metrics_.propagation.Observe(absl::ToDoubleSeconds(waited));
  return propagation;
}

std::vector<Publisher::FollowerState> ServingPublisher::followers() const {
  std::lock_guard lock(mutex_);
  const absl::Duration now = options_.clock->Now();
  std::vector<FollowerState> states;
  const auto add = [&](const LeaseHolder& holder, bool connected) {
    states.push_back(
        {holder.follower_id(), holder.peer(), holder.acknowledged(), holder.lease_until() - now, connected});
  };
  for (const auto& [key, following] : followings_) {
    if (following.holder) add(*following.holder, true);
  }
  for (const auto& holder : departed_) {
    if (holder->Holds(now)) add(*holder, false);
  }
  return states;
}

std::int64_t ServingPublisher::head() const {
  std::lock_guard lock(mutex_);
  return head_;
}

// ---------------------------------------------------------------- the followers' side

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

void ServingPublisher::Send(Following& following, v1::FollowResponse message, std::int64_t position) {
  // A lease only with everything known to be committed: see WaitForFollowers.
  const bool grant = following.renewal_wanted > 0 && position >= head_;
  if (message.changes().empty() && !grant && following.answered) return;
  message.set_log_id(log_id_);
  message.set_position(position);
  if (!std::exchange(following.answered, true)) message.set_floor_position(following.floor);
  if (grant) {
    const absl::Duration now = options_.clock->Now();
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

// ---------------------------------------------------------------- reading the log

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
      LogFailed(status);
      if (absl::IsOutOfRange(status)) SkipToFloor(lock);
      committed_.wait_for(lock, kRetryLog, [this] { return stopping_; });
    }
    head_ = std::max(head_, recent_.head());
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
  std::lock_guard lock(mutex_);
  if (head.ok()) head_ = std::max(head_, *head);
  for (auto& [key, following] : followings_) {
    FollowStream& stream = *following.stream;
    if (!stream.sending() || absl::Now() - stream.sending_since() < options_.slow_follower) continue;
    metrics_.dropped.Increment();
    limited_log_.Log("slow", telemetry::Severity::kWarning, "dropped a follower that does not read",
                     {{"source", options_.source}, {"peer", stream.peer()}});
    stream.Cancel();
  }
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
  std::lock_guard lock(mutex_);
  Following* following = Find(stream);
  if (following == nullptr) return;
  following->reading_log = false;
  if (!floor.ok() || !head.ok()) {
    const absl::Status& status = floor.ok() ? head.status() : floor.status();
    LogFailed(status);
    return stream.End({grpc::StatusCode::UNAVAILABLE, "the change log cannot be read"});
  }
  if (*head > head_) {
    head_ = *head;
    committed_.notify_one();
  }
  if (start.log_id() == log_id_) {
    if (start.applied_position() > *head) {
      return stream.End(Invalid("start.applied_position", "is ahead of the log"));
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
  std::lock_guard lock(mutex_);
  Following* following = Find(stream);
  if (following == nullptr) return;
  following->reading_log = false;
  if (!changes.ok()) {
    LogFailed(changes.status());
    const bool trimmed = absl::IsOutOfRange(changes.status());
    return stream.End({trimmed ? grpc::StatusCode::OUT_OF_RANGE : grpc::StatusCode::UNAVAILABLE,
                       "the change log cannot be read"});
  }
  RecentChanges backlog(after, kMaxChangesPerMessage);
  if (!backlog.Append(*std::move(changes)) || backlog.head() == after) {
    LogFailed(absl::InternalError(absl::StrCat("the log does not hold the change after ", after)));
    return stream.End({grpc::StatusCode::INTERNAL, "the change log has a gap"});
  }
  v1::FollowResponse message;
  const std::int64_t position = backlog.Fill(after, message);
  Send(*following, std::move(message), position);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Publisher>> Publisher::Start(const ChangeLog& log, PublisherOptions options) {
  if (options.lease < absl::Milliseconds(50) || options.lease > absl::Seconds(10)) {
    return absl::InvalidArgumentError("the lease must be 50 milliseconds to 10 seconds");
  }
  const absl::StatusOr<std::int64_t> head = log.Head();
  if (!head.ok()) return head.status();
  return std::make_unique<ServingPublisher>(log, std::move(options), *head);
}

}  // namespace broadsheet::change
