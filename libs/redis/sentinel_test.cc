// Against real sentinels, a real master and its replica.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/redis/client.h"
#include "libs/redis/client_testing.h"
#include "libs/testing/real_redis.h"
#include "libs/testing/real_sentinel.h"

namespace broadsheet::redis {
namespace {

using ::testing::HasSubstr;

bool Says(test::RealRedis& redis, const std::vector<std::string>& command, const std::string& text) {
  return redis.Command(command).find(text) != std::string::npos;
}

class RedisSentinelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Eventually([&] { return Says(replica_, {"INFO", "replication"}, "master_link_status:up"); }));
  }

  static bool KnowsReplica(test::RealSentinel& sentinel) {
    const std::string replicas = sentinel.Command({"SENTINEL", "REPLICAS", "main"});
    return replicas.find("master-link-status\nok") != std::string::npos;
  }

  test::RealRedis master_{{"--repl-diskless-sync-delay", "0"}};
  test::RealRedis replica_{
      {"--replicaof", "127.0.0.1", std::to_string(master_.port()), "--repl-diskless-sync-delay", "0"}};
};

TEST_F(RedisSentinelTest, WritesToTheMasterThatTheSentinelNames) {
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus());
  EXPECT_EQ(Read(*client, "key"), "value");
  EXPECT_EQ(master_.Command({"GET", "key"}), "value");
  EXPECT_EQ(client->state().connects, 1);
}

TEST_F(RedisSentinelTest, TellsSentinelsTheirOwnPasswordAndTheMasterIts) {
  test::RealRedis master({"--requirepass", "of-masters"});
  test::RealSentinel sentinel(master, 1, {"sentinel auth-pass main of-masters", "requirepass of-sentinels"});
  ClientOptions options = Options(absl::StrCat("sentinel://", sentinel.address(), "/main"));
  options.password = "of-masters";
  auto stranger = Client::Start(options).value();
  ASSERT_TRUE(Eventually([&] { return !stranger->state().last_error.empty(); }));
  EXPECT_THAT(stranger->state().last_error, HasSubstr("NOAUTH"));
  options.sentinel_password = "of-sentinels";
  auto client = Start(options);
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus());
}

TEST_F(RedisSentinelTest, AsksTheNextSentinelWhenOneIsAwayOrKnowsNothing) {
  test::RealSentinel ignorant(master_);
  ASSERT_EQ(ignorant.Command({"SENTINEL", "REMOVE", "main"}), "OK");
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://127.0.0.1:1,no.such.host.invalid:1,",
                                           ignorant.address(), ",", sentinel.address(), "/main")));
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus());
}

TEST_F(RedisSentinelTest, SaysThatNoSentinelKnowsTheMaster) {
  test::RealSentinel sentinel(master_);
  auto client = Client::Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/other"))).value();
  ASSERT_TRUE(Eventually([&] { return !client->state().last_error.empty(); }));
  EXPECT_THAT(client->state().last_error, HasSubstr("knows no master \"other\""));
  EXPECT_TRUE(absl::IsUnavailable(Write(*client, "key", "value")));
}

TEST_F(RedisSentinelTest, FollowsAFailoverThatSomebodyAsksFor) {
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  ASSERT_TRUE(Eventually([&] { return KnowsReplica(sentinel); }));
  ASSERT_TRUE(Eventually([&] { return sentinel.Command({"SENTINEL", "FAILOVER", "main"}) == "OK"; }));
  ASSERT_TRUE(Eventually([&] { return Says(replica_, {"ROLE"}, "master"); }));
  EXPECT_TRUE(Eventually([&] {
    return Write(*client, "key", "after").ok() && replica_.Command({"GET", "key"}) == "after";
  }));
}

TEST_F(RedisSentinelTest, FollowsAFailoverWhenTheMasterDies) {
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  ASSERT_TRUE(Eventually([&] { return KnowsReplica(sentinel); }));
  master_.Kill();
  EXPECT_TRUE(Eventually([&] { return !client->available(); }));
  EXPECT_TRUE(absl::IsUnavailable(Write(*client, "key", "value")));
  EXPECT_TRUE(Eventually([&] { return Write(*client, "key", "value").ok(); }));
  EXPECT_EQ(replica_.Command({"GET", "key"}), "value");
}

TEST_F(RedisSentinelTest, GoesOnWithTwoOfThreeSentinels) {
  std::vector<std::unique_ptr<test::RealSentinel>> sentinels;
  std::string address = "sentinel://";
  for (int i = 0; i < 3; ++i) {
    sentinels.push_back(std::make_unique<test::RealSentinel>(master_, 2));
    absl::StrAppend(&address, i == 0 ? "" : ",", sentinels.back()->address());
  }
  for (const auto& each : sentinels) {
    ASSERT_TRUE(Eventually([&] {
      return KnowsReplica(*each) &&
             each->Command({"SENTINEL", "CKQUORUM", "main"}).find("OK 3 usable") != std::string::npos;
    }));
  }
  auto client = Start(Options(address + "/main"));
  sentinels[0]->Kill();
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus()) << "the master is still there";
  master_.Kill();
  EXPECT_TRUE(Eventually([&] { return !client->available(); }));
  EXPECT_TRUE(Eventually([&] { return Write(*client, "key", "value").ok(); }));
  EXPECT_EQ(replica_.Command({"GET", "key"}), "value");
}

TEST_F(RedisSentinelTest, AMasterThatSaysItIsNoneIsLeftUntilItIsOneAgain) {
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  test::RealRedis other;
  ASSERT_EQ(master_.Command({"REPLICAOF", "127.0.0.1", std::to_string(other.port())}), "OK");
  EXPECT_TRUE(absl::IsUnavailable(Write(*client, "key", "value")));
  EXPECT_FALSE(client->available());
  ASSERT_EQ(master_.Command({"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_TRUE(Eventually([&] { return Write(*client, "key", "value").ok(); }));
}

// What a partition looks like from where the client can see both sides.
TEST_F(RedisSentinelTest, LeavesAMasterThatAnswersWhenTheSentinelNamesAnother) {
  test::RealSentinel sentinel(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel.address(), "/main")));
  test::RealRedis other;
  ASSERT_EQ(Write(*client, "key", "value"), absl::OkStatus());
  ASSERT_EQ(sentinel.Command({"SENTINEL", "REMOVE", "main"}), "OK");
  ASSERT_EQ(sentinel.Command({"SENTINEL", "MONITOR", "main", "127.0.0.1", std::to_string(other.port()), "1"}),
            "OK");
  EXPECT_TRUE(Eventually([&] {
    return Write(*client, "key", "value").ok() && other.Command({"GET", "key"}) == "value";
  }));
  EXPECT_TRUE(Says(master_, {"ROLE"}, "master"));
}

TEST_F(RedisSentinelTest, ADeadSentinelIsNoReasonToLeaveTheMaster) {
  auto sentinel = std::make_unique<test::RealSentinel>(master_);
  auto client = Start(Options(absl::StrCat("sentinel://", sentinel->address(), "/main")));
  sentinel->Kill();
  ASSERT_TRUE(Eventually([&] { return !client->state().last_error.empty(); }));
  EXPECT_EQ(Write(*client, "key", "value"), absl::OkStatus());
  EXPECT_EQ(client->state().connects, 1);
}

}  // namespace
}  // namespace broadsheet::redis
