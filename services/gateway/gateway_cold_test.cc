#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// A story's page of which nothing is known: what is asked for before anybody knows which story it is, and
// what becomes of that.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class ColdPageTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "ferry", "market", "pier"})
      article_.Publish(id, absl::StrCat("News of the ", id));
    recommendation_.Recommend({"bridge"});
    recommendation_.SetMostRead({"bridge"});
    StartGateway();
  }

  // The page, made while article answers about the story only when `meanwhile` has ended. What is recommended
  // is known by then.
  template <class Meanwhile>
  test::HttpAnswer GetWhile(const std::string& path, Meanwhile meanwhile) {
    const int asked = recommendation_.faults.calls("ListRelated");
    article_.HoldAnswers();
    test::HttpAnswer answer;
    std::thread reader([&] { answer = Get(path); });
    article_.WaitUntilHolding(1);
    EXPECT_TRUE(Eventually([&] { return recommendation_.faults.calls("ListRelated") > asked; }));
    meanwhile();
    article_.Release();
    reader.join();
    return answer;
  }
};

TEST_F(ColdPageTest, AsksForTheStoryAndForWhatIsRecommendedAtOnce) {
  const test::HttpAnswer answer = GetWhile("/city/pier", [&] {
    EXPECT_TRUE(Eventually([&] {
      return recommendation_.faults.calls("ListMostRead") == 1 &&
             article_.faults.calls("ListSections") == 1 && article_.faults.calls("BatchGetArticles") == 1;
    }));
  });
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(IsDegraded(answer));
  EXPECT_TRUE(Contains(answer, "News of the bridge"));
  EXPECT_THAT(answer.Header("surrogate-key"), HasSubstr("article/bridge"));
  EXPECT_EQ(recommendation_.faults.calls("ListRelated"), 1);
  EXPECT_EQ(article_.faults.calls("BatchGetArticles"), 1);
  article_.Publish("bridge", "Changed");
  EXPECT_TRUE(Contains(Get("/city/pier"), "Changed"));
}

TEST_F(ColdPageTest, AStoryWithdrawnWhileTheOtherIsReadIsNotShown) {
  EXPECT_TRUE(Contains(Get("/city/market"), "News of the bridge"));
  const test::HttpAnswer answer = GetWhile("/city/pier", [&] { article_.Withdraw("bridge"); });
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(Contains(answer, "News of the bridge"));
  EXPECT_THAT(answer.Header("surrogate-key"), Not(HasSubstr("article/bridge")));
}

TEST_F(ColdPageTest, TheStoryItselfIsNeverRelatedToIt) {
  recommendation_.Recommend({"pier", "bridge"});
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_FALSE(IsDegraded(answer));
  EXPECT_FALSE(Contains(answer, "href=\"/city/pier\""));
  EXPECT_TRUE(Contains(answer, "href=\"/city/bridge\""));
}

TEST_F(ColdPageTest, WhereNoStoryIsNothingRecommendedIsNoted) {
  EXPECT_TRUE(Contains(Get("/city/market"), "News of the bridge"));
  article_.Withdraw("ferry");
  article_.Move("pier", "/city/new-pier");
  const std::pair<const char*, int> pages[] = {
      {"/city/nothing", 404}, {"/city/ferry", 410}, {"/city/pier", 301}};
  for (const auto& [path, status] : pages) {
    const test::HttpAnswer answer = GetWhile(path, [] {});
    EXPECT_EQ(answer.status, status) << path;
    EXPECT_THAT(answer.Header("surrogate-key"), Not(HasSubstr("article/bridge"))) << path;
    EXPECT_FALSE(Contains(answer, "News of the bridge")) << path;
  }
  article_.Publish("bridge", "Changed");
  const int calls = article_.faults.calls("GetArticle");
  for (const auto& [path, status] : pages) EXPECT_EQ(Get(path).status, status) << path;
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls) << "they depend on no story beside them";
}

TEST_F(ColdPageTest, WhereNoStoryIsAnOutageOfRecommendationIsNotNoticed) {
  recommendation_.faults.Set(Fault::kHang);
  const test::HttpAnswer nothing = Get("/city/nothing");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_FALSE(IsDegraded(nothing));
  article_.Move("pier", "/city/new-pier");
  EXPECT_EQ(Get("/city/pier").status, 301);
  recommendation_.faults.Set(Fault::kNone);
  EXPECT_TRUE(Contains(Get("/city/new-pier"), "News of the bridge"));
}

