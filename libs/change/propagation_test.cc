// A real publisher and real followers over a real gRPC server: what a write may rely on when it returns.
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/change/follower.h"
#include "libs/change/publisher.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"

namespace broadsheet::change {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kLong = absl::Seconds(20);

// A source: a log, its publisher and the server that serves it.
struct Source {
  explicit Source(test::MemoryChangeLog& log, PublisherOptions options = {}, int port = 0) : log(log) {
    options.source = "test";
    if (!options.restart_grace) options.restart_grace = absl::ZeroDuration();
    publisher = Publisher::Start(log, options).value();
    rpc::ServerOptions server_options;
    server_options.port = port;
    server_options.shutdown_grace = absl::Milliseconds(500);
    server = std::make_unique<test::GrpcServer>(
        std::vector<grpc::Service*>{}, std::vector<rpc::AsyncService*>{publisher.get()}, server_options);
  }

  v1::Propagation Commit(const std::vector<std::string>& tags,
                         v1::ChangeKind kind = v1::CHANGE_KIND_PUBLISHED) {
    return publisher->WaitForFollowers(log.Append(tags, kind));
  }

  test::MemoryChangeLog& log;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<test::GrpcServer> server;
};

std::unique_ptr<Follower> Follow(const std::shared_ptr<grpc::Channel>& channel,
                                 FollowerOptions options = {}) {
  options.source = "test";
  if (options.follower_id.empty()) options.follower_id = "follower";
  return Follower::Start(channel, std::move(options));
}

// Waits for what follows soon by itself.
bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kLong;
  while (absl::Now() < deadline) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return false;
}

TEST(Propagation, AWriteReturnsWhenTheFollowerHasAcknowledgedIt) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(10)});
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  for (int i = 1; i <= 200; ++i) {
    const Dependency before{log.log_id(), i - 1, {"article/1"}};
    EXPECT_EQ(follower->Judge(before), Verdict::kFresh);
    const v1::Propagation propagation = source.Commit({"article/1"});
    // At once after the write has returned.
    EXPECT_EQ(follower->Judge(before), Verdict::kChanged) << i;
    EXPECT_EQ(propagation.followers(), 1);
    EXPECT_EQ(propagation.acknowledged(), 1);
    EXPECT_EQ(propagation.expired(), 0);
  }
  EXPECT_EQ(follower->Judge({log.log_id(), 200, {"article/1"}}), Verdict::kFresh);
  EXPECT_EQ(follower->Judge({log.log_id(), 0, {"article/2"}}), Verdict::kFresh);
}

TEST(Propagation, AWriteReturnsWhenTwoHundredFollowersHaveAcknowledgedIt) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(10)});
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < 200; ++i) {
    FollowerOptions options;
    options.follower_id = absl::StrCat("follower-", i);
    followers.push_back(Follow(source.server->channel(), std::move(options)));
  }
  for (const auto& follower : followers) ASSERT_TRUE(follower->WaitUntilLive(kLong));
  for (int position = 1; position <= 5; ++position) {
    const v1::Propagation propagation = source.Commit({"article/1"});
    EXPECT_EQ(propagation.followers(), 200);
    EXPECT_EQ(propagation.acknowledged(), 200);
    EXPECT_EQ(propagation.expired(), 0);
    for (const auto& follower : followers) {
      EXPECT_EQ(follower->Judge({log.log_id(), position - 1, {"article/1"}}), Verdict::kChanged);
      EXPECT_EQ(follower->position().position, position);
    }
  }
}

TEST(Propagation, AWriteWithoutFollowersReturnsAtOnce) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(10)});
  const v1::Propagation propagation = source.Commit({"article/1"});
  EXPECT_EQ(propagation.followers(), 0);
  EXPECT_LT(propagation.wait_micros(), 1'000'000);
}

TEST(Propagation, AFollowerStuckInItsCallbackLosesItsLeaseBeforeTheWriteReturns) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(2)});
  absl::Notification release;
  FollowerOptions options;
  options.on_change = [&](const v1::Change&) { release.WaitForNotification(); };
  auto follower = Follow(source.server->channel(), std::move(options));
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  const v1::Propagation propagation = source.Commit({"article/1"});
  EXPECT_EQ(follower->Judge({log.log_id(), 1, {"article/2"}}), Verdict::kNoLease);
  EXPECT_FALSE(follower->live());
  EXPECT_EQ(propagation.followers(), 1);
  EXPECT_EQ(propagation.acknowledged(), 0);
  EXPECT_EQ(propagation.expired(), 1);
  release.Notify();
  EXPECT_TRUE(Eventually([&] { return source.Commit({"article/1"}).acknowledged() == 1; }));
}

