// Against a real Redis Cluster, also one whose slots are on their way and whose nodes hang or die.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/redis/client.h"
#include "libs/redis/client_testing.h"
#include "libs/redis/slots.h"
#include "libs/testing/free_port.h"
#include "libs/testing/real_redis_cluster.h"

namespace broadsheet::redis {
namespace {

using ::testing::HasSubstr;

// How often a node has answered with such an error.
int Errors(test::RealRedis& node, const std::string& error) {
  const std::string all = node.Command({"INFO", "errorstats"});
  const std::size_t at = all.find(absl::StrCat("errorstat_", error, ":count="));
  int count = 0;
  if (at == std::string::npos) return 0;
  const std::string number = all.substr(all.find('=', at) + 1);
  EXPECT_TRUE(absl::SimpleAtoi(number.substr(0, number.find_first_not_of("0123456789")), &count));
  return count;
}

bool IsMaster(test::RealRedis& node) { return node.Command({"ROLE"}).starts_with("master"); }

// Keys that the node has, each time another one.
std::string KeyOf(test::RealRedisCluster& cluster, int node) {
  static int next = 0;
  while (true) {
    std::string key = absl::StrCat("key", next++);
    if (cluster.OwnerOf(KeySlot(key)) == node) return key;
  }
}

// One cluster for all tests that leave it whole.
class RedisClusterTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new test::RealRedisCluster(); }
  static void TearDownTestSuite() { delete shared_; }

  // Makes `target` the master of the slot in the eyes of all nodes.
  static void GiveSlot(int slot, int target) {
    const std::string id = shared_->id(target);
    shared_->node(target).Command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
    for (int i = 0; i < 3; ++i)
      shared_->node(i).Command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
  }

  static test::RealRedisCluster* shared_;
};

test::RealRedisCluster* RedisClusterTest::shared_ = nullptr;

// With a cluster of its own.
class RedisClusterFaultTest : public ::testing::Test {
 protected:
  test::RealRedisCluster cluster_;
};

TEST_F(RedisClusterTest, KeysLandOnEveryMaster) {
  auto client = Start(Options(shared_->address()));
  EXPECT_EQ(client->state().nodes, 3);
  std::vector<int> moved;
  for (int node = 0; node < 3; ++node) moved.push_back(Errors(shared_->node(node), "MOVED"));
  for (int node = 0; node < 3; ++node) {
    const std::string key = KeyOf(*shared_, node);
    EXPECT_EQ(Write(*client, key, "value"), absl::OkStatus());
    EXPECT_EQ(Read(*client, key), "value");
    EXPECT_EQ(shared_->node(node).Command({"GET", key}), "value");
    EXPECT_EQ(Errors(shared_->node(node), "MOVED"), moved[node]) << "each was asked at once where it is";
  }
}

TEST_F(RedisClusterTest, SlotsAreTheOnesOfRedis) {
  for (const std::string key :
       {"foo", "{bar}foo", "foo{}{bar}", "foo{{bar}}zap", "foo{bar", "}{", "\xff\x01", " "}) {
    EXPECT_EQ(std::to_string(KeySlot(key)), shared_->node(0).Command({"CLUSTER", "KEYSLOT", key})) << key;
  }
}

TEST_F(RedisClusterTest, OneNodeIsEnoughToBeginWith) {
  auto client = Start(Options(absl::StrCat("cluster://127.0.0.1:1,localhost:", shared_->node(1).port())));
  EXPECT_EQ(client->state().nodes, 3);
  EXPECT_EQ(Write(*client, KeyOf(*shared_, 2), "value"), absl::OkStatus());
}

TEST_F(RedisClusterTest, DeletesKeysOfAnySlot) {
  auto client = Start(Options(shared_->address()));
  std::vector<std::string> keys = {"absent"};
  for (int node = 0; node < 3; ++node) {
    keys.push_back(KeyOf(*shared_, node));
    ASSERT_EQ(Write(*client, keys.back(), "value"), absl::OkStatus());
  }
  EXPECT_EQ(Await(client->Delete(keys)).value(), 3);
}

TEST_F(RedisClusterTest, ACommandThatNoSingleNodeAnswersIsRefused) {
  auto client = Start(Options(shared_->address()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Await(client->Execute({"DBSIZE"})).status()));
}

