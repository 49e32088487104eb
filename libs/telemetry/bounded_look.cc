#include "libs/telemetry/bounded_look.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace broadsheet::telemetry {
namespace {

constexpr std::size_t kMaxWaiting = 100;

}  // namespace

BoundedLook::BoundedLook(std::function<void()> look, absl::Duration patience)
    : look_(std::move(look)),
      patience_(absl::ToChronoNanoseconds(patience)),
      looker_([this] { LookAgainAndAgain(); }),
      timekeeper_([this] { GiveUpInTime(); }) {}

BoundedLook::~BoundedLook() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_all();
  waiting_changed_.notify_all();
  looker_.join();
  timekeeper_.join();
}

void BoundedLook::Ask(Then then) {
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    const bool hangs = looking_since_ && now - *looking_since_ > patience_;
    if (!hangs && waiting_.size() < kMaxWaiting) {
      waiting_.push_back({std::move(then), now + patience_});
      asked_.notify_one();
      waiting_changed_.notify_one();
      return;
    }
  }
  then(false);
}

template <class Condition>
std::vector<BoundedLook::Waiting> BoundedLook::TakeThose(Condition condition) {
  const auto taken = std::stable_partition(waiting_.begin(), waiting_.end(),
                                           [&](const Waiting& one) { return !condition(one); });
  std::vector<Waiting> those(std::make_move_iterator(taken), std::make_move_iterator(waiting_.end()));
  waiting_.erase(taken, waiting_.end());
  return those;
}

bool BoundedLook::SomebodyWaits() const {
  return std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& one) { return !one.in_hand; });
}

void BoundedLook::LookAgainAndAgain() {
  std::unique_lock lock(mutex_);
  while (true) {
    asked_.wait(lock, [this] { return stopping_ || SomebodyWaits(); });
    if (stopping_) return;
    for (Waiting& one : waiting_) one.in_hand = true;
    looking_since_ = Clock::now();
    lock.unlock();
    look_();
    lock.lock();
    looking_since_.reset();
    const std::vector<Waiting> answered = TakeThose([](const Waiting& one) { return one.in_hand; });
    lock.unlock();
    for (const Waiting& one : answered) one.then(true);
    lock.lock();
  }
}

void BoundedLook::GiveUpInTime() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      waiting_changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      continue;
    }
    const Clock::time_point now = Clock::now();
    const std::vector<Waiting> late = TakeThose([&](const Waiting& one) { return one.deadline <= now; });
    if (late.empty()) {
      waiting_changed_.wait_until(lock, waiting_.front().deadline);  // asked first, and so due first
      continue;
    }
    lock.unlock();
    for (const Waiting& one : late) one.then(false);
    lock.lock();
  }
}

}  // namespace broadsheet::telemetry
