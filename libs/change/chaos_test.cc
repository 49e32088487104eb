// Promise 1 under everything that may go wrong at once: callbacks that hang, followers that come and go, a
// source that is restarted again and again, and readers who ask all the time.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/change/follower.h"
#include "libs/change/publisher.h"
#include "libs/testing/free_port.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/memory_change_log.h"

namespace broadsheet::change {
namespace {

constexpr int kTags = 5;
constexpr int kFollowers = 4;
constexpr absl::Duration kLease = absl::Milliseconds(100);
constexpr absl::Duration kAtLeast = absl::Seconds(4);
constexpr absl::Duration kAtMost = absl::Seconds(60);  // if too little has happened until then

class Chaos : public ::testing::Test {
 protected:
  // A new run of the source, at the same port, with the same log.
  void Restart() {
    server_.reset();
    publisher_.reset();
    PublisherOptions options;
    options.source = "chaos";
    options.lease = kLease;
    options.recent_changes = 8;
    publisher_ = Publisher::Start(log_, options).value();
    rpc::ServerOptions server_options;
    server_options.port = port_;
    server_options.shutdown_grace = absl::Milliseconds(50);
    server_ = std::make_unique<test::GrpcServer>(
        std::vector<grpc::Service*>{}, std::vector<rpc::AsyncService*>{publisher_.get()}, server_options);
  }

  std::shared_ptr<Follower> NewFollower(int number) {
    FollowerOptions options;
    options.source = "chaos";
    options.follower_id = absl::StrCat("follower-", number);
    options.history = number % 2 == 0 ? 0 : 100;
    options.max_tags = number % 3 == 0 ? 2 : 100;
    options.on_change = [number](const v1::Change& change) {
      // Now and then one hangs for longer than its lease.
      if ((change.position() + number) % 17 == 0) absl::SleepFor(1.5 * kLease);
    };
    rpc::ChannelOptions channel;
    channel.own_connection = true;
    return Follower::Start(rpc::NewChannel(absl::StrCat("127.0.0.1:", port_), channel), options);
  }

  void Write() {
    for (int i = 0; !done_; ++i) {
      const int tag = i % kTags;
      absl::SleepFor(absl::Milliseconds(1));  // lets a restart have its turn
      // As a service ends its handlers before it is gone, no restart while one waits.
      std::lock_guard lock(source_);
      const std::int64_t position = log_.Append({absl::StrCat("article/", tag)});
      publisher_->WaitForFollowers(position);
      returned_[tag] = position;
      ++writes_;
    }
  }

  void Read() {
    std::minstd_rand random(7);
    while (!done_) {
      std::vector<std::shared_ptr<Follower>> followers;
      {
        std::lock_guard lock(followers_mutex_);
        followers = followers_;
      }
      for (int i = 0; i < 200; ++i) {
        const int tag = static_cast<int>(random() % kTags);
        const std::int64_t position = returned_[tag];
        if (position == 0) continue;
        for (const auto& follower : followers) Check(*follower, tag, position);
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  // The write of `tag` at `position` has returned.
  void Check(const Follower& follower, int tag, std::int64_t position) {
    const Dependency older{log_.log_id(), position - 1, {absl::StrCat("article/", tag)}};
    if (follower.Judge(older) == Verdict::kFresh || follower.MayJoin(older)) ++violations_;
    if (follower.Judge({log_.log_id(), position, {}}) == Verdict::kFresh) ++uses_;
  }

  test::MemoryChangeLog log_;
  const int port_ = test::FreePort();
  std::mutex source_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<test::GrpcServer> server_;
  std::mutex followers_mutex_;
  std::vector<std::shared_ptr<Follower>> followers_;
  std::array<std::atomic<std::int64_t>, kTags> returned_{};
  std::atomic<bool> done_ = false;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<std::int64_t> uses_ = 0;
  std::atomic<int> violations_ = 0;
};

TEST_F(Chaos, NoFollowerEverUsesAnOlderStateThanAWriteThatHasReturned) {
  Restart();
  for (int i = 0; i < kFollowers; ++i) followers_.push_back(NewFollower(i));
  std::thread writer([this] { Write(); });
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back([this] { Read(); });
  std::minstd_rand random(11);
  const absl::Time began = absl::Now();
  int restarts = 0;
  int replacements = 0;
  // The test is worth something only if things were used and did go wrong.
  const auto enough = [&] { return writes_ > 5 && uses_ > 100 && restarts > 0 && replacements > 0; };
  while (absl::Now() < began + kAtLeast || (!enough() && absl::Now() < began + kAtMost)) {
    absl::SleepFor(absl::Milliseconds(50 + random() % 250));
    if (random() % 3 == 0) {
      std::lock_guard lock(source_);
      Restart();
      ++restarts;
    } else {
      const std::size_t which = random() % kFollowers;
      auto fresh = NewFollower(static_cast<int>(which) + 1);
      {
        std::lock_guard lock(followers_mutex_);
        followers_[which].swap(fresh);
      }
      ++replacements;
    }
  }
  done_ = true;
  writer.join();
  for (std::thread& reader : readers) reader.join();
  followers_.clear();
  server_.reset();
  EXPECT_EQ(violations_, 0);
  EXPECT_GT(writes_, 5);
  EXPECT_GT(uses_, 100);
  EXPECT_GT(restarts, 0);
  EXPECT_GT(replacements, 0);
}

}  // namespace
}  // namespace broadsheet::change
