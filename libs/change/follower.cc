#include "libs/change/follower.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/change/follow_call.h"
#include "libs/change/follow_protocol.h"
#include "libs/change/follower_memory.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::change {
namespace {

// Between two attempts to follow, doubled after each failure, each time a random half of it or more. Attempts
// to connect have a back-off of their own, in the channel.
constexpr absl::Duration kMinPause = absl::Milliseconds(10);
constexpr absl::Duration kMaxPause = absl::Seconds(1);

std::string OwnName() {
  char host[128] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "-", getpid());
}

struct Metrics {
  explicit Metrics(const std::string& source)
      : changes("broadsheet_change_applied_total", "Changes applied by the follower.", {{"source", source}}),
        streams("broadsheet_change_follower_streams_total", "Streams the follower has opened.",
                {{"source", source}}),
        fresh_starts("broadsheet_change_follower_fresh_starts_total",
                     "Times the follower began to follow without knowing anything.", {{"source", source}}),
        connected("broadsheet_change_follower_connected", "1 while the follower's stream is open.",
                  {{"source", source}}),
        position("broadsheet_change_follower_position", "Newest change applied.", {{"source", source}}) {}

  telemetry::Counter changes;
  telemetry::Counter streams;
  telemetry::Counter fresh_starts;
  telemetry::Gauge connected;
  telemetry::Gauge position;
};

class StreamFollower final : public Follower {
 public:
  StreamFollower(std::shared_ptr<grpc::Channel> channel, FollowerOptions options);
  ~StreamFollower() override;

  Verdict Judge(const Dependency& dependency) const override { return memory_.Judge(dependency); }
  Verdict Judge(const Dependency& dependency, FreshMark& mark) const override {
    return memory_.Judge(dependency, mark);
  }
  Verdict JudgeByMemory(const Dependency& dependency) const override {
    return memory_.JudgeByMemory(dependency);
  }
  bool MayJoin(const Dependency& started) const override { return memory_.MayJoin(started); }
  bool IsWithdrawn(std::string_view subject) const override { return memory_.IsWithdrawn(subject); }
  bool WithdrawnSince(const Dependency& read, std::string_view subject) const override {
    return memory_.WithdrawnSince(read, subject);
  }
  std::int64_t LastChange(std::string_view tag) const override { return memory_.LastChange(tag); }
  bool live() const override { return memory_.live(); }
  bool has_followed() const override { return memory_.has_followed(); }
  Dependency position() const override { return memory_.position(); }
  bool WaitUntilLive(absl::Duration timeout) const override { return memory_.WaitUntilLive(timeout); }
  bool WaitForPosition(std::int64_t position, absl::Duration timeout) const override {
    return memory_.WaitForPosition(position, timeout);
  }
  State state() const override;

 private:
  void Run();
  // Follows once, to the end of the stream; whether it was answered.
  bool FollowOnce();
  v1::FollowRequest::Start NextStart() const;
  FollowProtocol::Events Events();
  void NoteEnd(const grpc::Status& status);

  const std::shared_ptr<grpc::Channel> channel_;
  const FollowerOptions options_;
  const std::unique_ptr<v1::ChangeService::Stub> stub_;
  FollowerMemory memory_;
  Metrics metrics_;
  telemetry::LimitedLog limited_log_;
  bool start_afresh_ = false;  // own thread only

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  FollowCall* call_ = nullptr;
  absl::Time connected_since_ = absl::InfiniteFuture();
  absl::Duration lag_;
  std::int64_t streams_ = 0;
  std::string last_error_;

  std::thread thread_;
};

FollowerOptions Complete(FollowerOptions options) {
  if (options.follower_id.empty()) options.follower_id = OwnName();
  return options;
}

StreamFollower::StreamFollower(std::shared_ptr<grpc::Channel> channel, FollowerOptions options)
    : channel_(std::move(channel)),
      options_(Complete(std::move(options))),
      stub_(v1::ChangeService::NewStub(channel_)),
      memory_(*options_.clock, options_.max_tags, options_.max_withdrawn),
      metrics_(options_.source),
      thread_([this] { Run(); }) {}

StreamFollower::~StreamFollower() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->Cancel();
  }
  stop_.notify_all();
  thread_.join();
}

