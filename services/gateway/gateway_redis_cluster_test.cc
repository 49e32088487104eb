#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/real_redis_cluster.h"
#include "libs/testing/real_sentinel.h"
#include "services/gateway/gateway_testing.h"

// Pages in a Redis that is more than one server, and may lose writes when one of them takes over.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

class RedisDeploymentTest : public GatewayTest {
 protected:
  RedisDeploymentTest() {
    options_.redis_timeout = absl::Seconds(2);
    article_.Publish("bridge", "Bridge closed");
    recommendation_.Recommend({"bridge"});  // a page without related stories is degraded, and not stored
  }

  void StartWith(const std::string& redis) {
    options_.redis_address = redis;
    StartGateway();
    ASSERT_TRUE(Eventually([&] {  // the client connects in the background
      Get("/warm-up");
      return StatusSays("answers");
    }));
  }

  bool StatusSays(const std::string& text) {
    return Contains(test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()), text);
  }

  // Makes the page, whole, and waits until some node has it.
  void Store(const std::string& path, const std::vector<test::RealRedis*>& nodes) {
    ASSERT_TRUE(Eventually([&] {
      const test::HttpAnswer answer = Get(path);
      return answer.status == 200 && !IsDegraded(answer);
    })) << path;
    ASSERT_TRUE(Eventually([&] { return Has(path, nodes) == 1; })) << path;
  }

  // How many of the nodes have the page.
  static int Has(const std::string& path, const std::vector<test::RealRedis*>& nodes) {
    int count = 0;
    for (test::RealRedis* node : nodes) {
      if (node->Command({"EXISTS", RedisKey(path)}) == "1") ++count;
    }
    return count;
  }
};

TEST_F(RedisDeploymentTest, AnotherGatewayServesWhatThisOneHasPutIntoACluster) {
  test::RealRedisCluster cluster;
  const std::vector<test::RealRedis*> nodes = {&cluster.node(0), &cluster.node(1), &cluster.node(2)};
  std::vector<std::string> paths;
  for (int i = 0; i < 12; ++i) {
    article_.Publish(absl::StrCat("story", i), absl::StrCat("Story ", i));
    paths.push_back(absl::StrCat("/city/story", i));
  }
  ASSERT_NO_FATAL_FAILURE(StartWith(cluster.address()));
  ASSERT_TRUE(Eventually([&] { return StatusSays("3 of 3"); }));
  for (const std::string& path : paths) ASSERT_NO_FATAL_FAILURE(Store(path, nodes));
  for (test::RealRedis* node : nodes) EXPECT_NE(node->Command({"DBSIZE"}), "0");
  ASSERT_NO_FATAL_FAILURE(StartWith(cluster.address()));
  ASSERT_TRUE(Eventually([&] { return StatusSays("3 of 3"); }));
  const int calls = article_.faults.calls("GetArticle");
  for (const std::string& path : paths)
    EXPECT_EQ(Get(path).Header("cache-status"), "broadsheet; hit; detail=redis") << path;
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
}

TEST_F(RedisDeploymentTest, AFailoverThatLosesWritesCostsRendersAndNoTruth) {
  test::RealRedis master;
  test::RealRedis older;
  article_.Publish("pier", "As first published");
  article_.Publish("quay", "Never changed");
  test::RealSentinel sentinel(master);
  ASSERT_NO_FATAL_FAILURE(StartWith(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  for (const std::string path : {"/city/pier", "/city/quay"}) {
    ASSERT_NO_FATAL_FAILURE(Store(path, {&master}));
    ASSERT_EQ(master.Command({"MIGRATE", "127.0.0.1", std::to_string(older.port()), RedisKey(path), "0",
                              "5000", "COPY"}),
              "OK");
  }
  article_.Publish("pier", "As changed since");
  EXPECT_TRUE(Contains(Get("/city/pier"), "As changed since"));

  // The server with the older page takes over.
  gateway_ = nullptr;
  ASSERT_EQ(sentinel.Command({"SENTINEL", "REMOVE", "main"}), "OK");
  ASSERT_EQ(sentinel.Command({"SENTINEL", "MONITOR", "main", "127.0.0.1", std::to_string(older.port()), "1"}),
            "OK");
  ASSERT_NO_FATAL_FAILURE(StartWith(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_THAT(answer.Header("cache-status"), HasSubstr("fwd=miss"));
  EXPECT_TRUE(Contains(answer, "As changed since"));
  EXPECT_EQ(Get("/city/quay").Header("cache-status"), "broadsheet; hit; detail=redis")
      << "what it has is used";
}

}  // namespace
}  // namespace broadsheet::gateway
