#include "services/article/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broadsheet::article {
namespace {

TEST(Slug, JoinsTheWordsOfAHeadline) {
  EXPECT_EQ(Slug("The harbour's sea wall opens: 12 years on!"), "the-harbours-sea-wall-opens-12-years-on");
}

TEST(Slug, TransliteratesOtherScripts) {
  EXPECT_EQ(Slug("Łódź łączy brzegi"), "lodz-laczy-brzegi");
  EXPECT_EQ(Slug("Größe zählt"), "grosse-zahlt");
  EXPECT_EQ(Slug("Новая набережная"), "novaa-nabereznaa");
  EXPECT_THAT(Slug("الميناء يفتح أبوابه"), testing::MatchesRegex("[a-z0-9-]+"));
  EXPECT_THAT(Slug("東京湾の新しい壁"), testing::MatchesRegex("[a-z0-9-]+"));
}

TEST(Slug, IsEmptyWhenNothingCanBeWritten) {
  EXPECT_EQ(Slug("…!?"), "");
  EXPECT_EQ(Slug("🎉🎉"), "");
}

TEST(Slug, IsCutBetweenWords) {
  std::string headline;
  for (int i = 0; i < 40; ++i) headline += "harbour ";
  const std::string slug = Slug(headline);
  EXPECT_LE(slug.size(), 80u);
  EXPECT_TRUE(slug.ends_with("-harbour"));
  EXPECT_EQ(Slug(std::string(300, 'a')).size(), 80u);
}

TEST(DefaultPath, IsMadeOfSectionDateAndHeadline) {
  const absl::Time date = absl::FromCivil(absl::CivilDay(2026, 3, 9), absl::UTCTimeZone());
  EXPECT_EQ(DefaultPath("harbour", date, "Sea wall opens", "id"), "/harbour/2026/03/sea-wall-opens");
  EXPECT_EQ(DefaultPath("harbour", date, "!", "x7"), "/harbour/2026/03/x7");
  EXPECT_EQ(DefaultPath("", date, "Sea wall opens", "id"), "");
  EXPECT_EQ(DefaultPath("harbour", date, "", "id"), "");
}

TEST(DefaultPath, IsAlwaysAValidPath) {
  const std::string path = DefaultPath(std::string(100, 's'), absl::UnixEpoch(), std::string(500, 'h'), "id");
  EXPECT_EQ(FindPathError(path), std::nullopt);
  EXPECT_EQ(FindPathError(NumberedPath(path, 1000)), std::nullopt);
}

TEST(NumberedPath, StaysWithinTheBound) {
  EXPECT_EQ(NumberedPath("/a/b", 2), "/a/b-2");
  EXPECT_EQ(NumberedPath("/" + std::string(499, 'a'), 17).size(), kMaxPathBytes);
}

TEST(FindPathError, AcceptsAddressesOfStories) {
  for (const char* path : {"/a", "/harbour/2026/11/sea-wall-opens", "/2019/01/Old_Style~1.html"}) {
    EXPECT_EQ(FindPathError(path), std::nullopt) << path;
  }
  EXPECT_EQ(FindPathError("/" + std::string(499, 'a')), std::nullopt);
}

TEST(FindPathError, RefusesEverythingElse) {
  for (const char* path : {"", "/", "a", "//a", "/a/", "/a//b", "/a/../b", "/./a", "/a?b", "/a#b", "/a b",
                           "/\xC3\xA9", "https://a/b", "/a\\b", "/a%20b", "/a\n"}) {
    EXPECT_NE(FindPathError(path), std::nullopt) << path;
  }
  EXPECT_NE(FindPathError("/" + std::string(500, 'a')), std::nullopt);
}

TEST(FindStoryPathError, RefusesWhereTheSiteItselfAnswers) {
  for (const char* path :
       {"/beacon", "/favicon.ico", "/most-read", "/robots.txt", "/sitemap.xml", "/sitemaps/news.xml",
        "/sitemaps/pages.xml", "/sitemaps/2026-11.xml", "/sitemaps/other", "/assets/page.3f2a9c01d4e5.css",
        "/authors/ines", "/feed.atom", "/feed.json", "/feed.rss", "/harbour/feed.json",
        "/authors/ines/feed.rss", "/a/b/c/feed.atom", "/harbour/2026/11/wall.ninjs.json", "/a.ninjs.json"}) {
    EXPECT_THAT(FindStoryPathError(path).value_or(""),
                testing::StartsWith("is a path at which the site itself answers"))
        << path;
    EXPECT_EQ(FindPathError(path), std::nullopt) << path;
  }
}

TEST(FindStoryPathError, AcceptsWhatOnlyLooksLikeIt) {
  for (const char* path :
       {"/harbour", "/beacon/lit", "/beacons", "/a/beacon", "/robots", "/a/robots.txt", "/sitemap",
        "/sitemaps", "/sitemaps/2026/11/a-map", "/assets/2026/11/sold", "/authors/2026/11/prize",
        "/harbour/feed", "/harbour/newsfeed.json", "/a/feed.json.html", "/a/ninjs.json"}) {
    EXPECT_EQ(FindStoryPathError(path), std::nullopt) << path;
  }
  EXPECT_EQ(FindStoryPathError("/a/../b"), FindPathError("/a/../b"));
}

TEST(FindIdError, FollowsTheContract) {
  EXPECT_EQ(FindIdError("a"), std::nullopt);
  EXPECT_EQ(FindIdError("7-seas"), std::nullopt);
  EXPECT_EQ(FindIdError(std::string(100, 'a')), std::nullopt);
  for (const char* id : {"", "-a", "A", "a_b", "a/b", "a b", "\xC3\xA9"})
    EXPECT_NE(FindIdError(id), std::nullopt) << id;
  EXPECT_NE(FindIdError(std::string(101, 'a')), std::nullopt);
}

}  // namespace
}  // namespace broadsheet::article
