#include "services/gateway/gateway.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "libs/http/validators.h"
#include "services/gateway/gateway_testing.h"

// The HTTP face: what readers and caches get.
namespace broadsheet::gateway {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PagesTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    StartGateway();
  }
};

TEST_F(PagesTest, AStoryHasItsPage) {
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(Contains(answer, "Pier opened"));
  EXPECT_TRUE(Contains(answer, "Standfirst of pier."));
  EXPECT_TRUE(Contains(answer, "Author jo"));
  EXPECT_TRUE(Contains(answer, "Bridge closed")) << "related";
}

TEST_F(PagesTest, TheFrontSectionsAndAuthorsListTheStories) {
  for (const char* path : {"/", "/city", "/authors/jo"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(Contains(answer, "Pier opened") && Contains(answer, "Bridge closed")) << path;
  }
  EXPECT_EQ(Get("/harbour").status, 200);
  EXPECT_FALSE(Contains(Get("/harbour"), "Pier opened"));
}

TEST_F(PagesTest, FeedsSitemapAndRobotsAreServed) {
  EXPECT_THAT(Get("/feed.atom").Header("content-type"), StartsWith("application/atom+xml"));
  EXPECT_THAT(Get("/city/feed.rss").Header("content-type"), StartsWith("application/rss+xml"));
  EXPECT_EQ(Get("/feed.json").Header("content-type"), "application/feed+json; charset=utf-8");
  for (const char* path :
       {"/feed.atom", "/feed.rss", "/feed.json", "/city/feed.atom", "/city/feed.rss", "/city/feed.json",
        "/authors/jo/feed.atom", "/authors/jo/feed.rss", "/authors/jo/feed.json", "/sitemaps/2026-09.xml"}) {
    EXPECT_TRUE(Contains(Get(path), "https://news.example/city/pier")) << path;
  }
  EXPECT_FALSE(Contains(Get("/harbour/feed.atom"), "pier"));
  EXPECT_TRUE(Contains(Get("/robots.txt"), "Sitemap: https://news.example/sitemap.xml"));
}

TEST_F(PagesTest, AStoryIsThereForOthersToRepublishAsReadersHaveIt) {
  const test::HttpAnswer item = Get("/city/pier.ninjs.json");
  EXPECT_EQ(item.status, 200);
  EXPECT_EQ(item.Header("content-type"), "application/json");
  EXPECT_TRUE(Contains(item, "Pier opened") && Contains(item, "https://news.example/city/pier"));
  EXPECT_THAT(item.Header("surrogate-key"), HasSubstr("article/pier"));
  article_.Publish("pier", "Pier closed again");
  EXPECT_TRUE(Contains(Get("/city/pier.ninjs.json"), "Pier closed again"));
  article_.Move("pier", "/city/new-pier");
  EXPECT_EQ(Get("/city/pier.ninjs.json").Header("location"), "/city/new-pier.ninjs.json");
  article::v1::Withdrawal withdrawal;
  withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_REDIRECT);
  withdrawal.set_redirect_path("/city/bridge");
  article_.Withdraw("pier", withdrawal);
  EXPECT_EQ(Get("/city/new-pier.ninjs.json").status, 410);
  EXPECT_EQ(Get("/city/nothing.ninjs.json").status, 404);
}

TEST_F(PagesTest, OnlyWhatIsAskedForAgainIsCompressedFurther) {
  const auto coding = [&](const std::string& path) {
    return Get(path, {{"Accept-Encoding", "gzip, br"}}).Header("content-encoding");
  };
  EXPECT_EQ(coding("/city"), "gzip");
  EXPECT_EQ(coding("/city/pier"), "gzip");
  EXPECT_TRUE(Eventually([&] { return coding("/city/pier") == "br"; }));
  EXPECT_EQ(coding("/city"), "gzip") << "asked for before the other, and for the second time now";
  EXPECT_TRUE(Eventually([&] { return coding("/city") == "br"; }));
}

TEST_F(PagesTest, ACopyInACodingThatIsNotHereOrNotPreferredIsStillRight) {
  const auto ask = [&](const std::string& etag) {
    return Get("/city/pier", {{"Accept-Encoding", "gzip, br"}, {"If-None-Match", etag}});
  };
  const test::HttpAnswer first = ask("\"none\"");
  ASSERT_EQ(first.Header("content-encoding"), "gzip");
  const std::string brotli = absl::StrReplaceAll(first.Header("etag"), {{"-gzip", "-br"}});
  EXPECT_EQ(ask(brotli).status, 304) << "before there is any";
  ASSERT_TRUE(Eventually([&] { return ask("\"none\"").Header("content-encoding") == "br"; }));
  const test::HttpAnswer again = ask(first.Header("etag"));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.Header("etag"), first.Header("etag"));
}