TEST_F(RedisClusterTest, NothingFailsOrIsLostWhileASlotMoves) {
  auto client = Start(Options(shared_->address()));
  const std::string key = KeyOf(*shared_, 0);
  const std::string slot = std::to_string(KeySlot(key));
  ASSERT_EQ(Write(*client, key, "there"), absl::OkStatus());
  test::RealRedis& source = shared_->node(0);
  test::RealRedis& target = shared_->node(1);
  const int asked = Errors(source, "ASK");
  const int moved_on = Errors(target, "MOVED");
  const int moved_before = Errors(source, "MOVED");

  std::atomic<bool> stop = false;
  std::atomic<int> rounds = 0;
  std::thread reader([&] {
    for (; !stop; ++rounds) {
      const std::string moving = absl::StrCat("{", key, "}", rounds % 10);
      const std::string value = std::to_string(rounds);
      EXPECT_EQ(Write(*client, moving, value), absl::OkStatus());
      EXPECT_EQ(Read(*client, moving), value);
    }
  });
  const auto go_on = [&] { return Eventually([&, from = rounds.load()] { return rounds > from + 20; }); };
  EXPECT_TRUE(go_on());

  EXPECT_EQ(target.Command({"CLUSTER", "SETSLOT", slot, "IMPORTING", shared_->id(0)}), "OK");
  EXPECT_EQ(source.Command({"CLUSTER", "SETSLOT", slot, "MIGRATING", shared_->id(1)}), "OK");
  EXPECT_EQ(Write(*client, absl::StrCat("{", key, "}new"), "new"), absl::OkStatus());
  EXPECT_GT(Errors(source, "ASK"), asked);
  EXPECT_EQ(target.Command({"CLUSTER", "COUNTKEYSINSLOT", slot}), "1");
  EXPECT_EQ(Read(*client, key), "there");
  EXPECT_EQ(Read(*client, absl::StrCat("{", key, "}new")), "new");
  EXPECT_TRUE(go_on());
  EXPECT_EQ(Errors(target, "MOVED"), moved_on) << "asking once is not moving";

  while (source.Command({"CLUSTER", "COUNTKEYSINSLOT", slot}) != "0") {
    for (const auto each : absl::StrSplit(source.Command({"CLUSTER", "GETKEYSINSLOT", slot, "100"}), '\n')) {
      source.Command({"MIGRATE", "127.0.0.1", std::to_string(target.port()), std::string(each), "0", "5000"});
    }
  }
  EXPECT_TRUE(go_on());
  GiveSlot(KeySlot(key), 1);
  EXPECT_EQ(Read(*client, key), "there");
  EXPECT_TRUE(go_on());
  stop = true;
  reader.join();
  const int moved = Errors(source, "MOVED");
  EXPECT_GT(moved, moved_before);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Read(*client, key), "there");
  EXPECT_EQ(Errors(source, "MOVED"), moved) << "the map has been mended";
}

TEST_F(RedisClusterTest, ASlotThatNobodyServesIsUnavailable) {
  auto client = Start(Options(shared_->address()));
  const std::string key = KeyOf(*shared_, 2);
  const std::string slot = std::to_string(KeySlot(key));
  ASSERT_EQ(shared_->node(2).Command({"CLUSTER", "DELSLOTS", slot}), "OK");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(absl::IsUnavailable(Write(*client, key, "value")));
  EXPECT_EQ(Write(*client, KeyOf(*shared_, 2), "value"), absl::OkStatus());
  ASSERT_EQ(shared_->node(2).Command({"CLUSTER", "ADDSLOTS", slot}), "OK");
  EXPECT_TRUE(Eventually([&] { return Write(*client, key, "value").ok(); }));
}

TEST_F(RedisClusterTest, NodesThatSendOnToEachOtherAreNotFollowedForEver) {
  auto client = Start(Options(shared_->address()));
  const std::string key = KeyOf(*shared_, 0);
  const std::string slot = std::to_string(KeySlot(key));
  ASSERT_EQ(shared_->node(1).Command({"CLUSTER", "SETSLOT", slot, "NODE", shared_->id(0)}), "OK");
  ASSERT_EQ(shared_->node(0).Command({"CLUSTER", "SETSLOT", slot, "NODE", shared_->id(1)}), "OK");
  const int before = Errors(shared_->node(0), "MOVED") + Errors(shared_->node(1), "MOVED");
  EXPECT_TRUE(absl::IsUnavailable(Write(*client, key, "value")));
  EXPECT_EQ(Errors(shared_->node(0), "MOVED") + Errors(shared_->node(1), "MOVED") - before, 4);
  GiveSlot(KeySlot(key), 0);
  EXPECT_TRUE(Eventually([&] { return Write(*client, key, "value").ok(); }));
}

TEST_F(RedisClusterTest, ANodeThatKnowsNothingIsNotBelieved) {
  test::RealRedis fresh({"--cluster-enabled", "yes", "--cluster-port", std::to_string(test::FreePort())});
  auto client = Start(Options(absl::StrCat(shared_->address(), ",", fresh.tcp_address())));
  EXPECT_EQ(client->state().nodes, 3);
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus());
  client = Client::Start(Options("cluster://" + fresh.tcp_address())).value();
  EXPECT_TRUE(Eventually([&] { return !client->state().last_error.empty(); }));
  EXPECT_FALSE(client->available());
}

