#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/real_redis.h"
#include "services/gateway/backends.h"
#include "services/gateway/gateway_testing.h"
#include "services/gateway/silent_log_testing.h"

// What pages tell of having been read: it reaches recommendation, and is never in the way.
namespace broadsheet::gateway {
namespace {

class ClicksTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    options_.reads.interval = absl::Milliseconds(10);
  }

  // The status of the answer to a POST.
  int Post(const std::string& path, const std::string& body, const std::string& more = "") {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(gateway_->http_port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const std::string request =
        absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n",
                     "Origin: https://news.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                     more, "Content-Length: ", body.size(), "\r\n\r\n", body);
    EXPECT_EQ(write(client, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(client, buffer, sizeof(buffer))) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
    close(client);
    return answer.size() < 12 ? 0 : std::atoi(answer.c_str() + 9);
  }

  double Count(const std::string& outcome) {
    const std::string metrics = test::HttpGet(gateway_->ops_port(), "/metrics")->body;
    const std::string name = absl::StrCat("broadsheet_gateway_reads_total{outcome=\"", outcome, "\"} ");
    const std::size_t place = metrics.find(name);
    return place == metrics.npos ? 0 : std::atof(metrics.c_str() + place + name.size());
  }
};

TEST_F(ClicksTest, AReadStoryReachesRecommendationWithTheOneBeforeIt) {
  StartGateway();
  Get("/city/bridge");
  Get("/city/pier");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier&from=%2Fcity%2Fbridge"), 204);
  ASSERT_TRUE(Eventually([&] { return recommendation_.reads().size() == 1; }));
  const auto read = recommendation_.reads()[0];
  EXPECT_EQ(read.article_id(), "pier");
  EXPECT_EQ(read.previous_article_id(), "bridge");
  EXPECT_EQ(read.weight(), 1);
  EXPECT_FALSE(read.has_read_time());
}

TEST_F(ClicksTest, WhatIsNoStoryOfOursIsIgnored) {
  StartGateway();
  Get("/");
  Get("/city/pier");
  const double ignored = Count("ignored");
  for (const char* body : {"page=%2F", "page=%2Fcity%2Fnothing", "page=%2Fbeacon"})
    EXPECT_EQ(Post("/beacon", body), 204) << body;
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier", "Sec-GPC: 1\r\n"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 4; }));  // counted once it is answered
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  ASSERT_TRUE(Eventually([&] { return !recommendation_.reads().empty(); }));
  EXPECT_EQ(recommendation_.reads().size(), 1u);
}

// Memory keeps its page until somebody asks for it.
TEST_F(ClicksTest, AStoryThatWasWithdrawnSinceIsIgnored) {
  StartGateway();
  Get("/city/pier");
  const double ignored = Count("ignored");
  article_.faults.Set(Fault::kUnavailable);  // so that nothing is made anew
  article_.Withdraw("pier");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 1; }));
  EXPECT_TRUE(recommendation_.reads().empty());
}

TEST_F(ClicksTest, OtherPostsAreRefused) {
  StartGateway();
  EXPECT_EQ(Post("/", "page=%2F"), 405);
  EXPECT_EQ(Post("/beacon", "page=%2F&user=7"), 400);
  EXPECT_EQ(Post("/beacon", std::string(5'000, 'a')), 413);
  EXPECT_EQ(Post("/beacon", "page=%2F", "Sec-Fetch-Site: cross-site\r\n"), 403);
}

TEST_F(ClicksTest, ASampleStandsForTheRest) {
  options_.reads.one_in = 4;
  StartGateway();
  Get("/city/pier");
  const double before = Count("sampled_out");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_GT(Count("sampled_out"), before + 25);
  EXPECT_LT(Count("sampled_out"), before + 100);
  ASSERT_TRUE(Eventually([&] { return !recommendation_.reads().empty(); }));
  EXPECT_EQ(recommendation_.reads()[0].weight(), 4);
}

TEST_F(ClicksTest, WhileRecommendationIsDownReadsAreDroppedAndPagesAreNot) {
  StartGateway();
  Get("/city/pier");
  const double undelivered = Count("undelivered");
  recommendation_.server().Stop();
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("undelivered") == undelivered + 1; }));
  EXPECT_EQ(Get("/city/pier").status, 200);
  recommendation_.server().Start();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
    return !recommendation_.reads().empty();
  }));
}

TEST_F(ClicksTest, WhileRecommendationHangsTheQueueIsBounded) {
  options_.reads.max_waiting = 3;
  options_.backends.budgets.related = Budgets().related;
  options_.backends.budgets.most_read = Budgets().most_read;
  StartGateway();
  Get("/city/pier");
  recommendation_.faults.Set(Fault::kHang);
  const double overflowed = Count("overflowed");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_GE(Count("overflowed"), overflowed + 10);
  EXPECT_EQ(Get("/city/pier").status, 200);
  recommendation_.faults.Set(Fault::kNone);
}

