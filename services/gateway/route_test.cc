#include "services/gateway/route.h"

#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

using RouteCase = std::tuple<std::string, PageKind, std::string, std::string>;

class Routes : public testing::TestWithParam<RouteCase> {};

TEST_P(Routes, EveryPathHasOneMeaning) {
  const auto& [path, kind, id, target] = GetParam();
  Route route = ParseRoute(path);
  EXPECT_EQ(route.kind, kind) << path;
  EXPECT_EQ(route.id, id) << path;
  EXPECT_EQ(route.path, target) << path;
}

INSTANTIATE_TEST_SUITE_P(
    Own, Routes,
    testing::Values(
        RouteCase("/", PageKind::kFront, "", "/"),
        RouteCase("/harbour", PageKind::kSection, "harbour", "/harbour"),
        RouteCase("/feed.atom", PageKind::kAtom, "", "/feed.atom"),
        RouteCase("/feed.rss", PageKind::kRss, "", "/feed.rss"),
        RouteCase("/harbour/feed.atom", PageKind::kAtom, "harbour", "/harbour/feed.atom"),
        RouteCase("/harbour/feed.rss", PageKind::kRss, "harbour", "/harbour/feed.rss"),
        RouteCase("/feed.json", PageKind::kJsonFeed, "", "/feed.json"),
        RouteCase("/harbour/feed.json", PageKind::kJsonFeed, "harbour", "/harbour/feed.json"),
        RouteCase("/authors/feed.json", PageKind::kJsonFeed, "authors", "/authors/feed.json"),
        RouteCase("/authors/ines/feed.rss", PageKind::kRss, "ines", "/authors/ines/feed.rss"),
        RouteCase("/authors/ines/feed.json", PageKind::kJsonFeed, "ines", "/authors/ines/feed.json"),
        RouteCase("/most-read", PageKind::kMostRead, "", "/most-read"),
        RouteCase("/authors/ines-carvalho", PageKind::kAuthor, "ines-carvalho", "/authors/ines-carvalho"),
        RouteCase("/authors", PageKind::kSection, "authors", "/authors"),
        RouteCase("/robots.txt", PageKind::kRobots, "", "/robots.txt"),
        RouteCase("/sitemap.xml", PageKind::kSitemapIndex, "", "/sitemap.xml"),
        RouteCase("/sitemaps/pages.xml", PageKind::kPagesSitemap, "", "/sitemaps/pages.xml"),
        RouteCase("/sitemaps/news.xml", PageKind::kNewsSitemap, "", "/sitemaps/news.xml"),
        RouteCase("/sitemaps/2026-11.xml", PageKind::kMonthSitemap, "2026-11", "/sitemaps/2026-11.xml"),
        RouteCase("/sitemaps/2026-13.xml", PageKind::kArticle, "", "/sitemaps/2026-13.xml"),
        RouteCase("/sitemaps/3026-11.xml", PageKind::kArticle, "", "/sitemaps/3026-11.xml"),
        RouteCase("/sitemaps/2026-1.xml", PageKind::kArticle, "", "/sitemaps/2026-1.xml")));

INSTANTIATE_TEST_SUITE_P(
    Stories, Routes,
    testing::Values(RouteCase("/harbour/2026/11/sea-wall", PageKind::kArticle, "",
                              "/harbour/2026/11/sea-wall"),
                    RouteCase("/Harbour", PageKind::kArticle, "", "/Harbour"),
                    RouteCase("/culture/café", PageKind::kArticle, "", "/culture/café"),
                    RouteCase("/authors/Ines", PageKind::kArticle, "", "/authors/Ines"),
                    RouteCase("/authors/a/b", PageKind::kArticle, "", "/authors/a/b"),
                    RouteCase("/a/b/feed.atom", PageKind::kArticle, "", "/a/b/feed.atom"),
                    RouteCase("/authors/a/b/feed.json", PageKind::kArticle, "", "/authors/a/b/feed.json"),
                    RouteCase("/harbour/sea-wall.ninjs.json", PageKind::kNinjs, "/harbour/sea-wall",
                              "/harbour/sea-wall.ninjs.json"),
                    RouteCase("/pier.ninjs.json", PageKind::kNinjs, "/pier", "/pier.ninjs.json"),
                    RouteCase("/.ninjs.json", PageKind::kArticle, "", "/.ninjs.json"),
                    RouteCase("/feed.xml", PageKind::kArticle, "", "/feed.xml")));

INSTANTIATE_TEST_SUITE_P(Slashes, Routes,
                         testing::Values(RouteCase("/harbour/", PageKind::kRedirect, "", "/harbour"),
                                         RouteCase("/a/b/c/", PageKind::kRedirect, "", "/a/b/c"),
                                         RouteCase("//", PageKind::kNone, "", "//"),
                                         RouteCase("//evil.example/", PageKind::kNone, "", "//evil.example/"),
                                         RouteCase("/a//b", PageKind::kNone, "", "/a//b")));

TEST(Route, APathNoStoryCanHaveIsRefusedWithoutAskingAnybody) {
  EXPECT_EQ(ParseRoute("").kind, PageKind::kNone);
  EXPECT_EQ(ParseRoute("harbour").kind, PageKind::kNone);
  EXPECT_EQ(ParseRoute("/" + std::string(kMaxPathBytes, 'a')).kind, PageKind::kNone);
  EXPECT_EQ(ParseRoute("/" + std::string(kMaxPathBytes - 1, 'a')).kind, PageKind::kArticle);
}

TEST(Route, AFeedKnowsWhetherItIsASectionsOrAnAuthors) {
  EXPECT_TRUE(ParseRoute("/authors/ines/feed.atom").by_author);
  EXPECT_FALSE(ParseRoute("/authors/feed.atom").by_author);
  EXPECT_FALSE(ParseRoute("/feed.atom").by_author);
}

TEST(Route, AnIdIsWhatTheContractsSay) {
  EXPECT_TRUE(IsId("a"));
  EXPECT_TRUE(IsId("9-lives"));
  EXPECT_TRUE(IsId(std::string(100, 'a')));
  EXPECT_FALSE(IsId(""));
  EXPECT_FALSE(IsId("-a"));
  EXPECT_FALSE(IsId("A"));
  EXPECT_FALSE(IsId("a_b"));
  EXPECT_FALSE(IsId("a b"));
  EXPECT_FALSE(IsId(std::string(101, 'a')));
}

}  // namespace
}  // namespace broadsheet::gateway