TEST(Propagation, ABrokenStreamsLeaseIsWaitedOut) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Milliseconds(400)});
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  follower.reset();
  ASSERT_TRUE(Eventually([&] {
    const auto followers = source.publisher->followers();
    return followers.empty() || !followers[0].connected;
  }));
  const auto followers = source.publisher->followers();
  const v1::Propagation propagation = source.Commit({"article/1"});
  if (!followers.empty() && followers[0].lease_left > absl::Milliseconds(100)) {
    EXPECT_EQ(propagation.expired(), 1);
    EXPECT_GE(propagation.wait_micros(), 50'000);
  }
  EXPECT_LE(propagation.wait_micros(), 2'000'000);
  EXPECT_EQ(source.Commit({"article/1"}).followers(), 0);
}

TEST(Propagation, AfterARestartLeasesOfTheEarlierRunAreWaitedOut) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Milliseconds(100), .restart_grace = absl::Seconds(2)});
  EXPECT_GE(source.Commit({"article/1"}).wait_micros(), 100'000);
  EXPECT_TRUE(Eventually([&] { return source.Commit({"article/1"}).wait_micros() < 100'000; }));
}

TEST(Propagation, AnOwnerAmongSeveralHearsWhenItsFollowersAreThrough) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(10)});
  EXPECT_EQ(source.publisher->WaitForSettlement(0, absl::ZeroDuration()).position, 0);
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  std::future<Publisher::Settlement> settling = std::async(
      std::launch::async, [&] { return source.publisher->WaitForSettlement(0, absl::Seconds(20)); });
  const std::int64_t position = log.Append({"article/1"}, v1::CHANGE_KIND_PUBLISHED);
  source.publisher->Notify(position);
  const Publisher::Settlement settlement = settling.get();
  EXPECT_EQ(settlement.position, position);
  EXPECT_EQ(settlement.acknowledged, 1);
  EXPECT_EQ(settlement.expired, 0);
}

TEST(Propagation, AFollowerThatHangsKeepsTheOwnerUnsettledUntilItsLeaseIsOver) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(2)});
  absl::Notification release;
  auto follower = Follow(source.server->channel(),
                         {.on_change = [&](const v1::Change&) { release.WaitForNotification(); }});
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  const std::int64_t position = log.Append({"article/1"}, v1::CHANGE_KIND_PUBLISHED);
  source.publisher->Notify(position);
  const Publisher::Settlement settlement = source.publisher->WaitForSettlement(0, kLong);
  EXPECT_EQ(settlement.position, position);
  EXPECT_EQ(settlement.acknowledged, 0);
  EXPECT_EQ(settlement.expired, 1);
  EXPECT_NE(follower->Judge({log.log_id(), 0, {"article/1"}}), Verdict::kFresh);
  release.Notify();
}

TEST(Propagation, NoLeaseOutlastsWhatTheOwnerMayPromise) {
  test::MemoryChangeLog log;
  std::atomic<std::int64_t> end_by{0};
  PublisherOptions options{.lease = absl::Milliseconds(300)};
  options.leases_end_by = [&] { return absl::Nanoseconds(end_by.load()); };
  Source source(log, options);
  auto follower = Follow(source.server->channel());
  EXPECT_TRUE(Eventually([&] { return source.publisher->followers().size() == 1; }));
  EXPECT_FALSE(follower->WaitUntilLive(absl::Milliseconds(200)));
  end_by = absl::ToInt64Nanoseconds(Clock::Boot().Now() + kLong);
  source.publisher->ReviewLeases();
  EXPECT_TRUE(follower->WaitUntilLive(kLong));
}