TEST_F(PagesTest, WhatIsAskedForOftenIsCompressedOnceMoreAndMeansTheSameToConditionalRequests) {
  const test::HttpHeaders brotli = {{"Accept-Encoding", "br"}};
  const auto ask = [&] { return Get("/city/pier", brotli); };
  ASSERT_TRUE(Eventually([&] { return ask().Header("content-encoding") == "br"; }));
  const test::HttpAnswer better = ask();
  test::HttpAnswer best;
  ASSERT_TRUE(Eventually([&] {
    best = ask();
    return best.body.size() < better.body.size();
  }));
  EXPECT_EQ(*http::Unbrotli(best.body), *http::Unbrotli(better.body));
  EXPECT_EQ(best.Header("etag"), better.Header("etag"));
  EXPECT_EQ(Get("/city/pier", {{"Accept-Encoding", "br"}, {"If-None-Match", better.Header("etag")}}).status,
            304);
}

TEST_F(PagesTest, WhatIsNotThereIs404AndIsKept) {
  for (const char* path : {"/city/nothing", "/nothing", "/authors/nobody", "/nothing/feed.atom",
                           "/authors/nobody/feed.json", "/a//b"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_TRUE(Contains(answer, "City")) << path << ": the masthead";
  }
  const int calls = article_.faults.calls("GetArticle");
  EXPECT_EQ(Get("/city/nothing").status, 404);
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
}

TEST_F(PagesTest, TrailingSlashesAndFormerPathsRedirect) {
  const test::HttpAnswer slash = Get("/city/pier/");
  EXPECT_EQ(slash.status, 301);
  EXPECT_EQ(slash.Header("location"), "/city/pier");
  article_.Move("pier", "/city/caf\xc3\xa9");
  const test::HttpAnswer moved = Get("/city/pier");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.Header("location"), "/city/caf%C3%A9");
  EXPECT_EQ(Get("/city/caf%C3%A9").status, 200);
}

TEST_F(PagesTest, WithdrawnStoriesAre410OrNoticeOrRedirect) {
  article_.Withdraw("pier");
  EXPECT_EQ(Get("/city/pier").status, 410);
  article::v1::Withdrawal withdrawal;
  withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_NOTICE);
  withdrawal.set_notice("Removed on legal advice.");
  article_.Withdraw("pier", withdrawal);
  const test::HttpAnswer notice = Get("/city/pier");
  EXPECT_EQ(notice.status, 410);
  EXPECT_TRUE(Contains(notice, "Removed on legal advice."));
  withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_REDIRECT);
  withdrawal.set_redirect_path("/city/bridge");
  article_.Withdraw("pier", withdrawal);
  EXPECT_EQ(Get("/city/pier").status, 301);
  EXPECT_EQ(Get("/city/pier").Header("location"), "/city/bridge");
  withdrawal.set_redirect_path("/city/pier");
  article_.Withdraw("pier", withdrawal);
  EXPECT_EQ(Get("/city/pier").status, 410) << "a redirect to itself";
}

