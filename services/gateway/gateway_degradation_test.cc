#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/backends.h"
#include "services/gateway/gateway_testing.h"

// Promise 2, up: a test for each row of the README's table of failures but that of too many pages, which has
// gateway_overload_test.cc.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

article::v1::Article Pictured() {
  article::v1::Article story;
  story.set_article_id("pictured");
  story.set_path("/city/pictured");
  story.mutable_content()->set_headline("Pictured");
  story.mutable_content()->set_section_id("city");
  story.mutable_content()->mutable_lead_image()->set_image_id("quay");
  story.mutable_content()->mutable_lead_image()->set_alt_text("The quay, described");
  return story;
}

class DegradationTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "ferry", "market", "pier"}) {
      article_.Publish(id, absl::StrCat("News of the ", id));
    }
    article_.Publish(Pictured());
    recommendation_.Recommend({"bridge", "ferry", "market"});
    StartGateway();
  }

  bool BecomesWhole(const std::string& path) {
    return Eventually([&] { return !IsDegraded(Get(path)); });
  }

  // For tests in which it hangs.
  void SetBackBudgetsOfRecommendation() {
    options_.backends.budgets.related = Budgets().related;
    options_.backends.budgets.most_read = Budgets().most_read;
    StartGateway();
  }
};

TEST_F(DegradationTest, WithoutRecommendationTheSectionsLatestStandIn) {
  recommendation_.server().Stop();
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(IsDegraded(answer));
  EXPECT_THAT(answer.Header("broadsheet-degraded"), HasSubstr("related;reason="));
  EXPECT_TRUE(Contains(answer, "News of the ferry"));
  recommendation_.server().Start();
  EXPECT_TRUE(BecomesWhole("/city/pier"));
}

TEST_F(DegradationTest, WithoutRecommendationCuratedStoriesStay) {
  article::v1::Article story = Pictured();
  story.mutable_content()->add_related_article_ids("market");
  article_.Publish(story);
  recommendation_.server().Stop();
  const test::HttpAnswer answer = Get("/city/pictured");
  EXPECT_TRUE(IsDegraded(answer));
  EXPECT_LT(answer.body.find("News of the market"), answer.body.find("News of the pier"));
}

TEST_F(DegradationTest, AnEmptyOrWrongRecommendationIsLikeNone) {
  recommendation_.Recommend({});
  const test::HttpAnswer empty = Get("/city/pier");
  EXPECT_TRUE(IsDegraded(empty));
  EXPECT_TRUE(Contains(empty, "News of the ferry"));
  recommendation_.faults.Set(Fault::kGarbage);
  const test::HttpAnswer wrong = Get("/city/bridge");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_TRUE(IsDegraded(wrong));
  EXPECT_TRUE(Contains(wrong, "News of the ferry"));
}

TEST_F(DegradationTest, ARelatedBlockThatIsLostWithTheSectionsListIsLabelled) {
  options_.backends.budgets.list = Budgets().list;
  StartGateway();
  recommendation_.Recommend({});
  for (const Fault fault : {Fault::kHang, Fault::kUnavailable}) {
    article_.faults.SetOf("ListArticles", fault);
    article_.Publish("pier", "News of the pier, again");
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(Contains(answer, "News of the pier, again"));
    EXPECT_FALSE(Contains(answer, "News of the ferry"));
    EXPECT_TRUE(IsDegraded(answer));
    EXPECT_THAT(answer.Header("broadsheet-degraded"),
                HasSubstr(absl::StrCat("related;reason=",
                                       fault == Fault::kHang ? "deadline-exceeded" : "unavailable")));
  }
  article_.faults.SetOf("ListArticles", Fault::kNone);
  recommendation_.Recommend({"ferry"});
  EXPECT_TRUE(BecomesWhole("/city/pier"));
  EXPECT_TRUE(Contains(Get("/city/pier"), "News of the ferry"));
}