// Clicks that come to another gateway than their page came from: Redis has the page of a story, "pier".
class RedisClicksTest : public ClicksTest {
 protected:
  void SetUp() override {
    ClicksTest::SetUp();
    options_.redis_address = redis_.address();
    options_.redis_timeout = absl::Seconds(10);
    recommendation_.Recommend({"bridge"});
    ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
    ASSERT_TRUE(Eventually([&] { return !IsDegraded(Get("/city/pier")); }));
    ASSERT_TRUE(Eventually([&] { return RedisHasThePage(); }));
  }

  bool StatusSays(const std::string& text) {
    return Contains(test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()), text);
  }

  void StartWithEmptyMemory() {
    ASSERT_NO_FATAL_FAILURE(StartGateway());
    ASSERT_TRUE(Eventually([&] { return StatusSays("answers"); }));
  }

  bool RedisHasThePage() { return redis_.Command({"EXISTS", RedisKey("/city/pier")}) == "1"; }

  test::RealRedis redis_;
};

TEST_F(RedisClicksTest, AStoryThatAnotherGatewayServedIsCountedAndNoPageMadeNorKept) {
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  const int calls = article_.faults.calls("GetArticle");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  ASSERT_TRUE(Eventually([&] { return recommendation_.reads().size() == 1; }));
  EXPECT_EQ(recommendation_.reads()[0].article_id(), "pier");
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
  EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=redis");
}

TEST_F(RedisClicksTest, AGatewayWithoutMemoryCountsThemToo) {
  options_.pages.cache.max_bytes = 0;
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  Get("/city/pier");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return recommendation_.reads().size() == 20; }));
}

TEST_F(RedisClicksTest, WhatNobodyHasIsIgnoredAndNotMade) {
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  const double ignored = Count("ignored");
  const int calls = article_.faults.calls("GetArticle");
  for (const char* body : {"page=%2Fcity%2Fbridge", "page=%2Fcity%2Fnothing", "page=%2F", "page=%2Fcity"})
    EXPECT_EQ(Post("/beacon", body), 204) << body;
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 4; }));
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  ASSERT_TRUE(Eventually([&] { return !recommendation_.reads().empty(); }));
  EXPECT_EQ(recommendation_.reads().size(), 1u);
}

TEST_F(RedisClicksTest, AStoryThatWasWithdrawnSinceIsIgnoredUntilItIsBack) {
  options_.pages.cache.max_bytes = 0;
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  const double ignored = Count("ignored");
  article_.Withdraw("pier");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 1; }));
  EXPECT_TRUE(RedisHasThePage());
  EXPECT_TRUE(recommendation_.reads().empty());
  article_.Publish("pier", "Pier opened again");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return recommendation_.reads().size() == 1; }));
}

// It has yet to hear of what was withdrawn before it began.
TEST_F(RedisClicksTest, AGatewayThatIsStillCatchingUpCountsNothingThatRedisHas) {
  gateway_ = nullptr;
  SilentLog silent(article_.log().log_id());
  RestartableServer server({&silent}, "", nullptr);
  options_.backends.article_address = server.address();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  ASSERT_TRUE(Eventually([&] { return StatusSays("answers") && StatusSays(article_.log().log_id()); }));
  const double ignored = Count("ignored");
  EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 1; }));
  EXPECT_TRUE(recommendation_.reads().empty());
  gateway_ = nullptr;
}

// One that waited for Redis before it is answered would never be the fourth.
TEST_F(RedisClicksTest, WhileRedisHangsFewAreLookedUpAndTheOthersDroppedAndAllAnsweredAtOnce) {
  options_.clicks.max_look_ups = 3;
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  const double not_looked_up = Count("not_looked_up");
  redis_.Pause();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_GE(Count("not_looked_up"), not_looked_up + 1);
  redis_.Resume();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
    return !recommendation_.reads().empty();
  }));
}

TEST_F(RedisClicksTest, WhileRedisIsAwayNothingIsLookedUp) {
  ASSERT_NO_FATAL_FAILURE(StartWithEmptyMemory());
  redis_.Kill();
  ASSERT_TRUE(Eventually([&] { return !StatusSays("answers"); }));
  const telemetry::Counter asked("broadsheet_redis_operations_total", "", {{"outcome", "unavailable"}});
  const double ignored = Count("ignored"), asked_before = asked.Value();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Post("/beacon", "page=%2Fcity%2Fpier"), 204);
  EXPECT_TRUE(Eventually([&] { return Count("ignored") == ignored + 20; }));
  EXPECT_LT(asked.Value() - asked_before, 20);
}

}  // namespace
}  // namespace broadsheet::gateway
