#include "libs/redis/client.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/redis/address.h"
#include "libs/redis/connection.h"
#include "libs/redis/event_loop.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::redis {
namespace {

using Time = std::chrono::steady_clock::time_point;

// How often an idle connection is tried, so that the first operation after a quiet hour finds out nothing
// new.
constexpr absl::Duration kIdleCheck = absl::Seconds(1);

class Metrics {
 public:
  void Count(absl::StatusCode code, absl::Duration duration) {
    if (code == absl::StatusCode::kOk) seconds_.Observe(absl::ToDoubleSeconds(duration));
    Outcome(code).Increment();
  }
  telemetry::Gauge available{"broadsheet_redis_available", "1 while Redis answers."};
  telemetry::Counter connects{"broadsheet_redis_connects_total",
                              "Connections to Redis that came to an answer."};

 private:
  static telemetry::Counter Make(const char* outcome) {
    return {"broadsheet_redis_operations_total", "Redis operations by outcome.", {{"outcome", outcome}}};
  }
  telemetry::Counter& Outcome(absl::StatusCode code) {
    switch (code) {
      case absl::StatusCode::kOk:
        return ok_;
      case absl::StatusCode::kDeadlineExceeded:
        return timeout_;
      case absl::StatusCode::kUnavailable:
        return unavailable_;
      case absl::StatusCode::kResourceExhausted:
        return rejected_;
      default:
        return error_;
    }
  }
  telemetry::Counter ok_ = Make("ok");
  telemetry::Counter timeout_ = Make("timeout");
  telemetry::Counter unavailable_ = Make("unavailable");
  telemetry::Counter rejected_ = Make("rejected");
  telemetry::Counter error_ = Make("error");
  telemetry::Histogram seconds_{"broadsheet_redis_operation_seconds",
                                "Duration of Redis operations that succeeded."};
};

// An operation under way; shared by the deadline and the connection, whichever comes first ends it.
struct Operation {
  Client::Callback<Reply> done;
  std::vector<std::string> command;
  Time started;
  Time deadline;
  std::size_t bytes = 0;
  bool ended = false;
};

class PipelinedClient final : public Client {
 public:
  PipelinedClient(ClientOptions options, Address address);
  ~PipelinedClient() override;

  void Execute(std::vector<std::string> command, absl::Duration timeout, Callback<Reply> done) override;
  using Client::Execute;
  bool available() const override { return available_; }
  State state() const override;

 private:
  using OperationPtr = std::shared_ptr<Operation>;

  // Whether there is place for it; if so, it is counted.
  bool Admit(std::size_t bytes);
  void Release(const Operation& operation);
  void Fail(const Callback<Reply>& done, const absl::Status& status);

  // From here on, on the loop's thread.
  void Submit(const OperationPtr& operation);
  void End(Operation& operation, absl::StatusOr<Reply> result);
  void ExpireOverdue();
  void SetDeadlineTimer();
  void NoteOutcome(const absl::Status& status);

  void Connect();
  void OnGreeting(std::uint64_t attempt, const absl::StatusOr<Reply>& reply);
  void GiveUp(const std::string& reason);
  void CheckIdle();

  const ClientOptions options_;
  const Address address_;
  Metrics metrics_;
  telemetry::LimitedLog limited_log_;

  std::atomic<bool> available_ = false;
  std::atomic<bool> closing_ = false;
  std::atomic<std::int64_t> in_flight_ = 0;
  std::atomic<std::size_t> in_flight_bytes_ = 0;
  std::atomic<std::int64_t> connects_ = 0;
  std::atomic<std::int64_t> failures_ = 0;
  mutable std::mutex mutex_;  // last_error_
  std::string last_error_;

  // The loop's thread only.
  std::uint64_t attempt_ = 0;  // tells answers of an earlier connection from those of this one
  std::unique_ptr<Connection> connection_;
  std::multimap<Time, OperationPtr> deadlines_;
  bool checking_ = false;  // an idle check is under way
  int failures_in_a_row_ = 0;
  int retries_ = 0;
  std::minstd_rand random_{std::random_device{}()};
  std::optional<EventLoop::Timer> deadline_timer_;
  std::optional<EventLoop::Timer> connect_timer_;  // to give up waiting for an answer, or to connect again
  std::optional<EventLoop::Timer> idle_timer_;