TEST_F(DegradationTest, ASlowRecommendationCostsItsBudgetAndNoMore) {
  SetBackBudgetsOfRecommendation();
  recommendation_.faults.Set(Fault::kHang);
  const absl::Time started = absl::Now();
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_LT(absl::Now() - started, absl::Seconds(1));
  EXPECT_TRUE(IsDegraded(answer));
  EXPECT_THAT(answer.Header("broadsheet-degraded"), HasSubstr("deadline-exceeded"));
  recommendation_.faults.Set(Fault::kNone);
  EXPECT_TRUE(BecomesWhole("/city/pier"));
}

TEST_F(DegradationTest, WithoutMediaAStoryHasItsTextAndThePicturesAsKnownLast) {
  EXPECT_TRUE(Contains(Get("/city/pictured"), "/media/quay"));
  media_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer known = Get("/city/pictured");
  EXPECT_EQ(known.status, 200);
  EXPECT_TRUE(IsDegraded(known));
  EXPECT_THAT(known.Header("broadsheet-degraded"), HasSubstr("images;reason=unavailable;stale"));
  EXPECT_TRUE(Contains(known, "/media/quay"));
  media_.server().Start();
  EXPECT_TRUE(BecomesWhole("/city/pictured"));
}

TEST_F(DegradationTest, WithoutMediaTextIsStillFresh) {
  Get("/city/pictured");
  media_.server().Stop();
  WaitUntilCutOff();
  for (int i = 0; i < 20; ++i) {
    article::v1::Article story = Pictured();
    story.mutable_content()->set_headline(absl::StrCat("Headline ", i));
    article_.Publish(story);
    const test::HttpAnswer answer = Get("/city/pictured");
    ASSERT_TRUE(Contains(answer, absl::StrCat("Headline ", i)));
    ASSERT_TRUE(IsDegraded(answer));
  }
}

TEST_F(DegradationTest, APictureNeverSeenLeavesASlotWithWordsAndNoBrokenImage) {
  media_.server().Stop();
  const test::HttpAnswer answer = Get("/city/pictured");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(IsDegraded(answer));
  EXPECT_FALSE(Contains(answer, "<img"));
  EXPECT_TRUE(Contains(answer, "The quay, described"));
}

TEST_F(DegradationTest, APictureKnownToBeWithheldIsNotShownFromMemory) {
  EXPECT_TRUE(Contains(Get("/city/pictured"), "/media/quay"));
  media_.Withhold("quay");
  media_.server().Stop();
  const test::HttpAnswer answer = Get("/city/pictured");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(Contains(answer, "/media/quay"));
}

TEST_F(DegradationTest, NonsenseFromMediaIsAnOutage) {
  media_.faults.Set(Fault::kGarbage);
  const test::HttpAnswer answer = Get("/city/pictured");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("broadsheet-degraded"), HasSubstr("images;reason=invalid-answer"));
}

TEST_F(DegradationTest, AnItemForOthersThatLacksItsPicturesSaysSoAndTheWholeOneIsAnotherVersion) {
  const std::string path = "/city/pictured.ninjs.json";
  const auto version = [](const test::HttpAnswer& item) {
    const std::size_t begin = item.body.find("\"version\": \"1-");
    return item.body.substr(begin, item.body.find('\n', begin) - begin);
  };
  media_.server().Stop();
  const test::HttpAnswer partial = Get(path);
  EXPECT_TRUE(Contains(partial, "\"representationType\": \"partial\""));
  EXPECT_FALSE(Contains(partial, "associations"));
  media_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Get(path).Header("broadsheet-degraded").empty(); }));
  const test::HttpAnswer whole = Get(path);
  EXPECT_TRUE(Contains(whole, "\"representationType\": \"full\""));
  EXPECT_TRUE(Contains(whole, "associations"));
  EXPECT_NE(version(whole), version(partial));
}

