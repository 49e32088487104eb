#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// The page of what is read most.
namespace broadsheet::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kPath[] = "/most-read";

class MostReadPageTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"pier", "bridge", "ferry"}) article_.Publish(id, absl::StrCat("About the ", id));
    recommendation_.SetMostRead({"bridge", "pier"});
    StartGateway();
  }
};

TEST_F(MostReadPageTest, ListsWhatIsReadMostTheMostReadFirst) {
  const test::HttpAnswer page = Get(kPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(IsDegraded(page));
  EXPECT_THAT(page.body,
              AllOf(HasSubstr("/most-read\""), HasSubstr("About the pier"), Not(HasSubstr("ferry"))));
  EXPECT_LT(page.body.find("About the bridge"), page.body.find("About the pier"));
  EXPECT_THAT(page.body, Not(HasSubstr("/most-read/feed")));
}

TEST_F(MostReadPageTest, PagesWithTheBlockLinkToIt) {
  EXPECT_THAT(Get("/city").body, HasSubstr("href=\"/most-read\""));
}

TEST_F(MostReadPageTest, FollowsPublicationsAndWithdrawals) {
  Get(kPath);
  article_.Publish("pier", "The pier, corrected");
  EXPECT_THAT(Get(kPath).body, HasSubstr("The pier, corrected"));
  article_.Withdraw("pier");
  EXPECT_THAT(Get(kPath).body, AllOf(Not(HasSubstr("The pier")), HasSubstr("About the bridge")));
}

TEST_F(MostReadPageTest, WhereNobodySaysWhatIsReadMostTheNewestStandThere) {
  recommendation_.faults.Set(Fault::kUnavailable);
  const test::HttpAnswer page = Get(kPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(IsDegraded(page));
  EXPECT_THAT(page.body, HasSubstr("About the ferry"));
}

TEST_F(MostReadPageTest, AnAnswerOfNothingThatIsPublishedIsLabelledAndTheNewestStandThere) {
  recommendation_.SetMostRead({"nowhere", "nothing"});
  recommendation_.Recommend({"bridge"});
  const test::HttpAnswer page = Get(kPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(IsDegraded(page));
  EXPECT_THAT(page.Header("broadsheet-degraded"), HasSubstr("most-read;reason=invalid-answer"));
  EXPECT_THAT(page.body, HasSubstr("About the ferry"));
  for (const char* path : {"/", "/city", "/city/pier"})
    EXPECT_THAT(Get(path).Header("broadsheet-degraded"), HasSubstr("most-read;reason=invalid-answer"))
        << path;
  recommendation_.SetMostRead({"bridge"});
  for (const char* path : {kPath, "/", "/city", "/city/pier"})
    EXPECT_TRUE(Eventually([&] { return !IsDegraded(Get(path)); })) << path;
  EXPECT_THAT(Get(kPath).body, AllOf(HasSubstr("About the bridge"), Not(HasSubstr("About the ferry"))));
}

TEST_F(MostReadPageTest, WhereNobodyHasReadAnythingYetNoPageIsLabelled) {
  recommendation_.SetMostRead({});
  recommendation_.Recommend({"bridge"});
  for (const char* path : {kPath, "/", "/city", "/city/pier"}) {
    const test::HttpAnswer page = Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_FALSE(IsDegraded(page)) << path;
  }
  EXPECT_THAT(Get(kPath).body, HasSubstr("About the ferry"));
}

TEST_F(MostReadPageTest, WhereNoStoryIsPublishedNoneIsMissing) {
  for (const char* id : {"pier", "bridge", "ferry"}) article_.Withdraw(id);
  const test::HttpAnswer page = Get(kPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(IsDegraded(page));
}

TEST_F(MostReadPageTest, WhenAllThatWasReadIsWithdrawnTheNewestStandThere) {
  Get(kPath);
  for (const char* id : {"pier", "bridge"}) article_.Withdraw(id);
  recommendation_.SetMostRead({});
  EXPECT_THAT(Get(kPath).body, HasSubstr("About the ferry"));
  EXPECT_TRUE(Eventually([&] { return !IsDegraded(Get(kPath)); }));
}

TEST_F(MostReadPageTest, IsShownAsKnownLastWhileArticleDoesNotAnswer) {
  Get(kPath);
  article_.faults.Set(Fault::kUnavailable);
  article_.Publish("pier", "The pier, corrected");
  const test::HttpAnswer page = Get(kPath);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(IsDegraded(page));
  EXPECT_THAT(page.body, HasSubstr("About the bridge"));
}

}  // namespace
}  // namespace broadsheet::gateway