// Those of a text of metrics that count calls made of `method`, whatever came of them.
std::string CallsOf(const std::string& method, const std::string& text) {
  std::string lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "broadsheet_rpc_client_calls_total") && absl::StrContains(line, method))
      absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

class PatientColdPageTest : public ColdPageTest {
 protected:
  void SetUp() override {
    options_.backends.budgets.related = absl::Seconds(30);
    options_.backends.budgets.most_read = absl::Seconds(30);
    ColdPageTest::SetUp();
  }

  // The page, whose making has got as far as an answer to `method` when the story is withdrawn.
  test::HttpAnswer GetWhilePierIsWithdrawn(const std::string& path, const std::string& method) {
    recommendation_.faults.Set(Fault::kHang);
    const auto answered = [&] {
      return CallsOf(method, test::HttpGet(gateway_->ops_port(), "/metrics")->body);
    };
    const std::string before = answered();
    test::HttpAnswer answer;
    std::thread reader([&] { answer = Get(path); });
    EXPECT_TRUE(Eventually([&] { return answered() != before; }));
    article_.Withdraw("pier");
    recommendation_.faults.Set(Fault::kNone);
    reader.join();
    return answer;
  }
};

TEST_F(PatientColdPageTest, WhereNoStoryIsNobodyWaitsForRecommendation) {
  recommendation_.faults.Set(Fault::kHang);
  const absl::Time began = absl::Now();
  EXPECT_EQ(Get("/city/nothing").status, 404);
  article_.Move("pier", "/city/new-pier");
  EXPECT_EQ(Get("/city/pier").status, 301);
  EXPECT_LT(absl::Now() - began, absl::Seconds(20));
  EXPECT_TRUE(Eventually([&] {
    return recommendation_.faults.cancelled("ListRelated") == recommendation_.faults.calls("ListRelated");
  })) << "given up";
  recommendation_.faults.Set(Fault::kNone);
}

// Its text is written by then, while what stands beside it is waited for.
TEST_F(PatientColdPageTest, AStoryThatAWrittenTextLinksToIsNotShownOnceItIsWithdrawn) {
  article_.Publish(StoryLinkingTo("pier"));
  const test::HttpAnswer answer = GetWhilePierIsWithdrawn("/city/linking", "ArticleService/BatchGetArticles");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(Contains(answer, "/city/pier"));
  EXPECT_TRUE(Contains(answer, "See pier."));
  EXPECT_THAT(answer.Header("surrogate-key"), Not(HasSubstr("article/pier")));
}

// Who asked before the withdrawal would otherwise be the last to read the story.
TEST_F(PatientColdPageTest, AStoryThatIsWithdrawnWhileItsPageIsMadeIsGone) {
  EXPECT_EQ(GetWhilePierIsWithdrawn("/city/pier", "ArticleService/GetArticle").status, 410);
}

TEST_F(ColdPageTest, WhereArticleIsNotAskedRecommendationIsNot) {
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_TRUE(Eventually([&] {  // until its breaker is open
    const int asked = recommendation_.faults.calls("ListRelated");
    return Get("/city/pier").status == 503 && recommendation_.faults.calls("ListRelated") == asked;
  }));
}

TEST_F(ColdPageTest, APictureThatIsNotThereIsAskedForOnceAndShownOnceItIs) {
  media_.Withhold("quay");
  for (const char* id : {"first", "second"}) {
    article::v1::Article story;
    story.set_article_id(id);
    story.set_path(absl::StrCat("/city/", id));
    story.mutable_content()->set_headline(id);
    story.mutable_content()->set_section_id("city");
    story.mutable_content()->mutable_lead_image()->set_image_id("quay");
    article_.Publish(story);
  }
  recommendation_.Recommend({"second", "first"});
  EXPECT_FALSE(Contains(Get("/city/first"), "/media/quay"));
  const int calls = media_.faults.calls("BatchGetImages");
  EXPECT_FALSE(Contains(Get("/city/second"), "/media/quay"));
  EXPECT_EQ(media_.faults.calls("BatchGetImages"), calls);
  media_.Restore("quay");
  for (const char* path : {"/city/first", "/city/second"})
    EXPECT_TRUE(Contains(Get(path), "/media/quay")) << path;
}

}  // namespace
}  // namespace broadsheet::gateway