void StreamFollower::Run() {
  std::minstd_rand random(std::random_device{}());
  absl::Duration pause = kMinPause;
  while (true) {
    pause = FollowOnce() ? kMinPause : std::min(2 * pause, kMaxPause);
    const absl::Duration jittered = pause * std::uniform_real_distribution<double>(0.5, 1)(random);
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, absl::ToChronoMicroseconds(jittered), [this] { return stopping_; })) return;
  }
}

v1::FollowRequest::Start StreamFollower::NextStart() const {
  v1::FollowRequest::Start start;
  start.set_follower_id(options_.follower_id);
  start.set_history(options_.history);
  if (start_afresh_) return start;
  const Dependency known = memory_.position();
  const bool first = known.log_id.empty();
  start.set_log_id(first ? options_.log_id : known.log_id);
  start.set_applied_position(first ? options_.applied_position : known.position);
  return start;
}

FollowProtocol::Events StreamFollower::Events() {
  FollowProtocol::Events events;
  events.connected = [this] {
    metrics_.streams.Increment();
    metrics_.connected.Set(1);
    start_afresh_ = false;
    {
      std::lock_guard lock(mutex_);
      connected_since_ = absl::Now();
      ++streams_;
    }
    if (options_.on_connected) options_.on_connected();
  };
  events.reset = [this](const std::string& log_id, std::int64_t floor) {
    metrics_.fresh_starts.Increment();
    if (options_.on_reset) options_.on_reset(log_id, floor);
  };
  events.change = [this](const v1::Change& change) {
    if (options_.on_change) options_.on_change(change);
    metrics_.changes.Increment();
    metrics_.position.Set(static_cast<double>(change.position()));
    const google::protobuf::Timestamp& committed = change.commit_time();
    const absl::Time commit_time =
        absl::FromUnixSeconds(committed.seconds()) + absl::Nanoseconds(committed.nanos());
    std::lock_guard lock(mutex_);
    lag_ = absl::Now() - commit_time;
  };
  events.caught_up = [this] {
    if (options_.on_caught_up) options_.on_caught_up();
  };
  return events;
}

bool StreamFollower::FollowOnce() {
  FollowProtocol protocol(*options_.clock, memory_, NextStart(), options_.take_lease, Events());
  FollowCall call(options_.busy_queues, options_.busy_pace);
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    call_ = &call;
  }
  const grpc::Status status = call.Run(*stub_, protocol);
  NoteEnd(status);
  return protocol.answered();
}

void StreamFollower::NoteEnd(const grpc::Status& status) {
  metrics_.connected.Set(0);
  // What is known cannot be continued: the log no longer reaches back so far, was rolled back, or has a gap.
  const grpc::StatusCode code = status.error_code();
  if (code == grpc::StatusCode::OUT_OF_RANGE || code == grpc::StatusCode::INVALID_ARGUMENT ||
      code == grpc::StatusCode::DATA_LOSS) {
    start_afresh_ = true;
  }
  std::lock_guard lock(mutex_);
  call_ = nullptr;
  connected_since_ = absl::InfiniteFuture();
  // Who does not serve this at all says nothing more than that.
  last_error_ = absl::StrCat(absl::StatusCodeToString(static_cast<absl::StatusCode>(code)), ": ",
                             status.error_message().empty() ? "no reason given" : status.error_message());
  if (stopping_) return;
  limited_log_.Log("ended", telemetry::Severity::kWarning, "stopped following; connecting again",
                   {{"source", options_.source}, {"error", last_error_}});
}

Follower::State StreamFollower::state() const {
  State state;
  const Dependency known = memory_.position();
  const FollowerMemory::Size size = memory_.size();
  state.log_id = known.log_id;
  state.position = known.position;
  state.floor = size.floor;
  state.lease_left = size.lease_left;
  state.tags = size.tags;
  state.withdrawn = size.withdrawn;
  std::lock_guard lock(mutex_);
  state.connected_since = connected_since_;
  state.lag = lag_;
  state.reconnects = std::max<std::int64_t>(streams_ - 1, 0);
  state.last_error = last_error_;
  return state;
}

}  // namespace

std::unique_ptr<Follower> Follower::Start(std::shared_ptr<grpc::Channel> channel, FollowerOptions options) {
  return std::make_unique<StreamFollower>(std::move(channel), std::move(options));
}

}  // namespace broadsheet::change
