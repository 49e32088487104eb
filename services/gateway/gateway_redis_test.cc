#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/real_redis.h"
#include "services/gateway/gateway_testing.h"
#include "services/gateway/silent_log_testing.h"

// Redis is only storage: whatever happens to it costs renders, never truth.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "broadsheet:page:https://news.example/city/pier";

class RedisTest : public GatewayTest {
 protected:
  void SetUp() override {
    options_.redis_address = redis_.address();
    options_.redis_timeout = absl::Seconds(2);
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    StartGateway();
    ASSERT_TRUE(Eventually([&] {  // the client connects in the background
      Get("/warm-up");
      return StatusSays("answers");
    }));
  }

  bool StatusSays(const std::string& text) {
    return Contains(test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()), text);
  }

  // Makes the page, whole, and waits until Redis has it.
  void Store() {
    ASSERT_TRUE(Eventually([&] { return !IsDegraded(Get("/city/pier")); }));
    ASSERT_TRUE(Eventually([&] { return redis_.Command({"EXISTS", kKey}) == "1"; }));
  }

  void Restart() {
    StartGateway();
    ASSERT_TRUE(Eventually([&] { return StatusSays("answers"); }));
  }

  test::RealRedis redis_;
};

TEST_F(RedisTest, ARestartedGatewayServesWhatWasMadeBeforeWithoutAsking) {
  Store();
  Restart();
  const int calls = article_.faults.calls("GetArticle");
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_EQ(answer.Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_TRUE(Contains(answer, "Pier opened"));
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
  EXPECT_THAT(Get("/city/pier").Header("cache-status"), HasSubstr("memory"));
}

// A page goes from Redis to its reader on one thread.
TEST_F(RedisTest, EachThreadThatServesReadersAsksItThroughAConnectionOfItsOwn) {
  Store();
  options_.threads = 3;
  options_.pages.cache.max_bytes = 0;
  Restart();
  const auto connections = [&] {
    const std::vector<std::string> lines = absl::StrSplit(redis_.Command({"CLIENT", "LIST"}), "id=");
    return lines.size() - 2;  // without what is before the first, and who asks here
  };
  EXPECT_TRUE(Eventually([&] { return connections() == 4; }));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=redis");
}

// Redis keeps the page from before a withdrawal, which memory has replaced with a 410.
TEST_F(RedisTest, WhatWasWithdrawnIsNotShownOutOfItOnceTheStoryIsBack) {
  Store();
  article_.Withdraw("pier");
  EXPECT_EQ(Get("/city/pier").status, 410);
  article_.Publish("pier", "Pier opened, without the passage");
  article_.faults.Set(Fault::kUnavailable);
  EXPECT_EQ(Get("/city/pier").status, 503);
  article_.faults.Set(Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "without the passage"); }));
}

// What is there costs no room, whatever has to be made meanwhile.
TEST_F(RedisTest, WhatItHasIsServedHoweverManyPagesAreBeingMade) {
  Store();
  options_.pages.max_renders = options_.pages.min_renders = 1;
  Restart();
  article_.HoldAnswers();
  std::thread reader([this] { EXPECT_EQ(Get("/city/bridge").status, 200); });
  article_.WaitUntilHolding(1);
  const test::HttpAnswer stored = Get("/city/pier");
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(stored.Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_EQ(Get("/city/ferry").status, 503) << "there is no room for what has to be made";
  article_.Release();
  reader.join();
}

TEST_F(RedisTest, TwoSitesMayShareIt) {
  Store();
  options_.site.url = "https://other.example";
  Restart();
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_THAT(answer.Header("cache-status"), HasSubstr("fwd=miss"));
  EXPECT_TRUE(Contains(answer, "https://other.example/city/pier"));
  EXPECT_FALSE(Contains(answer, "https://news.example"));
}

TEST_F(RedisTest, PagesFromBeforeTheSiteGotAnotherNameAreMadeAnewBehindTheirReaders) {
  Store();
  options_.site.name = "The Courant and Mail";
  Restart();
  EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "The Courant and Mail"); }));
}

