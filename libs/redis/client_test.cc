// Against a real redis-server, also one that is stopped, killed and restarted.
#include "libs/redis/client.h"

#include <event2/event.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/redis/client_testing.h"
#include "libs/rpc/task.h"
#include "libs/testing/real_redis.h"

namespace broadsheet::redis {
namespace {

TEST(RedisClient, KeepsAndReturnsValuesOfAnyBytes) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  std::string value("a\0b\r\n\xff", 6);
  ASSERT_TRUE(Await(client->Set("key", value, absl::Minutes(1))).ok());
  EXPECT_EQ(*Await(client->Get("key")).value(), value);
  EXPECT_EQ(Await(client->Get("absent")).value(), nullptr);
  EXPECT_EQ(Await(client->Delete({"key", "absent"})).value(), 1);
  EXPECT_EQ(Await(client->Get("key")).value(), nullptr);
  EXPECT_EQ(Await(client->Delete({})).value(), 0);
}

TEST(RedisClient, ForgetsAfterTheTimeToLive) {
  test::RealRedis redis;
  auto client = Start(Options(redis.tcp_address()));
  ASSERT_TRUE(Await(client->Set("key", "value", absl::Minutes(2))).ok());
  const auto left = Await(client->Execute({"PTTL", "key"})).value();
  EXPECT_GT(left.integer, 60'000);
  EXPECT_LE(left.integer, 120'000);
}

TEST(RedisClient, CarriesLargeValuesAndRefusesLargerOnes) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  const std::string large(4U << 20U, 'x');
  ASSERT_TRUE(Await(client->Set("large", large, absl::Minutes(1))).ok());
  EXPECT_EQ(*Await(client->Get("large")).value(), large);
  EXPECT_TRUE(
      absl::IsResourceExhausted(Await(client->Set("larger", large + "x", absl::Minutes(1))).status()));
  redis.Command({"APPEND", "large", "x"});
  EXPECT_TRUE(absl::IsResourceExhausted(Await(client->Get("large")).status()));
}

TEST(RedisClient, AnswersManyThreadsAtOnce) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::pair<std::string, Client::Result<Value>>> pending;
      for (int i = 0; i < 200; ++i) {
        const std::string key = absl::StrCat(thread, "/", i);
        client->Set(key, "value of " + key, absl::Minutes(1), [](const absl::StatusOr<bool>&) {});
        pending.emplace_back(key, client->Get(key));
      }
      for (auto& [key, result] : pending) {
        const auto value = Await(std::move(result));
        if (value.ok() && *value != nullptr && **value == "value of " + key) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
  EXPECT_EQ(client->state().in_flight, 0);
}

TEST(RedisClient, AnErrorOfRedisIsAnAnswer) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  for (int i = 0; i < 20; ++i) {
    const auto reply = Await(client->Execute({"NONSENSE"}));
    EXPECT_TRUE(absl::IsFailedPrecondition(reply.status())) << reply.status();
  }
  EXPECT_TRUE(client->available());
}

TEST(RedisClient, AListComesAsAList) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  redis.Command({"SET", "a", "1"});
  const Reply reply = Await(client->Execute({"MGET", "a", "b"})).value();
  ASSERT_EQ(reply.list.size(), 2U);
  EXPECT_EQ(*reply.list[0].text, "1");
  EXPECT_EQ(reply.list[1].kind, Reply::Kind::kNothing);
}

TEST(RedisClient, FailsAtOnceWhileRedisIsAwayAndFindsItAgain) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  redis.Kill();
  ASSERT_TRUE(Eventually([&] { return !client->available(); }));
  EXPECT_TRUE(absl::IsUnavailable(Await(client->Get("key")).status()));
  redis.Restart();
  ASSERT_TRUE(Eventually([&] { return client->available(); }));
  EXPECT_EQ(Await(client->Get("key")).value(), nullptr);
  EXPECT_GE(client->state().connects, 2);
  EXPECT_NE(client->state().last_error, "");
}