TEST(Propagation, AFollowerFindsARestartedSourceAndMissesNothing) {
  test::MemoryChangeLog log;
  auto source = std::make_unique<Source>(log, PublisherOptions{.lease = absl::Milliseconds(200)});
  const int port = source->server->port();
  std::vector<std::int64_t> seen;
  std::atomic<int> resets = 0, connects = 0;
  FollowerOptions options;
  options.on_connected = [&] { ++connects; };
  options.on_change = [&](const v1::Change& change) { seen.push_back(change.position()); };
  options.on_reset = [&](const std::string&, std::int64_t) { ++resets; };
  auto follower = Follow(rpc::NewChannel(source->server->address()), std::move(options));
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  source->Commit({"article/1"});
  source->server->Stop();
  source.reset();
  for (int i = 0; i < 3; ++i) log.Append({"article/2"});
  source = std::make_unique<Source>(log, PublisherOptions{.lease = absl::Milliseconds(200)}, port);
  ASSERT_TRUE(follower->WaitForPosition(4, kLong) && follower->WaitUntilLive(kLong));
  EXPECT_EQ(follower->Judge({log.log_id(), 1, {"article/2"}}), Verdict::kChanged);
  EXPECT_EQ(follower->Judge({log.log_id(), 1, {"article/1"}}), Verdict::kFresh);
  EXPECT_EQ(resets, 1);
  EXPECT_TRUE(connects >= 2 && follower->state().reconnects == connects - 1) << connects;
  follower.reset();
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4));
}

TEST(Propagation, AnotherLogVoidsEverythingRemembered) {
  test::MemoryChangeLog first("first");
  first.Append({"article/1"}, v1::CHANGE_KIND_WITHDRAWN);
  auto source = std::make_unique<Source>(first);
  const int port = source->server->port();
  std::vector<std::string> resets;
  FollowerOptions options;
  options.on_reset = [&](const std::string& log_id, std::int64_t floor) {
    resets.push_back(absl::StrCat(log_id, "@", floor));
  };
  auto follower = Follow(rpc::NewChannel(source->server->address()), std::move(options));
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  EXPECT_TRUE(follower->IsWithdrawn("article/1"));
  source->server->Stop();
  source.reset();
  test::MemoryChangeLog second("second");
  second.Append({"article/3"});
  Source replaced(second, {}, port);
  ASSERT_TRUE(Eventually([&] { return follower->position().log_id == "second" && follower->live(); }));
  EXPECT_EQ(follower->Judge({"first", 1, {"article/9"}}), Verdict::kOtherLog);
  EXPECT_EQ(follower->Judge({"second", 1, {"article/3"}}), Verdict::kFresh);
  EXPECT_FALSE(follower->IsWithdrawn("article/1"));
  follower.reset();
  EXPECT_THAT(resets, ElementsAre("first@0", "second@0"));
}

TEST(Propagation, ALogThatNoLongerReachesBackMakesTheFollowerStartAfresh) {
  test::MemoryChangeLog log;
  auto source = std::make_unique<Source>(log);
  const int port = source->server->port();
  auto follower = Follow(rpc::NewChannel(source->server->address()), {.history = 0});
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  source->Commit({"article/1"});
  source->server->Stop();
  source.reset();
  for (int i = 0; i < 10; ++i) log.Append({"article/2"});
  log.Trim(8);
  source = std::make_unique<Source>(log, PublisherOptions{}, port);
  ASSERT_TRUE(Eventually([&] { return follower->position().position == 11 && follower->live(); }));
  EXPECT_EQ(follower->state().floor, 11);
  EXPECT_EQ(follower->Judge({log.log_id(), 10, {"article/9"}}), Verdict::kBelowFloor);
  EXPECT_EQ(follower->Judge({log.log_id(), 11, {"article/2"}}), Verdict::kFresh);
}

TEST(Propagation, ANewFollowerLearnsAsMuchHistoryAsItAsksFor) {
  test::MemoryChangeLog log;
  for (int i = 1; i <= 3500; ++i) log.Append({absl::StrCat("article/", i)});
  Source source(log, {.recent_changes = 10});
  std::vector<std::int64_t> seen;
  FollowerOptions options;
  options.history = 2500;
  options.on_change = [&](const v1::Change& change) { seen.push_back(change.position()); };
  auto follower = Follow(source.server->channel(), std::move(options));
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  EXPECT_EQ(follower->Judge({log.log_id(), 1000, {"article/3500"}}), Verdict::kChanged);
  EXPECT_EQ(follower->Judge({log.log_id(), 1000, {"article/7"}}), Verdict::kFresh);
  EXPECT_EQ(follower->Judge({log.log_id(), 999, {"article/7"}}), Verdict::kBelowFloor);
  follower.reset();
  ASSERT_EQ(seen.size(), 2500U);
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<std::int64_t>(1001 + i));
}

