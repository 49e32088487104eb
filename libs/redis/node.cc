#include "libs/redis/node.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::redis {
namespace {

// How often an idle connection is tried, so that the first operation after a quiet hour finds out nothing
// new.
constexpr absl::Duration kIdleCheck = absl::Seconds(1);

}  // namespace

// A command under way; shared by the deadline and the connection, whichever comes first ends it.
struct Node::Sent {
  Done done;  // null: ended
  std::shared_ptr<void> place;
  std::multimap<Time, SentPtr>::iterator overdue;
};

Node::Node(const Surroundings& around, Address address, Role role, std::function<void()> changed)
    : around_(around),
      address_(std::move(address)),
      role_(role),
      changed_(std::move(changed)),
      ended_(around.loop),
      backoff_(around.options.min_retry, around.options.max_retry),
      deadline_timer_(around.loop, [this] { ExpireOverdue(); }),
      connect_timer_(around.loop, [this] { OnTimer(); }),
      idle_timer_(around.loop, [this] { CheckIdle(); }) {
  idle_timer_.Set(kIdleCheck);
  connect_timer_.Set(absl::ZeroDuration());  // whoever makes this is not called back while doing so
}

Node::~Node() {
  Close();
  ended_.Clear();
  const std::unique_ptr<Connection> ended = std::move(connection_);
}

// ---------------------------------------------------------------- commands

void Node::Send(const std::vector<std::string>& command, Request request, Done done) {
  if (!available()) {
    request.place = nullptr;
    return done(absl::UnavailableError("Redis is not available"));
  }
  const auto sent = std::make_shared<Sent>(Sent{std::move(done), std::move(request.place), {}});
  sent->overdue = deadlines_.emplace(request.deadline, sent);
  if (sent->overdue == deadlines_.begin()) SetDeadlineTimer();
  if (request.asking) connection_->Send({"ASKING"}, [](const absl::StatusOr<Reply>&) {});
  // It keeps its place until Redis has answered, also when it is overdue: that is what bounds the pipeline.
  connection_->Send(command, [this, sent](absl::StatusOr<Reply> reply) {
    sent->place = nullptr;
    if (!sent->done) return;
    deadlines_.erase(sent->overdue);
    NoteOutcome(reply.status());
    std::exchange(sent->done, nullptr)(std::move(reply));
  });
}

void Node::ExpireOverdue() {
  const Time now = std::chrono::steady_clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const SentPtr sent = deadlines_.extract(deadlines_.begin()).mapped();
    const absl::Status status = absl::DeadlineExceededError("Redis did not answer in time");
    NoteOutcome(status);  // first: whoever learns of the last failure allowed finds the breaker open
    std::exchange(sent->done, nullptr)(status);
  }
  SetDeadlineTimer();
}

void Node::SetDeadlineTimer() {
  if (deadlines_.empty()) return;
  deadline_timer_.Set(absl::FromChrono(deadlines_.begin()->first - std::chrono::steady_clock::now()));
}

void Node::NoteOutcome(const absl::Status& status) {
  // An error that Redis itself reports is an answer.
  if (status.ok() || absl::IsFailedPrecondition(status)) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= around_.options.failures_to_open) {
    GiveUp(absl::StrCat(failures_in_a_row_, " operations in a row failed: ", status.message()));
  }
}

// ---------------------------------------------------------------- the connection, which is also the breaker

void Node::OnTimer() { state_ == State::kWaiting ? Connect() : GiveUp("no answer in time"); }

void Node::Connect() {
  state_ = State::kConnecting;
  if (!address_.socket_path.empty() || !Resolver::IsName(address_.host)) return Open(address_);
  around_.resolver.Resolve(
      address_.host, [this, alive = std::weak_ptr(alive_)](absl::StatusOr<std::string> digits) {
        if (alive.expired() || state_ != State::kConnecting) return;
        if (!digits.ok()) return GiveUp(std::string(digits.status().message()));
        Open(Address{.socket_path = "", .host = *std::move(digits), .port = address_.port});
      });
}

void Node::Open(const Address& address) {
  ++attempt_;
  connect_timer_.Set(around_.options.connect_timeout);
  connection_ = std::make_unique<Connection>(around_.loop.base(), address,
                                             [this](const std::string& reason) { GiveUp(reason); });
  Greet();
}

void Node::Greet() {
  const std::uint64_t attempt = attempt_;
  const ClientOptions& options = around_.options;
  const bool sentinel = role_ == Role::kSentinel;
  const std::string& username = sentinel ? options.sentinel_username : options.username;
  const std::string& password = sentinel ? options.sentinel_password : options.password;
  if (!password.empty()) {
    std::vector<std::string> auth = {"AUTH"};
    if (!username.empty()) auth.push_back(username);
    auth.push_back(password);
    connection_->Send(auth, [this, attempt](const absl::StatusOr<Reply>& reply) {
      if (attempt == attempt_ && !reply.ok()) GiveUp(std::string(reply.status().message()));
    });
  }
  if (attempt != attempt_) return;
  connection_->Send(Probe(), [this, attempt](const absl::StatusOr<Reply>& reply) {
    if (attempt == attempt_) OnGreeting(reply);
  });
}

std::vector<std::string> Node::Probe() const { return {role_ == Role::kMaster ? "ROLE" : "PING"}; }

absl::Status Node::CheckProbe(const absl::StatusOr<Reply>& reply) const {
  // What a Redis that cannot save says to a PING: it gives what it has all the same.
  if (absl::StartsWith(reply.status().message(), "MISCONF")) return absl::OkStatus();
  if (!reply.ok() || role_ != Role::kMaster) return reply.status();
  const bool master =
      !reply->list.empty() && reply->list[0].kind == Reply::Kind::kText && *reply->list[0].text == "master";
  return master ? absl::OkStatus() : absl::FailedPreconditionError("it is not a master");
}

void Node::OnGreeting(const absl::StatusOr<Reply>& reply) {
  if (state_ != State::kConnecting) return;
  if (const absl::Status good = CheckProbe(reply); !good.ok()) return GiveUp(std::string(good.message()));
  state_ = State::kAvailable;
  failures_in_a_row_ = 0;
  backoff_.Reset();
  checking_ = false;
  connect_timer_.Cancel();
  if (role_ != Role::kSentinel) around_.status.NodeConnected(address_);
  changed_();
}

void Node::GiveUp(const std::string& reason) {
  if (state_ == State::kWaiting || state_ == State::kClosed) return;
  state_ = State::kWaiting;
  ++attempt_;
  connect_timer_.Set(backoff_.Next());
  around_.status.Problem(role_ == Role::kSentinel ? "a sentinel is not available" : "Redis is not available",
                         address_, reason);
  changed_();
  if (connection_) ended_.Add(std::move(connection_));  // ends what is under way
}

void Node::CheckIdle() {
  idle_timer_.Set(kIdleCheck);
  if (!available() || std::exchange(checking_, true)) return;
  const std::uint64_t attempt = attempt_;
  connect_timer_.Set(around_.options.connect_timeout);
  connection_->Send(Probe(), [this, attempt](const absl::StatusOr<Reply>& reply) {
    if (attempt != attempt_) return;
    checking_ = false;
    connect_timer_.Cancel();
    if (const absl::Status good = CheckProbe(reply); !good.ok()) GiveUp(std::string(good.message()));
  });
}

}  // namespace broadsheet::redis
