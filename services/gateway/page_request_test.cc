#include "services/gateway/page_request.h"

#include "gtest/gtest.h"
#include "services/gateway/page_entry_testing.h"

namespace broadsheet::gateway {
namespace {

TEST(PageRequest, ReadsMinPositionsInAnyOrder) {
  EXPECT_EQ(ReadMinPositions("article=42")->article, 42);
  EXPECT_EQ(ReadMinPositions("media=7,article=42")->media, 7);
  EXPECT_EQ(ReadMinPositions(" article=42 ,  media=7 ")->article, 42);
  EXPECT_EQ(ReadMinPositions("")->article, 0);
}

TEST(PageRequest, APositionMayNameItsLog) {
  const auto positions = ReadMinPositions("article=42@log-1, media=7@0af7=/+ ");
  ASSERT_TRUE(positions.ok()) << positions.status();
  EXPECT_EQ(positions->article, 42);
  EXPECT_EQ(positions->article_log_id, "log-1");
  EXPECT_EQ(positions->media, 7);
  EXPECT_EQ(positions->media_log_id, "0af7=/+");
  EXPECT_EQ(ReadMinPositions("article=42")->article_log_id, "");
  EXPECT_TRUE(ReadMinPositions("article=1@" + std::string(128, 'a')).ok());
  for (const std::string& field :
       {std::string("article=42@"), std::string("article=@log"), std::string("article=1@a b"),
        std::string("article=1@\x01"), "article=1@" + std::string(129, 'a')})
    EXPECT_EQ(ReadMinPositions(field).status().code(), absl::StatusCode::kInvalidArgument) << field;
}

TEST(PageRequest, RefusesMinPositionsThatCouldBeReadInTwoWays) {
  for (const char* field :
       {"42", "article", "article=", "article=x", "article=-1", "article=0", "article=1,article=2",
        "author=1", "article=1;media=2", "article=99999999999999999999", ",", "article=1,"}) {
    EXPECT_EQ(ReadMinPositions(field).status().code(), absl::StatusCode::kInvalidArgument) << field;
  }
}

TEST(PageRequest, ReadsOneParameterOfAQueryAndNoOther) {
  EXPECT_EQ(ReadSince(""), std::nullopt);
  EXPECT_EQ(ReadSince("sinc=b-1&Since=b-1&since2=x&x=since"), std::nullopt);
  EXPECT_EQ(ReadSince("since=b-1"), "b-1");
  EXPECT_EQ(ReadSince("utm=1&%73ince=b%2D1&y"), "b-1");
  for (const char* query : {"since", "since=", "since=%", "since=b-1&since=b-1", "since=%FF"})
    EXPECT_EQ(ReadSince(query), "") << query;
}

TEST(PageRequest, KnowsWhatATagLooksLike) {
  for (const char* tag :
       {"article/pier", "author/jo", "section/city", "image/quay", "path/", "path/city", "list/latest"})
    EXPECT_TRUE(CheckTag(tag).ok()) << tag;
  for (const std::string& tag : {std::string(), std::string("pier"), std::string("article/"),
                                 std::string("/city/pier"), "article/" + std::string(1'000, 'a')})
    EXPECT_EQ(CheckTag(tag).code(), absl::StatusCode::kInvalidArgument) << tag;
}

TEST(PageRequest, TellsCrawlersFromReaders) {
  EXPECT_TRUE(IsCrawler("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
  EXPECT_TRUE(IsCrawler("Sogou web Spider/4.0"));
  EXPECT_FALSE(IsCrawler("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"));
  EXPECT_FALSE(IsCrawler(""));
}

TEST(PageRequest, APhoneOfTheMakeCubotIsAReaders) {
  EXPECT_FALSE(IsCrawler("Mozilla/5.0 (Linux; Android 11; CUBOT KINGKONG 5)"));
  EXPECT_FALSE(IsCrawler("Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus Build/CUBOT) Chrome/120.0"));
  EXPECT_TRUE(IsCrawler("Mozilla/5.0 (Linux; Android 11; CUBOT KINGKONG 5) (compatible; Googlebot/2.1)"));
  EXPECT_TRUE(IsCrawler("Locubot/1.0"));
}

TEST(PageRequest, APageDoesNotSayThatItDependsOnWhatIsConcealed) {
  auto entry = MakeEntry({.tags = {"article/pier", "article/secret", "image/quay"}});
  entry->dependencies.Conceal("article/secret");
  EXPECT_TRUE(DependsOn(*entry, "article/pier"));
  EXPECT_TRUE(DependsOn(*entry, "image/quay"));
  EXPECT_FALSE(DependsOn(*entry, "article/secret"));
  EXPECT_FALSE(DependsOn(*entry, "article/ferry"));
}

}  // namespace
}  // namespace broadsheet::gateway