TEST_F(RedisClusterTest, SaysWhenItIsNoCluster) {
  test::RealRedis alone;
  auto client = Client::Start(Options("cluster://" + alone.tcp_address())).value();
  EXPECT_TRUE(Eventually([&] { return !client->state().last_error.empty(); }));
  EXPECT_THAT(client->state().last_error, HasSubstr("cluster support disabled"));
  EXPECT_FALSE(client->available());
  EXPECT_TRUE(absl::IsUnavailable(Write(*client, "key", "value")));
}

TEST_F(RedisClusterFaultTest, ADeadNodeCostsItsOwnKeysOnly) {
  auto client = Start(Options(cluster_.address()));
  const std::string lost = KeyOf(cluster_, 0);
  const std::vector<std::string> kept = {KeyOf(cluster_, 1), KeyOf(cluster_, 2)};
  cluster_.node(0).Kill();
  EXPECT_TRUE(Eventually([&] { return client->state().available_nodes == 2; }));
  EXPECT_TRUE(client->available());
  absl::Duration slowest;
  const auto timed_write = [&](const std::string& key) {
    const absl::Time started = absl::Now();
    const absl::Status written = Write(*client, key, "value");
    slowest = std::max(slowest, absl::Now() - started);
    return written;
  };
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(timed_write(lost)));
    for (const std::string& key : kept) EXPECT_EQ(timed_write(key), absl::OkStatus());
  }
  EXPECT_LT(slowest, absl::Seconds(4)) << "nothing waited for a timeout";
  cluster_.node(0).Restart();
  EXPECT_TRUE(Eventually([&] { return Write(*client, lost, "value").ok(); }));
}

TEST_F(RedisClusterFaultTest, AHangingNodeIsNotWaitedForAgainAndAgain) {
  ClientOptions options = Options(cluster_.address());
  options.failures_to_open = 3;
  options.connect_timeout = absl::Milliseconds(500);
  auto client = Start(options);
  const std::string lost = KeyOf(cluster_, 0);
  const std::string kept = KeyOf(cluster_, 1);
  cluster_.node(0).Pause();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(Await(client->Execute({"GET", lost}, absl::Milliseconds(50))).ok());
    EXPECT_EQ(Write(*client, kept, "value"), absl::OkStatus());
  }
  EXPECT_TRUE(absl::IsUnavailable(Await(client->Get(lost)).status()));
  EXPECT_EQ(client->state().available_nodes, 2);
  cluster_.node(0).Resume();
  EXPECT_TRUE(Eventually([&] { return Write(*client, lost, "value").ok(); }));
}

TEST_F(RedisClusterFaultTest, FollowsItsReplicasWhenMastersGo) {
  const int replica = cluster_.AddReplica(0);
  auto client = Start(Options(cluster_.address()));
  const std::string key = KeyOf(cluster_, 0);
  ASSERT_EQ(Write(*client, key, "before"), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return cluster_.node(replica).Command({"CLUSTER", "FAILOVER"}) == "OK"; }));
  ASSERT_TRUE(Eventually([&] { return IsMaster(cluster_.node(replica)) && !IsMaster(cluster_.node(0)); }));
  EXPECT_TRUE(Eventually([&] { return Write(*client, key, "after").ok(); }));
  EXPECT_EQ(cluster_.node(replica).Command({"GET", key}), "after");
  EXPECT_TRUE(Eventually([&] {  // whoever was asked for the slots may not have known yet: a write finds out
    EXPECT_EQ(Write(*client, key, "after"), absl::OkStatus());
    return cluster_.node(0).Command({"CLIENT", "LIST", "TYPE", "normal"}).find('\n') == std::string::npos;
  })) << "a node without slots is let go";
  EXPECT_TRUE(Eventually([&] { return client->state().available_nodes == 3; }));

  ASSERT_TRUE(Eventually([&] {
    return cluster_.node(0).Command({"INFO", "replication"}).find("link_status:up") != std::string::npos;
  }));
  cluster_.node(replica).Kill();
  EXPECT_TRUE(Eventually([&] { return Write(*client, key, "again").ok(); }));
  EXPECT_EQ(cluster_.node(0).Command({"GET", key}), "again");
}

TEST_F(RedisClusterFaultTest, EndsWhatIsUnderWayWhenItCloses) {
  auto client = Start(Options(cluster_.address()));
  const std::string key = KeyOf(cluster_, 0);
  cluster_.node(0).Pause();
  auto result = client->Get(key);
  client.reset();
  EXPECT_TRUE(absl::IsCancelled(Await(std::move(result)).status()));
}

}  // namespace
}  // namespace broadsheet::redis