TEST(RedisClient, WhatIsUnderWayWhenRedisDiesFails) {
  test::RealRedis redis;
  auto client = Start(Options(redis.tcp_address()));
  redis.Pause();
  auto result = client->Get("key");
  redis.Kill();
  EXPECT_TRUE(absl::IsUnavailable(Await(std::move(result)).status()));
}

TEST(RedisClient, AStoppedRedisCostsNoMoreThanTheTimeoutAndThenNothing) {
  test::RealRedis redis;
  ClientOptions options = Options(redis.address());
  options.timeout = absl::Milliseconds(25);
  options.connect_timeout = absl::Milliseconds(200);
  options.failures_to_open = 3;
  auto client = Start(options);
  redis.Pause();
  for (int i = 0; i < 3; ++i) {
    const auto value = Await(client->Get("key"));
    EXPECT_TRUE(absl::IsDeadlineExceeded(value.status()) || absl::IsUnavailable(value.status()))
        << value.status();
  }
  EXPECT_FALSE(client->available());
  EXPECT_TRUE(absl::IsUnavailable(Await(client->Get("key")).status()));
  redis.Resume();
  EXPECT_TRUE(Eventually([&] { return client->available(); }));
  EXPECT_TRUE(Eventually([&] { return Await(client->Get("key")).ok(); }));
}

TEST(RedisClient, NoticesAnIdleConnectionThatIsDead) {
  test::RealRedis redis;
  ClientOptions options = Options(redis.address());
  options.connect_timeout = absl::Milliseconds(100);
  auto client = Start(options);
  redis.Pause();
  EXPECT_TRUE(Eventually([&] { return !client->available(); }));
  redis.Resume();
  EXPECT_TRUE(Eventually([&] { return client->available(); }));
}

TEST(RedisClient, RefusesMoreThanItMayHaveInFlight) {
  test::RealRedis redis;
  ClientOptions options = Options(redis.address());
  options.max_in_flight = 10;
  options.max_in_flight_bytes = 1000;
  auto client = Start(options);
  redis.Pause();
  std::vector<Client::Result<Value>> results;
  for (int i = 0; i < 11; ++i) results.push_back(client->Get("key"));
  EXPECT_TRUE(absl::IsResourceExhausted(Await(results[10]).status()));
  redis.Resume();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Await(results[i]).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(
      Await(client->Set("key", std::string(2000, 'x'), absl::Minutes(1))).status()));
}

TEST(RedisClient, SurvivesAFlush) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  ASSERT_TRUE(Await(client->Set("key", "value", absl::Minutes(1))).ok());
  redis.Command({"FLUSHALL"});
  EXPECT_EQ(Await(client->Get("key")).value(), nullptr);
}

TEST(RedisClient, AuthenticatesAndSaysWhenItCannot) {
  test::RealRedis redis({"--requirepass", "secret"});
  ClientOptions options = Options(redis.address());
  auto stranger = Client::Start(options).value();
  ASSERT_TRUE(Eventually([&] { return !stranger->state().last_error.empty(); }));
  EXPECT_THAT(stranger->state().last_error, ::testing::HasSubstr("NOAUTH"));
  EXPECT_FALSE(stranger->available());
  options.password = "secret";
  auto client = Start(options);
  EXPECT_TRUE(Await(client->Set("key", "value", absl::Minutes(1))).ok());
}

TEST(RedisClient, ComesToAServerThatStartsLater) {
  test::RealRedis redis;
  redis.Kill();
  auto client = Client::Start(Options(redis.tcp_address())).value();
  ASSERT_TRUE(Eventually([&] { return !client->state().last_error.empty(); }));
  EXPECT_TRUE(absl::IsUnavailable(Await(client->Get("key")).status()));
  redis.Restart();
  EXPECT_TRUE(Eventually([&] { return client->available(); }));
}

TEST(RedisClient, EndsWhatIsUnderWayWhenItCloses) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  redis.Pause();
  auto result = client->Get("key");
  client.reset();
  EXPECT_TRUE(absl::IsCancelled(Await(std::move(result)).status()));
}

