#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/captured_log.h"
#include "libs/testing/real_redis.h"
#include "services/gateway/gateway_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

// A Redis in which this user may do what the README says that a gateway does, and anybody else nothing.
class RedisPasswordTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("pier", "Pier opened");
    options_.redis_address = redis_.address();
    options_.redis_timeout = absl::Seconds(2);
    options_.redis_username = "gateway";
    options_.redis_password_file = folder_.File("password");
  }

  void SetPassword(const std::string& password) {
    std::ofstream(options_.redis_password_file) << password << "\n";
  }

  std::string Status() {
    return test::HttpGet(gateway_->ops_port(), "/status").value_or(test::HttpAnswer()).body;
  }

  test::RealRedis redis_{{"--requirepass", "nobody-knows", "--user", "gateway", "on", ">hush-hush",
                          "~broadsheet:*", "+ping", "+get", "+set", "+del", "+exists"}};
  test::TempDir folder_;
};

TEST_F(RedisPasswordTest, PagesAreKeptThereAndThePasswordIsShownNowhere) {
  SetPassword("hush-hush");
  const test::CapturedLog log;
  StartGateway();
  const std::vector<std::string> count = {"--user",    "gateway", "--pass",
                                          "hush-hush", "EXISTS",  RedisKey("/city/pier")};
  ASSERT_TRUE(Eventually([&] {
    Get("/warm-up");
    return Status().find("answers") != std::string::npos;
  }));
  Get("/city/pier");
  EXPECT_TRUE(Eventually([&] { return redis_.Command(count).ends_with("1"); })) << redis_.Command(count);
  StartGateway();
  ASSERT_TRUE(Eventually([&] { return Status().find("answers") != std::string::npos; }));
  EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_THAT(Status(), Not(HasSubstr("hush-hush")));
  EXPECT_EQ(log.Count({"hush-hush"}), 0);
}

TEST_F(RedisPasswordTest, AWrongOneIsSaidAndShownNowhere) {
  SetPassword("hush-hushed");
  const test::CapturedLog log;
  StartGateway();
  EXPECT_TRUE(Eventually([&] { return Status().find("WRONGPASS") != std::string::npos; }));
  EXPECT_EQ(Get("/city/pier").status, 200);
  EXPECT_THAT(Status(), Not(HasSubstr("hush-hushed")));
  EXPECT_EQ(log.Count({"hush-hushed"}), 0);
}

TEST_F(RedisPasswordTest, WithoutItsFileNothingStarts) {
  EXPECT_THAT(std::string(Gateway::Start(options_).status().message()), HasSubstr("--redis_password_file: "));
}

}  // namespace
}  // namespace broadsheet::gateway
