#include "services/gateway/gateway_options.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

GatewayOptions GoodOptions() {
  GatewayOptions options;
  options.site.name = "The Courant";
  options.site.url = "https://news.example";
  options.site.language = "en-GB";
  return options;
}

void ExpectRefused(const GatewayOptions& options, const std::string& flag) {
  const absl::Status checked = CheckOptions(options);
  EXPECT_EQ(checked.code(), absl::StatusCode::kInvalidArgument) << flag;
  EXPECT_THAT(std::string(checked.message()), StartsWith("--" + flag + " "));
}

TEST(GatewayOptions, OneReadIsCountedInAsManyAsAreAllowed) {
  GatewayOptions options = GoodOptions();
  for (const std::uint32_t one_in : {1U, 10'000U}) {
    options.reads.one_in = one_in;
    EXPECT_EQ(CheckOptions(options), absl::OkStatus()) << one_in;
  }
  for (const std::uint32_t one_in : {0U, 10'001U}) {
    options.reads.one_in = one_in;
    ExpectRefused(options, "count_one_read_in");
  }
}

TEST(GatewayOptions, TheLanguageIsATagAndTheNameSaysSomething) {
  GatewayOptions options = GoodOptions();
  for (const char* language : {"en", "gsw", "en-GB", "zh-Hant-TW", "de-CH-1996", "sl-rozaj-biske"}) {
    options.site.language = language;
    EXPECT_EQ(CheckOptions(options), absl::OkStatus()) << language;
  }
  for (const char* language : {"", "english", "en_GB", "en-", "-en", "en GB", "e", "en--GB", "1n",
                               "\"><script>", "en-abcdefghi", "en-a1-a2-a3-a4-a5-a6-a7-a8-a9-b1-b2-b3"}) {
    options.site.language = language;
    ExpectRefused(options, "site_language");
  }
  options = GoodOptions();
  options.site.name = " ";
  ExpectRefused(options, "site_name");
}

TEST(GatewayOptions, AnAddressHasAHost) {
  GatewayOptions options = GoodOptions();
  for (const char* url :
       {"https://news.example", "http://localhost:8080", "https://news.example//", "http://[::1]:8080"}) {
    options.site.url = options.site.media_url = url;
    EXPECT_EQ(CheckOptions(options), absl::OkStatus()) << url;
  }
  for (const char* url : {"https://", "https:///paper", "http://:8080", "news.example", "ftp://news.example",
                          "https://news.example?x", "https://news.example#top", "https://a b", "https://a\"b",
                          "https://me@news.example", ""}) {
    options.site.media_url = "";
    options.site.url = url;
    ExpectRefused(options, "site_url");
    options.site.url = "https://news.example";
    options.site.media_url = url;
    if (*url != '\0') ExpectRefused(options, "media_url");
  }
}

TEST(GatewayOptions, OnlyPicturesMayStandBelowAPath) {
  GatewayOptions options = GoodOptions();
  options.site.media_url = "https://news.example/pictures/";
  EXPECT_EQ(CheckOptions(options), absl::OkStatus());
  for (const char* url : {"https://example.com/news", "https://example.com/news/", "http://[::1]:80//news"}) {
    options.site.url = url;
    ExpectRefused(options, "site_url");
    EXPECT_THAT(std::string(CheckOptions(options).message()), HasSubstr("must end with the host")) << url;
  }
}

TEST(GatewayOptions, ANameInRedisNeedsAPassword) {
  GatewayOptions options = GoodOptions();
  options.redis_username = "gateway";
  ExpectRefused(options, "redis_username");
  options.redis_password_file = "password";
  EXPECT_EQ(CheckOptions(options), absl::OkStatus());
  options.redis_sentinel_username = "gateway";
  ExpectRefused(options, "redis_sentinel_username");
  options.redis_sentinel_password_file = "password";
  options.redis_address = "127.0.0.1:8079";
  ExpectRefused(options, "redis_sentinel_password_file");
  options.redis_address = "sentinel://127.0.0.1:1/main";
  EXPECT_EQ(CheckOptions(options), absl::OkStatus());
}

class PasswordFileTest : public testing::Test {
 protected:
  absl::StatusOr<redis::ClientOptions> Read(const std::string& content) {
    std::ofstream(folder_.File("password"), std::ios::binary) << content;
    GatewayOptions options = GoodOptions();
    options.redis_username = "gateway";
    options.redis_password_file = folder_.File("password");
    return RedisOptions(options);
  }

  test::TempDir folder_;
};

TEST_F(PasswordFileTest, ThePasswordIsItsOnlyLine) {
  for (const char* content : {"a b#c", "a b#c\n", "a b#c\r\n"}) {
    const auto redis = Read(content);
    ASSERT_TRUE(redis.ok()) << redis.status();
    EXPECT_EQ(redis->username, "gateway");
    EXPECT_EQ(redis->password, "a b#c");
    EXPECT_EQ(redis->sentinel_password, "");
  }
  EXPECT_TRUE(Read(std::string(1024, 'a') + "\r\n").ok());
}

TEST_F(PasswordFileTest, WhatIsNoLineIsRefusedWithoutBeingQuoted) {
  for (const std::string& content : {std::string(), std::string("\n"), std::string("hush\nhush"),
                                     std::string("hush\0hush", 9), std::string(1025, 'h') + "ush"}) {
    const absl::Status refused = Read(content).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.message()), StartsWith("--redis_password_file: "));
    EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("hush")));
  }
  GatewayOptions options = GoodOptions();
  options.redis_sentinel_password_file = folder_.File("absent");
  EXPECT_THAT(std::string(RedisOptions(options).status().message()),
              StartsWith("--redis_sentinel_password_file: "));
  options.redis_sentinel_password_file = folder_.path();  // opens, but cannot be read
  EXPECT_FALSE(RedisOptions(options).ok());
}

}  // namespace
}  // namespace broadsheet::gateway