TEST(RedisClient, ACoroutineGoesOnOnTheQueueItAwaitedOn) {
  test::RealRedis redis;
  auto client = Start(Options(redis.address()));
  rpc::CompletionQueues queues(1);
  const bool same = rpc::Wait([](Client& redis_client, rpc::CompletionQueues& threads) -> rpc::Task<bool> {
    auto hop = threads.Hop();
    co_await hop;
    rpc::CompletionQueue* const before = rpc::CompletionQueues::Current();
    auto result = redis_client.Get("key");
    const absl::StatusOr<Value> value = co_await result;
    co_return value.ok() && before != nullptr&& rpc::CompletionQueues::Current() == before;
  }(*client, queues));
  EXPECT_TRUE(same);
}

// A loop that the test runs, with a client on it.
class OnALoopOfSomebodyElse : public testing::Test {
 protected:
  void TearDown() override {
    client_ = nullptr;
    event_base_free(loop_);
  }

  void Connect(const ClientOptions& options) {
    client_ = Client::StartHere(loop_, options).value();
    RunUntil([&] { return client_->available(); });
  }

  void RunUntil(const std::function<bool()>& done) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!done() && absl::Now() < deadline) event_base_loop(loop_, EVLOOP_ONCE);
    ASSERT_TRUE(done());
  }

  std::int64_t ReadsOfRedis() {
    const std::string info = redis_.Command({"INFO", "stats"});
    const std::string name = "total_reads_processed:";
    return std::stoll(info.substr(info.find(name) + name.size()));
  }

  test::RealRedis redis_;
  event_base* const loop_ = event_base_new();
  std::unique_ptr<Client> client_;
};

TEST_F(OnALoopOfSomebodyElse, IsAnsweredOnItsThread) {
  Connect(Options(redis_.address()));
  const std::string large(1U << 20U, 'x');
  std::vector<std::string> values;
  std::vector<std::thread::id> threads;
  client_->Set("key", large, absl::Minutes(1), [&](const absl::StatusOr<bool>& set) {
    EXPECT_TRUE(set.ok());
    client_->Get("key", [&](const absl::StatusOr<Value>& value) {  // from a callback
      values.push_back(**value);
      threads.push_back(std::this_thread::get_id());
    });
  });
  RunUntil([&] { return !values.empty(); });
  EXPECT_EQ(values[0], large);
  EXPECT_EQ(threads[0], std::this_thread::get_id());
}

TEST_F(OnALoopOfSomebodyElse, WhatIsAskedForInOneTurnIsWrittenAtOnce) {
  Connect(Options(redis_.address()));
  const std::int64_t before = ReadsOfRedis();
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    client_->Get("key", [&](const absl::StatusOr<Value>& value) { answered += value.ok() ? 1 : 0; });
  }
  RunUntil([&] { return answered == 100; });
  EXPECT_LT(ReadsOfRedis() - before, 50);
}

TEST_F(OnALoopOfSomebodyElse, FindsARedisAgainThatWasAway) {
  Connect(Options(redis_.address()));
  redis_.Kill();
  RunUntil([&] { return !client_->available(); });
  bool failed = false;
  client_->Get("key",
               [&](const absl::StatusOr<Value>& value) { failed = absl::IsUnavailable(value.status()); });
  EXPECT_TRUE(failed) << "at once";
  redis_.Restart();
  RunUntil([&] { return client_->available(); });
}

TEST_F(OnALoopOfSomebodyElse, EndsWhatIsUnderWayWhenItCloses) {
  Connect(Options(redis_.address()));
  redis_.Pause();
  std::vector<absl::Status> ends;
  const auto note = [&](const absl::StatusOr<Value>& value) { ends.push_back(value.status()); };
  client_->Get("sent", note);
  event_base_loop(loop_, EVLOOP_NONBLOCK);
  client_->Get("not sent", note);
  client_ = nullptr;
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_TRUE(absl::IsCancelled(ends[0])) << ends[0];
  EXPECT_TRUE(absl::IsCancelled(ends[1])) << ends[1];
}

}  // namespace
}  // namespace broadsheet::redis