  EventLoop loop_;  // last: its thread uses all the others
};

PipelinedClient::PipelinedClient(ClientOptions options, Address address)
    : Client(options.max_value_bytes), options_(std::move(options)), address_(std::move(address)) {
  loop_.Post([this] {
    deadline_timer_.emplace(loop_, [this] { ExpireOverdue(); });
    connect_timer_.emplace(loop_, [this] { connection_ ? GiveUp("no answer in time") : Connect(); });
    idle_timer_.emplace(loop_, [this] { CheckIdle(); });
    idle_timer_->Set(kIdleCheck);
    Connect();
  });
}

PipelinedClient::~PipelinedClient() {
  closing_ = true;
  loop_.Stop([this] {
    while (!deadlines_.empty()) {
      End(*deadlines_.extract(deadlines_.begin()).mapped(), absl::CancelledError("the client is closing"));
    }
    connection_.reset();
    idle_timer_.reset();
    connect_timer_.reset();
    deadline_timer_.reset();
  });
}

// ---------------------------------------------------------------- operations

void PipelinedClient::Execute(std::vector<std::string> command, absl::Duration timeout,
                              Callback<Reply> done) {
  if (!available_) return Fail(done, absl::UnavailableError("Redis is not available"));
  auto operation = std::make_shared<Operation>();
  for (const std::string& argument : command) operation->bytes += argument.size();
  if (!Admit(operation->bytes)) {
    return Fail(done, absl::ResourceExhaustedError("too many Redis operations are under way"));
  }
  operation->started = std::chrono::steady_clock::now();
  operation->deadline = operation->started + absl::ToChronoNanoseconds(timeout > absl::ZeroDuration()
                                                                           ? std::min(timeout, absl::Hours(1))
                                                                           : options_.timeout);
  operation->command = std::move(command);
  operation->done = std::move(done);
  loop_.Post([this, operation = std::move(operation)] { Submit(operation); });
}

bool PipelinedClient::Admit(std::size_t bytes) {
  const bool room = in_flight_.fetch_add(1) < options_.max_in_flight &&
                    in_flight_bytes_.load() + bytes <= options_.max_in_flight_bytes;
  if (room) {
    in_flight_bytes_ += bytes;
  } else {
    --in_flight_;
  }
  return room;
}

void PipelinedClient::Release(const Operation& operation) {
  --in_flight_;
  in_flight_bytes_ -= operation.bytes;
}

void PipelinedClient::Fail(const Callback<Reply>& done, const absl::Status& status) {
  ++failures_;
  metrics_.Count(status.code(), absl::ZeroDuration());
  done(status);
}

void PipelinedClient::Submit(const OperationPtr& operation) {
  if (connection_ == nullptr || !available_ || closing_) {
    Release(*operation);
    End(*operation, closing_ ? absl::CancelledError("the client is closing")
                             : absl::UnavailableError("Redis is not available"));
    return;
  }
  deadlines_.emplace(operation->deadline, operation);
  if (deadlines_.begin()->second == operation) SetDeadlineTimer();
  // Counted until Redis has answered, also when it is overdue: that is what bounds the pipeline.
  connection_->Send(std::exchange(operation->command, {}), [this, operation](absl::StatusOr<Reply> reply) {
    Release(*operation);
    if (operation->ended) return;
    const auto [first, last] = deadlines_.equal_range(operation->deadline);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == operation; });
    if (found != last) deadlines_.erase(found);
    NoteOutcome(reply.status());
    End(*operation, std::move(reply));
  });
}

void PipelinedClient::End(Operation& operation, absl::StatusOr<Reply> result) {
  operation.ended = true;
  if (!result.ok()) ++failures_;
  metrics_.Count(result.status().code(),
                 absl::FromChrono(std::chrono::steady_clock::now() - operation.started));
  const Callback<Reply> done = std::exchange(operation.done, nullptr);
  done(std::move(result));
}

void PipelinedClient::ExpireOverdue() {
  const Time now = std::chrono::steady_clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const OperationPtr operation = deadlines_.extract(deadlines_.begin()).mapped();
    const absl::Status status = absl::DeadlineExceededError("Redis did not answer in time");
    NoteOutcome(status);  // first: whoever learns of the last failure allowed finds the breaker open
    End(*operation, status);
  }
  SetDeadlineTimer();
}

