// The publisher's life, and the writers' side of it.
#include "libs/change/publisher.h"

#include <algorithm>
#include <utility>

#include "libs/change/serving_publisher.h"

namespace broadsheet::change {
namespace {

// A waiting write looks at its clock at least this often: the clock may be a test's.
constexpr auto kLookAtClock = std::chrono::milliseconds(20);

}  // namespace

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

void ServingPublisher::Notify(std::int64_t position) {
  std::lock_guard lock(mutex_);
  RaiseHead(position);
}

void ServingPublisher::RaiseHead(std::int64_t position) {
  if (position <= head_) return;
  head_ = position;
  committed_.notify_one();
  acknowledged_.notify_all();
}

std::vector<std::shared_ptr<LeaseHolder>> ServingPublisher::Holders() const {
  std::vector<std::shared_ptr<LeaseHolder>> holders = departed_;
  for (const auto& [key, following] : followings_) {
    if (following.holder) holders.push_back(following.holder);
  }
  return holders;
}

v1::Propagation ServingPublisher::WaitForFollowers(std::int64_t position) {
  std::unique_lock lock(mutex_);
  // From here on no lease is granted that does not carry `position`; those granted before are in the lists.
  RaiseHead(position);
  const Clock& clock = *options_.clock;
  const absl::Duration started = clock.Now();
  std::vector<std::shared_ptr<LeaseHolder>> holders = Holders();
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

std::int64_t ServingPublisher::SettledAt(absl::Duration now) const {
  if (now < earlier_leases_until_) return 0;
  std::int64_t settled = head_;
  for (const auto& holder : Holders()) settled = std::min(settled, holder->OldestInUse(head_, now));
  return settled;
}

Publisher::Settlement ServingPublisher::WaitForSettlement(std::int64_t position, absl::Duration timeout) {
  const Clock& clock = *options_.clock;
  std::unique_lock lock(mutex_);
  const absl::Duration deadline = clock.Now() + timeout;
  std::optional<std::vector<std::shared_ptr<LeaseHolder>>> holders;
  Settlement settlement;
  while (true) {
    const absl::Duration now = clock.Now();
    if (!holders && head_ > position) {
      holders = Holders();
      std::erase_if(*holders, [&](const auto& holder) { return !holder->Holds(now); });
    }
    settlement.position = SettledAt(now);
    if (settlement.position > position || now >= deadline) break;
    // A lease may run out at any time, unless there is nothing to settle.
    const absl::Duration left = holders ? absl::FromChrono(kLookAtClock) : deadline - now;
    acknowledged_.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, deadline - now)));
  }
  for (const auto& holder : holders.value_or(std::vector<std::shared_ptr<LeaseHolder>>())) {
    ++(holder->acknowledged() >= settlement.position ? settlement.acknowledged : settlement.expired);
  }
  return settlement;
}

void ServingPublisher::ReviewLeases() {
  std::lock_guard lock(mutex_);
  AdvanceAll();
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

absl::StatusOr<std::unique_ptr<Publisher>> Publisher::Start(const ChangeLog& log, PublisherOptions options) {
  if (options.lease < absl::Milliseconds(50) || options.lease > absl::Seconds(10)) {
    return absl::InvalidArgumentError("the lease must be 50 milliseconds to 10 seconds");
  }
  const absl::StatusOr<std::int64_t> head = log.Head();
  if (!head.ok()) return head.status();
  return std::make_unique<ServingPublisher>(log, std::move(options), *head);
}

}  // namespace broadsheet::change
