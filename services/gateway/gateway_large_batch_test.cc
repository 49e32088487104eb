#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/gateway_testing.h"

// Pages that show stories that are too long for one answer of article.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

constexpr int kStoriesOfBatch = 64;
constexpr int kAnyNumber = 100;
constexpr char kLinkingPath[] = "/city/linking";

std::string StoryOfBatch(int number) { return absl::StrCat("other-", number); }
std::string LinkTo(int number) { return absl::StrCat("href=\"/city/", StoryOfBatch(number), "\""); }

class LargeBatchTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (int i = 1; i <= kStoriesOfBatch; ++i)
      article_.Publish(StoryOfBatch(i), absl::StrCat("Headline ", i));
    recommendation_.Recommend({StoryOfBatch(kStoriesOfBatch)});
    article::v1::Article story = StoryLinkingTo(StoryOfBatch(1));
    for (int i = 2; i <= kStoriesOfBatch; ++i)
      *story.mutable_content()->add_body() = StoryLinkingTo(StoryOfBatch(i)).content().body(0);
    article_.Publish(std::move(story));
  }

  // A lease that is renewed too late, on a busy machine, costs a page parts that are there the next time.
  test::HttpAnswer WholePage(const std::string& path) {
    test::HttpAnswer page;
    EXPECT_TRUE(Eventually([&] {
      page = Get(path);
      return !IsDegraded(page);
    })) << path;
    return page;
  }
};

// As many refusals in a row as would open a breaker.
TEST_F(LargeBatchTest, EveryLinkIsFollowedHoweverFewStoriesAnAnswerHolds) {
  const telemetry::Counter opened("broadsheet_gateway_breaker_opens_total", "",
                                  {{"service", "broadsheet.article.v1.ArticleService"}});
  const double before = opened.Value();
  for (const int most : {kStoriesOfBatch / 3, 1}) {
    article_.LimitBatches(most);
    ASSERT_NO_FATAL_FAILURE(StartGateway());
    const test::HttpAnswer page = WholePage(kLinkingPath);
    EXPECT_EQ(page.status, 200);
    for (int i = 1; i <= kStoriesOfBatch; ++i) ASSERT_TRUE(Contains(page, LinkTo(i))) << most << ", " << i;
  }
  EXPECT_EQ(opened.Value(), before);
}

TEST_F(LargeBatchTest, WhatWasAnsweredIsFreshAndRemembered) {
  constexpr int kCallsForAll = 31;  // 64 stories, in halves of halves until 4 are asked for at a time
  article_.LimitBatches(kStoriesOfBatch / 10);
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  for (int i : {1, kStoriesOfBatch / 2, kStoriesOfBatch - 1}) {
    ASSERT_TRUE(Contains(WholePage(kLinkingPath), LinkTo(i))) << i;
    const int calls = article_.faults.calls("BatchGetArticles");
    article_.Withdraw(StoryOfBatch(i));
    ASSERT_FALSE(Contains(Get(kLinkingPath), LinkTo(i))) << i;
    EXPECT_LE(article_.faults.calls("BatchGetArticles"), calls + kCallsForAll / 2)
        << "all were asked for again";
  }
}

TEST_F(LargeBatchTest, AStoryThatIsTooLargeAloneIsLeftOutUntilItChanges) {
  article_.LimitBatches(kAnyNumber, {StoryOfBatch(7)});
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  const test::HttpAnswer page = WholePage(kLinkingPath);
  EXPECT_EQ(page.status, 200);
  for (int i = 1; i <= kStoriesOfBatch; ++i) EXPECT_EQ(Contains(page, LinkTo(i)), i != 7) << i;
  article_.LimitBatches(kAnyNumber);
  article_.Publish(StoryOfBatch(7), "Shorter");
  EXPECT_TRUE(Contains(Get(kLinkingPath), LinkTo(7)));
}

TEST_F(LargeBatchTest, TheOnlyStoryThatIsAskedForMayBeTooLarge) {
  article_.LimitBatches(kAnyNumber, {StoryOfBatch(1)});
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  article_.Publish(StoryLinkingTo(StoryOfBatch(1)));
  const test::HttpAnswer page = WholePage(kLinkingPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Contains(page, absl::StrCat("See ", StoryOfBatch(1), ".")));
  EXPECT_FALSE(Contains(page, LinkTo(1)));
  EXPECT_TRUE(Contains(page, absl::StrCat("Headline ", kStoriesOfBatch))) << "related";
}

TEST_F(LargeBatchTest, ThePageOfWhatIsReadMostHasAllItsStories) {
  article_.LimitBatches(1);
  recommendation_.SetMostRead({StoryOfBatch(3), StoryOfBatch(1), StoryOfBatch(2)});
  ASSERT_NO_FATAL_FAILURE(StartGateway());
  const test::HttpAnswer page = WholePage("/most-read");
  EXPECT_EQ(page.status, 200);
  for (int i : {1, 2, 3}) EXPECT_THAT(page.body, HasSubstr(LinkTo(i)));
  EXPECT_LT(page.body.find(LinkTo(3)), page.body.find(LinkTo(1)));
}

}  // namespace
}  // namespace broadsheet::gateway