void PipelinedClient::SetDeadlineTimer() {
  if (deadlines_.empty()) return;
  deadline_timer_->Set(absl::FromChrono(deadlines_.begin()->first - std::chrono::steady_clock::now()));
}

void PipelinedClient::NoteOutcome(const absl::Status& status) {
  // An error that Redis itself reports is an answer.
  if (status.ok() || absl::IsFailedPrecondition(status)) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= options_.failures_to_open && connection_ != nullptr) {
    GiveUp(absl::StrCat(failures_in_a_row_, " operations in a row failed: ", status.message()));
  }
}

// ---------------------------------------------------------------- the connection, which is also the breaker

void PipelinedClient::Connect() {
  if (closing_) return;
  ++attempt_;
  connect_timer_->Set(options_.connect_timeout);
  connection_ = std::make_unique<Connection>(loop_.base(), address_,
                                             [this](const std::string& reason) { GiveUp(reason); });
  const std::uint64_t attempt = attempt_;
  const auto ignore_unless_failed = [this, attempt](const absl::StatusOr<Reply>& reply) {
    if (!reply.ok()) OnGreeting(attempt, reply);
  };
  if (!options_.password.empty()) {
    std::vector<std::string> auth = {"AUTH"};
    if (!options_.username.empty()) auth.push_back(options_.username);
    auth.push_back(options_.password);
    connection_->Send(auth, ignore_unless_failed);
  }
  if (attempt != attempt_ || connection_ == nullptr) return;
  connection_->Send({"PING"},
                    [this, attempt](const absl::StatusOr<Reply>& reply) { OnGreeting(attempt, reply); });
}

void PipelinedClient::OnGreeting(std::uint64_t attempt, const absl::StatusOr<Reply>& reply) {
  if (attempt != attempt_ || connection_ == nullptr || closing_) return;
  if (!reply.ok()) return GiveUp(std::string(reply.status().message()));
  failures_in_a_row_ = 0;
  retries_ = 0;
  checking_ = false;
  ++connects_;
  metrics_.connects.Increment();
  metrics_.available.Set(1);
  available_ = true;
  connect_timer_->Cancel();
  telemetry::Log(telemetry::Severity::kInfo, "connected to Redis", {{"address", options_.address}});
}

void PipelinedClient::GiveUp(const std::string& reason) {
  if (connection_ == nullptr || closing_) return;
  available_ = false;
  metrics_.available.Set(0);
  ++attempt_;
  {
    std::lock_guard lock(mutex_);
    last_error_ = reason;
  }
  limited_log_.Log("lost", telemetry::Severity::kWarning, "Redis is not available",
                   {{"address", options_.address}, {"error", reason}});
  const absl::Duration pause =
      std::min(options_.min_retry * (1 << std::min(retries_++, 10)), options_.max_retry);
  connect_timer_->Set(pause * std::uniform_real_distribution<double>(0.5, 1)(random_));
  // Ends what is under way. It may be what calls this: it goes on until the loop comes round.
  loop_.Post([ended = std::shared_ptr<Connection>(std::move(connection_))] {});
}

void PipelinedClient::CheckIdle() {
  idle_timer_->Set(kIdleCheck);
  if (!available_ || connection_ == nullptr || std::exchange(checking_, true)) return;
  const std::uint64_t attempt = attempt_;
  connect_timer_->Set(options_.connect_timeout);
  connection_->Send({"PING"}, [this, attempt](const absl::StatusOr<Reply>&) {
    if (attempt != attempt_) return;
    checking_ = false;
    connect_timer_->Cancel();
  });
}

Client::State PipelinedClient::state() const {
  State state;
  state.available = available_;
  state.in_flight = in_flight_;
  state.connects = connects_;
  state.failures = failures_;
  std::lock_guard lock(mutex_);
  state.last_error = last_error_;
  return state;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Start(ClientOptions options) {
  absl::StatusOr<Address> address = ParseAddress(options.address);
  if (!address.ok()) return address.status();
  return std::make_unique<PipelinedClient>(std::move(options), *std::move(address));
}

}  // namespace broadsheet::redis