TEST_F(PagesTest, QueriesAndCookiesDecideNothing) {
  Get("/city/pier");
  const int calls = article_.faults.calls("GetArticle");
  const test::HttpAnswer answer = Get("/city/pier?utm_source=x&a=b", {{"Cookie", "session=1"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("cache-status"), HasSubstr("hit"));
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
}

TEST_F(PagesTest, EquivalentSpellingsOfAPathAreOnePage) {
  Get("/city/pier");
  EXPECT_THAT(Get("/c%69ty/pier").Header("cache-status"), HasSubstr("hit"));
}

TEST_F(PagesTest, SaysWhereItsBytesComeFrom) {
  const test::HttpAnswer first = Get("/city/pier");
  EXPECT_THAT(first.Header("cache-status"), HasSubstr("fwd=miss"));
  EXPECT_THAT(first.Header("server-timing"), HasSubstr("GetArticle;dur="));
  EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=memory");
}

// Anybody can ask for any number of them.
TEST_F(PagesTest, PathsThatNothingCanHaveShareOnePage) {
  std::string made;
  for (const char* path : {"//", "/a//b", "/city//pier"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.Header("cache-status"), "broadsheet; detail=generated") << path;
    EXPECT_TRUE(made.empty() || made == answer.body) << path;
    made = answer.body;
  }
}

// One of the errors is how this gateway does not show what was withdrawn.
TEST_F(PagesTest, NobodyIsToldToShowAPageWhenThereIsAnError) {
  for (const char* path : {"/", "/city", "/city/pier", "/feed.atom", "/sitemap.xml"}) {
    for (const char* field : {"cache-control", "cdn-cache-control"})
      EXPECT_THAT(Get(path).Header(field), Not(HasSubstr("stale-if-error"))) << path;
  }
}

TEST_F(PagesTest, WasNotModifiedAfterTheDateOfItsAnswer) {
  for (int i = 0; i < 8; ++i) {
    article_.Publish("pier", absl::StrCat("Version ", i));
    const test::HttpAnswer answer = Get("/city/pier");
    const std::optional<absl::Time> date = http::ParseHttpDate(answer.Header("date"));
    const std::optional<absl::Time> modified = http::ParseHttpDate(answer.Header("last-modified"));
    ASSERT_TRUE(date.has_value());
    EXPECT_LE(modified.value_or(*date), *date);
  }
}

TEST_F(PagesTest, CarriesTheFieldsThatCachesAndBrowsersNeed) {
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_THAT(answer.Header("cache-control"), StartsWith("public, max-age=5"));
  EXPECT_THAT(answer.Header("cdn-cache-control"), StartsWith("public"));
  EXPECT_THAT(answer.Header("surrogate-key"), HasSubstr("article/pier"));
  EXPECT_THAT(answer.Header("surrogate-key"), HasSubstr("path/city/pier"));
  EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
  EXPECT_THAT(answer.Header("content-security-policy"), HasSubstr("frame-ancestors"));
  EXPECT_THAT(answer.Header("content-security-policy"), Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(answer.Header("content-security-policy"), HasSubstr("https://media.example"));
  EXPECT_FALSE(answer.Header("referrer-policy").empty());
  EXPECT_FALSE(answer.Header("permissions-policy").empty());
  EXPECT_TRUE(Eventually([&] { return !Get("/city/pier").Header("last-modified").empty(); }));
  EXPECT_THAT(answer.Header("vary"), HasSubstr("Accept-Encoding"));
}

TEST_F(PagesTest, ConditionalRequestsAreAnswered304) {
  const std::string etag = Get("/city/pier").Header("etag");
  ASSERT_FALSE(etag.empty());
  const test::HttpAnswer same = Get("/city/pier", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  article_.Publish("pier", "Pier closed again");
  const test::HttpAnswer changed = Get("/city/pier", {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_TRUE(Contains(changed, "Pier closed again"));
}

TEST_F(PagesTest, AChangeThatReadersCannotSeeKeepsTheEtag) {
  const std::string etag = Get("/city/pier").Header("etag");
  article_.Publish("pier", "Pier opened");
  EXPECT_EQ(Get("/city/pier", {{"If-None-Match", etag}}).status, 304);
}

TEST_F(PagesTest, OtherMethodsAreRefused) {
  const auto answer = test::HttpRequest(gateway_->http_port(), "POST", "/city/pier", {}, "x");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 405);
  EXPECT_EQ(test::HttpRequest(gateway_->http_port(), "HEAD", "/city/pier")->status, 200);
}

TEST_F(PagesTest, AssetsAreKeptForEverAndFoundUnderOldNames) {
  const test::HttpAnswer page = Get("/city/pier");
  const std::size_t begin = page.body.find("/assets/");
  ASSERT_NE(begin, std::string::npos);
  const std::string path = page.body.substr(begin, page.body.find('"', begin) - begin);
  const test::HttpAnswer asset = Get(path);
  EXPECT_EQ(asset.status, 200) << path;
  EXPECT_THAT(asset.Header("cache-control"), HasSubstr("immutable"));
  const std::size_t dot = path.find('.');
  const std::string old_path = path.substr(0, dot) + ".0123456789ab" + path.substr(path.rfind('.'));
  const test::HttpAnswer old = Get(old_path);
  EXPECT_EQ(old.status, 200) << old_path;
  EXPECT_EQ(old.body, asset.body);
  EXPECT_THAT(old.Header("cache-control"), Not(HasSubstr("immutable")));
  EXPECT_EQ(Get("/assets/nothing.0123456789ab.css").status, 404);
}

TEST_F(PagesTest, EditorsMayLinkFromStoryToStory) {
  article_.Publish(StoryLinkingTo("pier"));
  EXPECT_TRUE(Contains(Get("/city/linking"), "href=\"/city/pier\""));
  article_.Move("pier", "/city/new-pier");
  EXPECT_TRUE(Contains(Get("/city/linking"), "href=\"/city/new-pier\""));
  EXPECT_FALSE(Contains(Get("/city/linking"), "href=\"/city/pier\""));
}

TEST_F(PagesTest, CuratedStoriesComeFirstThenRecommendedOnes) {
  article_.Publish("third", "Third");
  article::v1::Article story;
  story.set_article_id("curated");
  story.set_path("/city/curated");
  story.mutable_content()->set_headline("Curated");
  story.mutable_content()->set_section_id("city");
  story.mutable_content()->add_related_article_ids("bridge");
  story.mutable_content()->add_related_article_ids("curated");
  article_.Publish(story);
  recommendation_.Recommend({"third", "bridge", "curated", "pier"});
  const test::HttpAnswer answer = Get("/city/curated");
  EXPECT_FALSE(IsDegraded(answer));
  const std::size_t bridge = answer.body.find("href=\"/city/bridge\"");
  const std::size_t third = answer.body.find("href=\"/city/third\"");
  const std::size_t pier = answer.body.find("href=\"/city/pier\"");
  ASSERT_NE(pier, std::string::npos);
  EXPECT_LT(bridge, third);
  EXPECT_LT(third, pier);
}

TEST_F(PagesTest, TheFollowersAndTheCacheAreOnTheStatusPage) {
  const auto status = test::HttpGet(gateway_->ops_port(), "/status");
  ASSERT_TRUE(status.ok());
  EXPECT_TRUE(Contains(*status, "gateway"));
  EXPECT_TRUE(Contains(*status, "article-log"));
  EXPECT_TRUE(Contains(*status, "media-log"));
  Get("/city/pier");
  Get("/city/pier");
  const auto metrics = test::HttpGet(gateway_->ops_port(), "/metrics");
  EXPECT_THAT(metrics->body, HasSubstr("broadsheet_gateway_answers_total{source=\"memory\"}"));
  EXPECT_THAT(metrics->body, HasSubstr("broadsheet_gateway_http_responses_total{status=\"2xx\"}"));
}

class StartTest : public GatewayTest {};

TEST_F(StartTest, ServesBeforeAnybodyElseRuns) {
  article_.Publish("pier", "Pier opened");
  article_.server().Stop();
  media_.server().Stop();
  recommendation_.server().Stop();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(test::HttpGet(gateway_->ops_port(), "/readyz")->status, 200);
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.Header("retry-after").empty());
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 200; }));
}

TEST_F(StartTest, PagesWithoutADateSayWhatTheTimeZoneIsCalledNow) {
  options_.time_zone = "Europe/London";
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  for (const char* path : {"/", "/city", "/authors/jo", "/most-read", "/nowhere/at-all"})
    EXPECT_THAT(Get(path).body, AnyOf(HasSubstr("Times are GMT."), HasSubstr("Times are BST."))) << path;
}

TEST_F(StartTest, SaysInOneSentenceWhyItCannotStart) {
  options_.templates = "/nowhere";
  EXPECT_FALSE(Gateway::Start(options_).ok());
  options_.templates = BROADSHEET_TEMPLATES;
  options_.time_zone = "Nowhere/Land";
  EXPECT_EQ(Gateway::Start(options_).status().code(), absl::StatusCode::kInvalidArgument);
  options_.time_zone = "Europe/London";
  options_.redis_address = "no port";
  EXPECT_FALSE(Gateway::Start(options_).ok());
  options_.redis_address = "";
  StartGateway();
  options_.http_port = gateway_->http_port();
  EXPECT_THAT(std::string(Gateway::Start(options_).status().message()), HasSubstr("in use"));
}

TEST_F(StartTest, ADrainedGatewayIsNotReadyAndRefusesConnections) {
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  const int port = gateway_->http_port();
  EXPECT_EQ(Get("/robots.txt").status, 200);
  gateway_->Drain();
  EXPECT_FALSE(test::HttpGet(port, "/robots.txt").ok());
}

}  // namespace
}  // namespace broadsheet::gateway