TEST_F(DegradationTest, WithoutArticleEveryKnownPageIsServedAndLabelled) {
  const std::vector<std::string> pages = {"/",          "/city",          "/authors/jo",
                                          "/city/pier", "/city/pictured", "/most-read"};
  const std::vector<std::string> others = {"/feed.atom",           "/feed.rss",
                                           "/feed.json",           "/city/feed.atom",
                                           "/authors/jo/feed.rss", "/city/pier.ninjs.json",
                                           "/sitemap.xml",         "/sitemaps/pages.xml",
                                           "/sitemaps/news.xml",   "/sitemaps/2026-09.xml"};
  std::vector<std::string> paths = pages;
  paths.insert(paths.end(), others.begin(), others.end());
  for (const std::string& path : paths) EXPECT_EQ(Get(path).status, 200) << path;
  article_.server().Stop();
  WaitUntilCutOff();
  for (const std::string& path : paths) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_THAT(answer.Header("broadsheet-degraded"), HasSubstr("article;reason=")) << path;
    EXPECT_EQ(Contains(answer, "data-degraded="), std::find(pages.begin(), pages.end(), path) != pages.end())
        << path;
  }
  article_.server().Start();
  for (const std::string& path : paths)
    EXPECT_TRUE(Eventually([&] { return Get(path).Header("broadsheet-degraded").empty(); })) << path;
}

TEST_F(DegradationTest, WithEverythingElseDeadKnownPagesAreServed) {
  Get("/city/pictured");
  recommendation_.server().Stop();
  media_.server().Stop();
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer answer = Get("/city/pictured");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(IsDegraded(answer));
}

TEST_F(DegradationTest, WithoutArticleAnUnknownPageIs503WithLinksFromMemory) {
  Get("/");
  article_.server().Stop();
  for (const char* path : {"/city/bridge", "/nothing", "/authors/nobody"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(answer.Header("retry-after"), "5");
    EXPECT_EQ(answer.Header("cache-control"), "no-store");
    EXPECT_TRUE(Contains(answer, "href=\"/city/pier\"")) << path;
  }
}

TEST_F(DegradationTest, NotFoundIsNeverSaidOnATimeOutNorFromMemory) {
  EXPECT_EQ(Get("/city/nothing").status, 404);
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Get("/city/nothing").status, 503);
}

TEST_F(DegradationTest, AnArticleThatHangsDelaysKnownPagesByLittleAndThenNotAtAll) {
  const telemetry::Counter opened("broadsheet_gateway_breaker_opens_total", "",
                                  {{"service", "broadsheet.article.v1.ArticleService"}});
  const double opened_before = opened.Value();
  options_.backends.budgets.known = Budgets().known;
  options_.pages.rules.degraded_lifetime = absl::ZeroDuration();  // so that each Get would ask
  StartGateway();
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.faults.Set(Fault::kHang);
  article_.Publish("pier", "Changed while hanging");
  const absl::Time started = absl::Now();
  const test::HttpAnswer first = Get("/city/pier");
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(IsDegraded(first));
  EXPECT_LT(absl::Now() - started, absl::Seconds(1));
  EXPECT_TRUE(Eventually([&] {
    Get("/city/pier");
    return opened.Value() > opened_before;
  }));
  const int calls = article_.faults.calls("GetArticle");
  const absl::Time breaker_open = absl::Now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get("/city/pier").status, 200);
  EXPECT_LT(absl::Now() - breaker_open, absl::Seconds(2));
  EXPECT_LT(article_.faults.calls("GetArticle") - calls, 10) << "now and then one, to see";
  article_.faults.Set(Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "Changed while hanging"); }));
  EXPECT_TRUE(BecomesWhole("/city/pier"));
}

