// The clocks of a source and of its follower at different speeds: no clocks are compared, so their speeds are
// what the protocol relies on. Time passes here only when a test says so.
#include <cstdint>
#include <future>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/change/follower.h"
#include "libs/change/manual_clock_testing.h"
#include "libs/change/publisher.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"

namespace broadsheet::change {
namespace {

constexpr absl::Duration kConnectsWithin = absl::Seconds(20);
constexpr absl::Duration kLease = absl::Milliseconds(500);

// Goes on while `time` does, at a speed of its own.
class ClockAtSpeed final : public Clock {
 public:
  ClockAtSpeed(const ManualClock& time, double speed) : time_(time), speed_(speed) {}
  absl::Duration Now() const override { return time_.Now() * speed_; }

 private:
  const ManualClock& time_;
  const double speed_;
};

struct Speeds {
  double source;
  double follower;
};

// A source, and a follower with a lease that was granted at the very moment it was asked for: the worst case.
class SourceAndFollower {
 public:
  explicit SourceAndFollower(Speeds speeds)
      : lease_on_source_(kLease / speeds.source),
        source_clock_(time_, speeds.source),
        follower_clock_(time_, speeds.follower),
        publisher_(Publisher::Start(log_, PublisherOptionsOf(source_clock_)).value()),
        server_({}, {publisher_.get()}),
        follower_(Follower::Start(server_.channel(), FollowerOptionsOf(follower_clock_))) {
    EXPECT_TRUE(follower_->WaitUntilLive(kConnectsWithin));
  }
  ~SourceAndFollower() { release_.Notify(); }

  // What the follower, which has heard nothing for the length of its lease, makes of the state before a write
  // in the moment in which that write returns.
  Verdict JudgeWhenAWriteReturns() {
    // Stuck at this change, the follower hears of no other and renews nothing.
    publisher_->Notify(log_.Append({"article/1"}));
    stuck_.WaitForNotification();
    const std::int64_t position = log_.Append({"article/2"});
    std::future<v1::Propagation> write =
        std::async(std::launch::async, [&] { return publisher_->WaitForFollowers(position); });
    time_.Advance(lease_on_source_ + absl::Nanoseconds(2));  // for what was rounded
    EXPECT_EQ(write.get().acknowledged(), 0);
    return follower_->Judge({log_.log_id(), position - 1, {"article/2"}});
  }

 private:
  static PublisherOptions PublisherOptionsOf(const Clock& clock) {
    PublisherOptions options;
    options.source = "test";
    options.lease = kLease;
    options.restart_grace = absl::ZeroDuration();
    options.clock = &clock;
    return options;
  }

  FollowerOptions FollowerOptionsOf(const Clock& clock) {
    FollowerOptions options;
    options.source = "test";
    options.follower_id = "follower";
    options.clock = &clock;
    options.on_change = [this](const v1::Change&) {
      if (!stuck_.HasBeenNotified()) stuck_.Notify();
      release_.WaitForNotification();
    };
    return options;
  }

  const absl::Duration lease_on_source_;  // in true time
  test::MemoryChangeLog log_;
  ManualClock time_;
  const ClockAtSpeed source_clock_;
  const ClockAtSpeed follower_clock_;
  absl::Notification stuck_;
  absl::Notification release_;
  const std::unique_ptr<Publisher> publisher_;
  test::GrpcServer server_;
  const std::unique_ptr<Follower> follower_;
};

TEST(ClockSpeed, WithinOnePerCentTheFollowerBelievesInNoLeaseThatHasEndedForTheSource) {
  for (const Speeds speeds :
       std::vector<Speeds>{{1, 1}, {1, 0.9905}, {1.0095, 1}, {1.0045, 0.9955}, {0.995, 1.004}}) {
    SourceAndFollower pair(speeds);
    EXPECT_EQ(pair.JudgeWhenAWriteReturns(), Verdict::kNoLease) << speeds.source << " " << speeds.follower;
  }
}

TEST(ClockSpeed, BeyondThatItDoesEvenWhenTheWriteHasReturned) {
  for (const Speeds speeds : std::vector<Speeds>{{1, 0.5}, {1, 0.9895}, {1.0105, 1}}) {
    SourceAndFollower pair(speeds);
    EXPECT_EQ(pair.JudgeWhenAWriteReturns(), Verdict::kFresh) << speeds.source << " " << speeds.follower;
  }
}

}  // namespace
}  // namespace broadsheet::change
