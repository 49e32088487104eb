#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// What search engines are told to visit, and when they are told no more.
namespace broadsheet::gateway {
namespace {

constexpr std::string_view kSite = "https://news.example";

class SitemapTest : public GatewayTest {
 protected:
  // Publish the oldest first: that is how the fake lists them.
  void Publish(const std::string& id, absl::Time published) {
    article::v1::Article story;
    story.set_article_id(id);
    story.set_path(absl::StrCat("/city/", id));
    story.mutable_content()->set_headline(absl::StrCat("Headline of ", id));
    story.mutable_content()->set_section_id("city");
    story.mutable_content()->add_author_ids("jo");
    story.mutable_content()->set_language("en-GB");
    story.mutable_first_published_at()->set_seconds(absl::ToUnixSeconds(published));
    article_.Publish(story);
  }
  static absl::Time Day(int year, int month, int day) {
    return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
  }
  bool Lists(const std::string& sitemap, const std::string& path) {
    return Contains(Get(sitemap), std::string("<loc>").append(kSite).append(path).append("</loc>"));
  }
};

TEST_F(SitemapTest, TheIndexNamesEveryMonthInWhichAnythingWasPublished) {
  Publish("founded", Day(1999, 12, 31));
  Publish("first", Day(2026, 10, 1));
  Publish("second", Day(2026, 10, 31));
  Publish("third", Day(2026, 11, 1));
  StartGateway();
  const test::HttpAnswer index = Get("/sitemap.xml");
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.Header("content-type"), "application/xml; charset=utf-8");
  for (const char* sitemap :
       {"/sitemaps/pages.xml", "/sitemaps/2026-11.xml", "/sitemaps/2026-10.xml", "/sitemaps/1999-12.xml"}) {
    EXPECT_TRUE(Lists("/sitemap.xml", sitemap)) << sitemap;
    EXPECT_EQ(Get(sitemap).status, 200) << sitemap;
  }
  EXPECT_FALSE(Contains(index, "2026-09"));
  EXPECT_TRUE(Lists("/sitemaps/2026-10.xml", "/city/first"));
  EXPECT_TRUE(Lists("/sitemaps/2026-10.xml", "/city/second"));
  EXPECT_FALSE(Lists("/sitemaps/2026-10.xml", "/city/third"));
  EXPECT_TRUE(Lists("/sitemaps/2026-11.xml", "/city/third"));
  EXPECT_EQ(Get("/sitemaps/2026-09.xml").status, 404);
}

TEST_F(SitemapTest, AMonthAppearsWithItsFirstStoryAndGoesWithItsLast) {
  Publish("first", Day(2026, 10, 1));
  StartGateway();
  EXPECT_FALSE(Lists("/sitemap.xml", "/sitemaps/2026-11.xml"));
  EXPECT_EQ(Get("/sitemaps/2026-11.xml").status, 404);
  Publish("second", Day(2026, 11, 1));
  EXPECT_TRUE(Lists("/sitemap.xml", "/sitemaps/2026-11.xml"));
  EXPECT_TRUE(Lists("/sitemaps/2026-11.xml", "/city/second"));
  article_.Withdraw("second");
  EXPECT_FALSE(Lists("/sitemap.xml", "/sitemaps/2026-11.xml"));
  EXPECT_FALSE(Contains(Get("/sitemaps/2026-11.xml"), "second"));
}

TEST_F(SitemapTest, TheIndexNamesNoMonthThatHasNoSitemap) {
  Publish("chronicle", Day(1, 1, 1));
  Publish("almanac", Day(1799, 12, 31));
  Publish("gazette", Day(1800, 1, 1));
  Publish("prophecy", Day(3000, 1, 1));
  StartGateway();
  const test::HttpAnswer index = Get("/sitemap.xml");
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(Get("/sitemaps/1800-01.xml").status, 200);
  EXPECT_TRUE(Contains(index, "/sitemaps/1800-01.xml</loc>"));
  for (const char* month : {"1-01", "1799-12", "3000-01"}) EXPECT_FALSE(Contains(index, month)) << month;
}

TEST_F(SitemapTest, AMonthOfManyStoriesIsListedWhole) {
  constexpr int kStories = 250;  // more than one answer holds
  for (int i = 0; i < kStories; ++i) Publish(absl::StrCat("story-", i), Day(2026, 10, 1) + absl::Minutes(i));
  StartGateway();
  for (int i = 0; i < kStories; ++i)
    ASSERT_TRUE(Lists("/sitemaps/2026-10.xml", absl::StrCat("/city/story-", i))) << i;
}

TEST_F(SitemapTest, ThePagesOfTheSiteHaveASitemapOfTheirOwn) {
  Publish("first", Day(2026, 10, 1));
  StartGateway();
  for (const char* path : {"/", "/city", "/harbour", "/authors/jo"})
    EXPECT_TRUE(Lists("/sitemaps/pages.xml", path)) << path;
  EXPECT_FALSE(Contains(Get("/sitemaps/pages.xml"), "/city/first"));
}

TEST_F(SitemapTest, NewsIsWhatWasPublishedWithinTwoDays) {
  Publish("old", absl::Now() - absl::Hours(49));
  Publish("recent", absl::Now() - absl::Hours(47));
  StartGateway();
  EXPECT_TRUE(Lists("/sitemaps/news.xml", "/city/recent"));
  EXPECT_FALSE(Lists("/sitemaps/news.xml", "/city/old"));
  const test::HttpAnswer news = Get("/sitemaps/news.xml");
  EXPECT_TRUE(Contains(news, "<news:name>The Courant</news:name><news:language>en</news:language>"));
  EXPECT_TRUE(Contains(news, "<news:title>Headline of recent</news:title>"));
  article_.Withdraw("recent");
  EXPECT_FALSE(Contains(Get("/sitemaps/news.xml"), "recent"));
  Publish("flash", absl::Now());
  EXPECT_TRUE(Lists("/sitemaps/news.xml", "/city/flash"));
}

TEST_F(SitemapTest, TheIndexNamesTheNewsOnlyWhileThereAreAny) {
  Publish("old", absl::Now() - absl::Hours(49));
  StartGateway();
  EXPECT_FALSE(Lists("/sitemap.xml", "/sitemaps/news.xml"));
  Publish("flash", absl::Now() - absl::Hours(48) + absl::Seconds(6));
  EXPECT_TRUE(Lists("/sitemap.xml", "/sitemaps/news.xml"));
  EXPECT_TRUE(Eventually([&] { return !Lists("/sitemap.xml", "/sitemaps/news.xml"); })) << "it has aged";
  EXPECT_TRUE(Lists("/sitemap.xml", "/sitemaps/pages.xml"));
  Publish("news", absl::Now());
  EXPECT_TRUE(Lists("/sitemap.xml", "/sitemaps/news.xml"));
  article_.Withdraw("news");
  EXPECT_FALSE(Lists("/sitemap.xml", "/sitemaps/news.xml"));
}

TEST_F(SitemapTest, NewsHasTheHeadlineOfNow) {
  Publish("flash", absl::Now() - absl::Hours(1));
  StartGateway();
  EXPECT_TRUE(Contains(Get("/sitemaps/news.xml"), "Headline of flash"));
  article_.Publish("flash", "What was corrected");  // it keeps its place in every list
  EXPECT_TRUE(Contains(Get("/sitemaps/news.xml"), "What was corrected"));
  EXPECT_FALSE(Contains(Get("/sitemaps/news.xml"), "Headline of flash"));
}

TEST_F(SitemapTest, AStoryThatMovesIsListedWhereItIs) {
  Publish("flash", absl::Now() - absl::Hours(1));
  StartGateway();
  const std::string month = absl::StrCat(
      "/sitemaps/", absl::FormatTime("%Y-%m", absl::Now() - absl::Hours(1), absl::UTCTimeZone()), ".xml");
  for (const std::string& sitemap : {std::string("/sitemaps/news.xml"), month})
    EXPECT_TRUE(Lists(sitemap, "/city/flash")) << sitemap;
  article_.Move("flash", "/city/elsewhere");
  for (const std::string& sitemap : {std::string("/sitemaps/news.xml"), month}) {
    EXPECT_TRUE(Lists(sitemap, "/city/elsewhere")) << sitemap;
    EXPECT_FALSE(Lists(sitemap, "/city/flash")) << sitemap;
  }
}

TEST_F(SitemapTest, NewsAgesWithoutAChange) {
  StartGateway();
  Publish("old", absl::Now() - absl::Hours(48) + absl::Seconds(6));
  EXPECT_TRUE(Lists("/sitemaps/news.xml", "/city/old"));
  EXPECT_TRUE(Eventually([&] { return !Lists("/sitemaps/news.xml", "/city/old"); }));
  EXPECT_EQ(Get("/sitemaps/news.xml").status, 200);
}

TEST_F(SitemapTest, NewsThatHasAgedIsShownAsKnownLastWhileArticleIsAway) {
  StartGateway();
  const absl::Time aged = absl::Now() + absl::Seconds(6);
  Publish("old", aged - absl::Hours(48));
  EXPECT_TRUE(Lists("/sitemaps/news.xml", "/city/old"));
  article_.server().Stop();
  EXPECT_TRUE(Eventually([&] {
    return absl::Now() > aged && !Get("/sitemaps/news.xml").Header("broadsheet-degraded").empty();
  }));
  EXPECT_TRUE(Lists("/sitemaps/news.xml", "/city/old"));
}

}  // namespace
}  // namespace broadsheet::gateway