TEST_F(RedisTest, HasEveryPageOfManyThatAreMadeAtATime) {
  constexpr int kStories = 150;
  for (int i = 0; i < kStories; ++i) article_.Publish(absl::StrCat("story-", i), "A story");
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader) {
    readers.emplace_back([this, reader] {
      for (int i = reader; i < kStories; i += 4) Get(absl::StrCat("/city/story-", i));
    });
  }
  for (std::thread& reader : readers) reader.join();
  for (int i = 0; i < kStories; ++i) {
    const std::string key = RedisKey(absl::StrCat("/city/story-", i));
    EXPECT_TRUE(Eventually([&] { return redis_.Command({"EXISTS", key}) == "1"; })) << key;
  }
}

TEST_F(RedisTest, WhatChangedWhileTheGatewayWasAwayIsMadeAnew) {
  Store();
  gateway_ = nullptr;
  article_.Publish("pier", "Changed meanwhile");
  Restart();
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_THAT(answer.Header("cache-status"), HasSubstr("fwd=miss"));
  EXPECT_TRUE(Contains(answer, "Changed meanwhile"));
}

// Of what was withdrawn before it began it will be told; until then it knows less than the gateway before it.
TEST_F(RedisTest, AGatewayThatIsStillCatchingUpShowsNothingThatRedisHas) {
  Store();
  gateway_ = nullptr;
  SilentLog silent(article_.log().log_id());
  RestartableServer server({&silent}, "", nullptr);
  options_.backends.article_address = server.address();
  StartGatewayAlone();
  ASSERT_TRUE(Eventually([&] { return StatusSays("answers") && StatusSays(article_.log().log_id()); }));
  for (int i = 0; i < 20; ++i) EXPECT_NE(Get("/city/pier").status, 200);
  gateway_ = nullptr;
}

TEST_F(RedisTest, ARolledBackRedisIsNotBelieved) {
  Store();
  ASSERT_EQ(redis_.Command({"COPY", kKey, "snapshot"}), "1");
  article_.Publish("pier", "Newer");
  EXPECT_TRUE(Contains(Get("/city/pier"), "Newer"));
  redis_.Command({"COPY", "snapshot", kKey, "REPLACE"});
  Restart();
  EXPECT_TRUE(Contains(Get("/city/pier"), "Newer"));
}

TEST_F(RedisTest, ForeignValuesAreAMiss) {
  for (const char* value : {"", "hello", "BSPG0001", "BSPG0001AAAAAAAAAAAAAAAAAAAAAAgarbage"}) {
    redis_.Command({"SET", kKey, value});
    Restart();
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_EQ(answer.status, 200) << value;
    EXPECT_TRUE(Contains(answer, "Pier opened")) << value;
  }
  redis_.Command({"DEL", kKey});
  redis_.Command({"LPUSH", kKey, "not a string"});
  Restart();
  EXPECT_EQ(Get("/city/pier").status, 200);
}

// Each is one change of the bytes that were stored, which are served if nothing is changed.
TEST_F(RedisTest, AStoredPageOfWhichAnyByteIsDamagedIsAMiss) {
  Store();
  ASSERT_EQ(redis_.Command({"COPY", kKey, "sound"}), "1");
  int size = 0;
  ASSERT_TRUE(absl::SimpleAtoi(redis_.Command({"STRLEN", "sound"}), &size));
  constexpr int kMagic = 8, kHead = kMagic + 16;  // the magic with the schema's number; with the checksum
  ASSERT_GT(size, kHead + 100);
  const auto flip = [](int place) {
    return absl::StrCat(
        "local v = redis.call('GET', 'sound'); local at = ", place + 1,
        "; redis.call('SET', KEYS[1], v:sub(1, at - 1) .. string.char(bit.bxor(v:byte(at), 1)) "
        ".. v:sub(at + 1))");
  };
  const auto cut = [](int bytes) {
    return absl::StrCat("redis.call('SET', KEYS[1], redis.call('GET', 'sound'):sub(1, ", bytes, "))");
  };
  const std::string longer = "redis.call('SET', KEYS[1], redis.call('GET', 'sound') .. 'x')";
  const std::string same = "redis.call('SET', KEYS[1], redis.call('GET', 'sound'))";
  for (const std::string& change :
       {flip(0), flip(kMagic - 1), flip(kMagic), flip(kHead - 1), flip(kHead), flip(size / 2), flip(size - 1),
        cut(kMagic), cut(kHead - 1), cut(kHead), cut(size / 2), cut(size - 1), longer, same}) {
    gateway_ = nullptr;
    redis_.Command({"EVAL", change, "1", kKey});
    Restart();
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_EQ(answer.status, 200) << change;
    EXPECT_TRUE(Contains(answer, "Pier opened")) << change;
    EXPECT_THAT(answer.Header("cache-status"), HasSubstr(change == same ? "hit; detail=redis" : "fwd=miss"))
        << change;
  }
}

