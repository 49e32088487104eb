#include "libs/redis/address.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::redis {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) texts.push_back(ToText(address));
  return texts;
}

TEST(RedisAddress, ReadsEachForm) {
  for (const char* text : {"localhost:1", "10.0.0.1:65535", "[::1]:6379", "unix:///run/redis.sock"}) {
    const Deployment deployment = ParseDeployment(text).value();
    EXPECT_EQ(deployment.kind, Deployment::Kind::kStandalone) << text;
    EXPECT_THAT(Texts(deployment.addresses), ElementsAre(text));
  }
  const Deployment sentinel = ParseDeployment("sentinel://one:26379,[::2]:26380/the/main-one").value();
  EXPECT_EQ(sentinel.kind, Deployment::Kind::kSentinel);
  EXPECT_THAT(Texts(sentinel.addresses), ElementsAre("one:26379", "[::2]:26380"));
  EXPECT_EQ(sentinel.master_name, "the/main-one");
  const Deployment cluster = ParseDeployment("cluster://a:1,b:2,c:3").value();
  EXPECT_EQ(cluster.kind, Deployment::Kind::kCluster);
  EXPECT_THAT(Texts(cluster.addresses), ElementsAre("a:1", "b:2", "c:3"));
}

TEST(RedisAddress, RefusesWhatItCannotUnderstand) {
  std::string many = "cluster://a:1";
  for (std::size_t i = 0; i < kMaxAddresses; ++i) absl::StrAppend(&many, ",a:", i + 1);
  for (const std::string text : {"",
                                 "redis",
                                 "host:",
                                 ":1",
                                 "host:0",
                                 "host:65536",
                                 "host:x",
                                 "unix://relative",
                                 "a:b:1",
                                 "a:1,b:1",
                                 "redis://a:1",
                                 "cluster://",
                                 "cluster://a",
                                 "cluster://a:1,",
                                 "cluster://a:1/0",
                                 "cluster://a:1, b:2",
                                 "[anything]:1",
                                 "cluster://unix:///path",
                                 "sentinel://a:1",
                                 "sentinel://a:1/",
                                 "sentinel:///main",
                                 "sentinel://a:1,,b:1/main",
                                 many.c_str()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDeployment(text).status())) << text;
  }
}

}  // namespace
}  // namespace broadsheet::redis