TEST(Propagation, FiftyFollowersAllSeeEveryConcurrentWriteBeforeItReturns) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(5)});
  std::vector<std::unique_ptr<Follower>> followers;
  const auto channel = source.server->channel();
  for (int i = 0; i < 50; ++i) followers.push_back(Follow(channel, {.follower_id = absl::StrCat("f", i)}));
  for (const auto& follower : followers) ASSERT_TRUE(follower->WaitUntilLive(kLong));
  std::vector<std::thread> writers;
  std::atomic<int> violations = 0;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      const std::string tag = absl::StrCat("article/", writer);
      for (int i = 0; i < 10; ++i) {
        const std::int64_t position = log.Append({tag});
        const v1::Propagation propagation = source.publisher->WaitForFollowers(position);
        if (propagation.acknowledged() != 50) ++violations;
        for (const auto& follower : followers) {
          if (follower->Judge({log.log_id(), position - 1, {tag}}) == Verdict::kFresh) ++violations;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(violations, 0);
  EXPECT_EQ(source.publisher->followers().size(), 50U);
  // One read of the log serves them all.
  EXPECT_LT(log.reads(), 100);
}

TEST(Propagation, WithdrawnSubjectsAreKnownAlsoWhenCutOff) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Milliseconds(100)});
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  EXPECT_TRUE(follower->has_followed());
  source.Commit({"article/1"}, v1::CHANGE_KIND_WITHDRAWN);
  source.Commit({"article/2"}, v1::CHANGE_KIND_WITHDRAWN);
  source.Commit({"article/2"}, v1::CHANGE_KIND_PUBLISHED);
  source.server->Stop();
  ASSERT_TRUE(Eventually([&] { return !follower->live(); }));
  EXPECT_TRUE(follower->IsWithdrawn("article/1"));
  EXPECT_FALSE(follower->IsWithdrawn("article/2"));
  EXPECT_EQ(follower->Judge({log.log_id(), 3, {"article/3"}}), Verdict::kNoLease);
  EXPECT_EQ(follower->JudgeByMemory({log.log_id(), 3, {"article/3"}}), Verdict::kFresh);
}

TEST(Propagation, AFollowerWithoutALeaseKeepsNoWriteWaiting) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(10)});
  absl::Notification release;
  FollowerOptions options;
  options.take_lease = false;
  options.on_change = [&](const v1::Change&) { release.WaitForNotification(); };
  auto follower = Follow(source.server->channel(), std::move(options));
  ASSERT_TRUE(Eventually([&] { return follower->has_followed(); }));
  EXPECT_EQ(source.Commit({"article/1"}).followers(), 0);
  release.Notify();
  EXPECT_TRUE(follower->WaitForPosition(1, kLong));
  EXPECT_FALSE(follower->live());
}

TEST(Propagation, AFollowerThatStoredItsPositionGoesOnFromThere) {
  test::MemoryChangeLog log;
  for (int i = 0; i < 5; ++i) log.Append({"article/1"});
  Source source(log);
  std::vector<std::int64_t> seen;
  bool reset = false;
  FollowerOptions options;
  options.log_id = log.log_id();
  options.applied_position = 3;
  options.on_change = [&](const v1::Change& change) { seen.push_back(change.position()); };
  options.on_reset = [&](const std::string&, std::int64_t) { reset = true; };
  auto follower = Follow(source.server->channel(), std::move(options));
  ASSERT_TRUE(follower->WaitForPosition(5, kLong));
  follower.reset();
  EXPECT_THAT(seen, ElementsAre(4, 5));
  EXPECT_FALSE(reset);
}

TEST(Propagation, ALogThatCannotBeReadCostsLeasesNotTruth) {
  test::MemoryChangeLog log;
  Source source(log, {.lease = absl::Seconds(2)});
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  const std::int64_t position = log.Append({"article/1"});
  log.Fail(true);
  const v1::Propagation propagation = source.publisher->WaitForFollowers(position);
  EXPECT_EQ(propagation.expired(), 1);
  EXPECT_FALSE(follower->live());
  log.Fail(false);
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  EXPECT_EQ(follower->Judge({log.log_id(), 0, {"article/1"}}), Verdict::kChanged);
}

TEST(Propagation, AChangeNobodyToldOfIsFoundAllTheSame) {
  test::MemoryChangeLog log;
  Source source(log);
  auto follower = Follow(source.server->channel());
  ASSERT_TRUE(follower->WaitUntilLive(kLong));
  log.Append({"article/1"});
  EXPECT_TRUE(follower->WaitForPosition(1, kLong));
}

}  // namespace
}  // namespace broadsheet::change