TEST_F(RedisTest, APageStoredUnderAnotherPathIsAMiss) {
  Store();
  redis_.Command({"COPY", kKey, RedisKey("/city/bridge")});
  EXPECT_TRUE(Contains(Get("/city/bridge"), "<h1"));
  EXPECT_THAT(Get("/city/bridge").body, HasSubstr("Standfirst of bridge."));
}

TEST_F(RedisTest, FlushedInTheMiddleNothingIsStale) {
  for (int i = 0; i < 40; ++i) {
    if (i % 10 == 5) redis_.Command({"FLUSHALL"});
    article_.Publish("pier", absl::StrCat("Round ", i, " ends"));
    ASSERT_TRUE(Contains(Get("/city/pier"), absl::StrCat("Round ", i, " ends"))) << i;
  }
}

TEST_F(RedisTest, DeadOrHangingRedisCostsLittleTimeAndNoTruth) {
  options_.redis_timeout = absl::Milliseconds(25);
  Restart();
  const telemetry::Counter timeouts("broadsheet_redis_operations_total", "", {{"outcome", "timeout"}});
  auto rounds = [&](const std::string& name) {
    const absl::Time started = absl::Now();
    for (int i = 0; i < 20; ++i) {
      const std::string headline = absl::StrCat(name, " ", i, " ends");
      article_.Publish("pier", headline);
      ASSERT_TRUE(Contains(Get("/city/pier"), headline)) << headline;
    }
    EXPECT_LT(absl::Now() - started, absl::Seconds(5)) << name;
  };
  redis_.Pause();
  const double before = timeouts.Value();
  rounds("hanging");
  EXPECT_LT(timeouts.Value() - before, 20) << "it is not waited for in each round";
  redis_.Resume();
  redis_.Kill();
  rounds("dead");
  redis_.Restart();
  rounds("back");
  EXPECT_TRUE(Eventually([&] { return StatusSays("answers"); }));
}

TEST_F(RedisTest, DegradedPagesAndAbsentPathsAreNotStored) {
  recommendation_.server().Stop();
  Get("/city/bridge");
  Get("/city/nothing");
  article_.Publish("pier", "Marks the end");
  recommendation_.server().Start();
  ASSERT_TRUE(Eventually([&] { return !IsDegraded(Get("/city/pier")); }));
  ASSERT_TRUE(Eventually([&] { return redis_.Command({"EXISTS", kKey}) == "1"; }));
  EXPECT_EQ(redis_.Command({"EXISTS", RedisKey("/city/nothing")}), "0");
}

TEST_F(RedisTest, APageFromRedisIsShownStaleOnlyByAGatewayThatCanJudgeIt) {
  Store();
  Restart();
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer judged = Get("/city/pier");
  EXPECT_EQ(judged.status, 200);
  EXPECT_TRUE(IsDegraded(judged));
  redis_.Kill();
  const test::HttpAnswer again = Get("/city/pier");
  EXPECT_EQ(again.status, 200) << "it was shown a moment ago";
  EXPECT_TRUE(IsDegraded(again));
  redis_.Restart();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Get("/city/pier").status, 503) << "it may have been withdrawn meanwhile";
}

}  // namespace
}  // namespace broadsheet::gateway