TEST_F(DegradationTest, WhenEverythingHangsKnownPagesOfEveryKindAreServedSoon) {
  options_.backends.budgets.known = Budgets().known;
  options_.backends.budgets.images = Budgets().images;
  SetBackBudgetsOfRecommendation();
  const std::vector<std::string> paths = {"/", "/city", "/authors/jo", "/city/pictured", "/feed.atom"};
  for (const std::string& path : paths)
    ASSERT_TRUE(Eventually([&] { return Get(path).Header("broadsheet-degraded").empty(); })) << path;
  for (Faults* faults : {&article_.faults, &media_.faults, &recommendation_.faults})
    faults->Set(Fault::kHang);
  article_.Publish(Pictured());
  article_.Publish("new", "Changes every list");
  for (const std::string& path : paths) {
    const absl::Time started = absl::Now();
    EXPECT_EQ(Get(path).status, 200) << path;
    EXPECT_LT(absl::Now() - started, absl::Milliseconds(1500)) << path;
  }
  for (Faults* faults : {&article_.faults, &media_.faults, &recommendation_.faults})
    faults->Set(Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/"), "Changes every list"); }));
}

TEST_F(DegradationTest, NonsenseFromArticleIsAnOutage) {
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.faults.Set(Fault::kGarbage);
  article_.Publish("pier", "Changed");
  const test::HttpAnswer known = Get("/city/pier");
  EXPECT_EQ(known.status, 200);
  EXPECT_TRUE(IsDegraded(known));
  EXPECT_TRUE(Contains(known, "News of the pier"));
  const test::HttpAnswer unknown = Get("/city/bridge");
  EXPECT_EQ(unknown.status, 503);
  EXPECT_FALSE(Contains(unknown, "passwd"));
}

TEST_F(DegradationTest, TheSitemapIsShownWhileCutOffButNotOnceItsListHasChanged) {
  EXPECT_TRUE(Contains(Get("/sitemaps/2026-09.xml"), "/city/pier"));
  article_.faults.Set(Fault::kHang);  // so that it cannot be made anew
  article_.Withdraw("pier");
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Get("/sitemaps/2026-09.xml").status, 503);
  article_.faults.Set(Fault::kNone);
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Get("/sitemaps/2026-09.xml").status == 200; }));
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer cut_off = Get("/sitemaps/2026-09.xml");
  EXPECT_EQ(cut_off.status, 200);
  EXPECT_FALSE(Contains(cut_off, "/city/pier"));
}

TEST_F(DegradationTest, APageIsNotShownStaleForLongerThanTheLimit) {
  options_.pages.rules.max_stale = absl::Milliseconds(300);
  StartGateway();
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.server().Stop();
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 503; }));
}

TEST_F(DegradationTest, AGatewayThatNeverFollowedShowsNothingItCannotJudge) {
  article_.server().Stop();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  EXPECT_EQ(Get("/city/pier").status, 503);
}

TEST_F(DegradationTest, ABreakerThatOpensIsCounted) {
  const telemetry::Counter counter("broadsheet_gateway_breaker_opens_total", "",
                                   {{"service", "broadsheet.recommendation.v1.RecommendationService"}});
  const double before = counter.Value();
  SetBackBudgetsOfRecommendation();
  recommendation_.faults.Set(Fault::kHang);
  for (int i = 0; i < 8; ++i) {
    Get(absl::StrCat("/city/", i % 2 == 0 ? "pier" : "ferry"));
    article_.Publish(i % 2 == 0 ? "pier" : "ferry", absl::StrCat("Edition ", i));
  }
  EXPECT_TRUE(Eventually([&] {
    Get("/city/market");
    return counter.Value() > before;
  }));
  recommendation_.faults.Set(Fault::kNone);
}

TEST_F(DegradationTest, EachDegradedPageIsCounted) {
  const telemetry::Counter counter("broadsheet_gateway_degraded_pages_total", "",
                                   {{"part", "related"}, {"reason", "unavailable"}});
  const double before = counter.Value();
  recommendation_.server().Stop();
  Get("/city/pier");
  EXPECT_TRUE(Eventually([&] { return counter.Value() > before; }));
  EXPECT_THAT(test::HttpGet(gateway_->ops_port(), "/metrics")->body,
              HasSubstr("broadsheet_gateway_degraded_pages_total{part=\"related\",reason=\"unavailable\"}"));
}

using ReturningServiceTest = GatewayTest;

TEST_F(ReturningServiceTest, IsAskedWhenItsLogIsFollowedAgainHoweverLongCallsWouldWaitToConnect) {
  options_.backends.called.first_retry = options_.backends.called.longest_retry = absl::Minutes(5);
  article_.Publish("pier", "News of the pier");
  StartGateway();
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Get("/city/pier").status, 503);
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] { return Get("/city/pier").status == 200; }));
}

}  // namespace
}  // namespace broadsheet::gateway
