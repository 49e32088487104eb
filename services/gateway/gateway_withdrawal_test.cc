#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// What was withdrawn, or has expired, is shown nowhere, whatever else is down; and takes no other page with
// it.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

class WithdrawalTest : public GatewayTest {
 protected:
  void SetUp() override {
    for (const char* id : {"bridge", "ferry", "market", "pier"}) {
      article_.Publish(id, absl::StrCat("News of the ", id));
    }
    recommendation_.Recommend({"bridge", "ferry", "market"});
    StartGateway();
  }
};

TEST_F(WithdrawalTest, AStoryKnownToBeWithdrawnIsGoneInEveryMode) {
  for (const char* path : {"/city/pier", "/", "/city/bridge"}) Get(path);
  article_.faults.Set(Fault::kHang);  // so that nothing can be made anew before it is gone
  article_.Withdraw("pier");
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer gone = Get("/city/pier");
  EXPECT_EQ(gone.status, 410);
  // It may have been published again meanwhile.
  EXPECT_THAT(gone.Header("broadsheet-degraded"), HasSubstr("article;reason=unavailable;stale"));
  for (const char* path : {"/", "/city", "/city/bridge", "/nothing"}) {
    EXPECT_FALSE(Contains(Get(path), "News of the pier")) << path;
  }
  article_.faults.Set(Fault::kNone);
}

// It was taken back for a reason, and is often published again without the passage in question.
TEST_F(WithdrawalTest, WhatAWithdrawnStorySaidIsNotShownOnceItIsPublishedAgain) {
  for (const char* path : {"/city/pier", "/", "/city/bridge", "/city/ferry"}) Get(path);
  article_.faults.Set(Fault::kHang);  // so that nothing can be made anew
  for (const char* id : {"pier", "ferry"}) article_.Withdraw(id);
  for (const char* id : {"pier", "ferry"}) article_.Publish(id, "Said otherwise");
  article_.faults.Set(Fault::kUnavailable);
  EXPECT_EQ(Get("/city/pier").status, 503) << "it is neither known nor gone";
  for (const char* path : {"/", "/city/bridge"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(IsDegraded(answer)) << path;
    EXPECT_TRUE(Contains(answer, "News of the bridge")) << path;
    for (const char* id : {"pier", "ferry"})
      EXPECT_FALSE(Contains(answer, absl::StrCat("News of the ", id))) << path;
  }
  article_.faults.Set(Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "Said otherwise"); }));
}

TEST_F(WithdrawalTest, PagesThatMentionedAWithdrawnStoryAreShownWithoutIt) {
  article_.faults.Set(Fault::kNone);
  const std::vector<std::string> paths = {"/", "/city"};
  for (const std::string& path : paths) EXPECT_TRUE(Contains(Get(path), "News of the pier")) << path;
  EXPECT_TRUE(Contains(Get("/city/bridge"), "News of the ferry"));
  std::string known_since;
  ASSERT_TRUE(Eventually([&] { return !(known_since = Get("/").Header("last-modified")).empty(); }));
  article_.faults.Set(Fault::kHang);  // so that nothing can be made anew before it is gone
  article_.Withdraw("pier");
  article_.Withdraw("ferry");
  article_.server().Stop();
  WaitUntilCutOff();
  for (const std::string& path : {std::string("/"), std::string("/city"), std::string("/city/bridge")}) {
    for (int again = 0; again < 2; ++again) {
      const test::HttpAnswer answer = Get(path);
      EXPECT_EQ(answer.status, 200) << path;
      EXPECT_TRUE(IsDegraded(answer)) << path;
      EXPECT_EQ(answer.Header("last-modified"), "") << path;
      EXPECT_TRUE(Contains(answer, "News of the bridge")) << path;
      for (const char* gone : {"News of the pier", "News of the ferry", "/city/pier", "/city/ferry"}) {
        EXPECT_FALSE(Contains(answer, gone)) << path;
      }
      EXPECT_EQ(answer.Header("surrogate-key").find("article/pier"), std::string::npos);
      // A reader that has the whole page is not told that it has not changed.
      EXPECT_EQ(Get(path, {{"If-Modified-Since", known_since}}).status, 200) << path;
    }
  }
  article_.faults.Set(Fault::kNone);
}

// Of what is made for programs nothing is cut out: it is not there until it can be made anew.
TEST_F(WithdrawalTest, WhatIsMadeForProgramsTellsOfNoWithdrawnStory) {
  article::v1::Article story;
  story.set_article_id("walk");
  story.set_path("/city/walk");
  story.mutable_content()->set_headline("A walk");
  story.mutable_content()->set_section_id("city");
  story.mutable_content()->add_author_ids("jo");
  article::v1::RichText& text = *story.mutable_content()->add_body()->mutable_paragraph()->mutable_text();
  text.set_text("The pier.");
  article::v1::Span& link = *text.add_spans();
  link.set_kind(article::v1::SPAN_KIND_LINK);
  link.set_start(4);
  link.set_end(8);
  link.set_article_id("pier");
  article_.Publish(story);
  story.set_article_id("flash");
  story.set_path("/city/flash");
  story.mutable_first_published_at()->set_seconds(absl::ToUnixSeconds(absl::Now()) - 60);
  article_.Publish(story);
  const std::vector<std::string> mentions = {"/feed.json",
                                             "/city/feed.json",
                                             "/authors/jo/feed.json",
                                             "/authors/jo/feed.atom",
                                             "/city/walk.ninjs.json",
                                             "/sitemaps/2026-09.xml"};
  for (const std::string& path : mentions) ASSERT_TRUE(Contains(Get(path), "/city/pier")) << path;
  ASSERT_TRUE(Contains(Get("/sitemaps/news.xml"), "/city/flash"));
  ASSERT_EQ(Get("/city/pier.ninjs.json").status, 200);
  article_.faults.Set(Fault::kHang);  // so that nothing can be made anew before it is gone
  article_.Withdraw("pier");
  article_.Withdraw("flash");
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_EQ(Get("/city/pier.ninjs.json").status, 410);
  for (const std::string& path : mentions) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_FALSE(Contains(answer, "/city/pier")) << path;
  }
  EXPECT_EQ(Get("/sitemaps/news.xml").status, 503);
  EXPECT_FALSE(Contains(Get("/sitemaps/news.xml"), "/city/flash"));
  article_.faults.Set(Fault::kNone);
}

// Expiring is a commit, which an article that is down cannot make.
TEST_F(WithdrawalTest, AStoryThatExpiresWhileArticleIsDownIsGoneAllTheSame) {
  article_.Publish(StoryExpiringAt("offer", absl::Now() + absl::Seconds(6)));
  const std::vector<std::string> paths = {"/", "/city", "/feed.atom", "/feed.json", "/sitemaps/2026-09.xml"};
  EXPECT_EQ(Get("/city/bridge").status, 200);
  for (const std::string& path : paths) EXPECT_TRUE(Contains(Get(path), "/city/offer")) << path;
  EXPECT_EQ(Get("/city/offer").Header("cache-control"), "public, max-age=1");
  EXPECT_EQ(Get("/city/offer.ninjs.json").status, 200);
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_TRUE(Eventually([&] { return Get("/city/offer").status == 410; }));
  EXPECT_EQ(Get("/city/offer.ninjs.json").status, 410);
  for (const std::string& path : paths) EXPECT_FALSE(Contains(Get(path), "/city/offer")) << path;
  for (const char* path : {"/", "/city", "/city/bridge"}) EXPECT_EQ(Get(path).status, 200) << path;
}

TEST_F(WithdrawalTest, AStoryThatIsToExpireSoonerThanItsPagesKnowIsGoneAllTheSame) {
  article::v1::Article offer;
  offer.set_article_id("offer");
  offer.set_path("/city/offer");
  offer.mutable_content()->set_headline("Ends soon");
  offer.mutable_content()->set_section_id("city");
  article_.Publish(offer);
  EXPECT_TRUE(Contains(Get("/"), "/city/offer"));
  EXPECT_EQ(Get("/city/offer").status, 200);
  article_.faults.Set(Fault::kHang);  // so that nothing can be made anew
  offer.mutable_expires_at()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 1);
  article_.Publish(offer);
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_TRUE(Eventually([&] { return Get("/city/offer").status == 410; }));
  const test::HttpAnswer front = Get("/");
  EXPECT_EQ(front.status, 200);
  EXPECT_FALSE(Contains(front, "/city/offer"));
  article_.faults.Set(Fault::kNone);
}

TEST_F(WithdrawalTest, AStoryWhoseEndWasPutOffIsStillShown) {
  const absl::Time end = absl::Now() + absl::Seconds(2);
  article::v1::Article offer = StoryExpiringAt("offer", end);
  article_.Publish(offer);
  EXPECT_EQ(Get("/city/offer").status, 200);
  article_.faults.Set(Fault::kHang);
  offer.mutable_expires_at()->set_seconds(absl::ToUnixSeconds(end) + 3600);
  article_.Publish(offer);
  article_.server().Stop();
  WaitUntilCutOff();
  EXPECT_TRUE(Eventually([&] { return absl::Now() > end; }));
  const test::HttpAnswer answer = Get("/city/offer");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(IsDegraded(answer));
  article_.faults.Set(Fault::kNone);
}

TEST_F(WithdrawalTest, PagesThatShowedAWithdrawnStoryAreMadeAgainBeforeAnybodyAsks) {
  EXPECT_TRUE(Contains(Get("/"), "News of the pier"));
  const int lists = article_.faults.calls("ListArticles");
  article_.Withdraw("pier");
  ASSERT_TRUE(Eventually([&] { return article_.faults.calls("ListArticles") > lists; }));
  ASSERT_TRUE(Eventually([&] { return Get("/").Header("cache-status").find("hit") != std::string::npos; }));
  article_.server().Stop();
  WaitUntilCutOff();
  const test::HttpAnswer front = Get("/");
  EXPECT_EQ(front.status, 200);
  EXPECT_FALSE(Contains(front, "News of the pier"));
  EXPECT_TRUE(Contains(front, "News of the bridge"));
}

TEST_F(WithdrawalTest, AStoryNotYetPublishedIsNamedNowhereAndIsShownAsSoonAsItIs) {
  article::v1::Article story;
  story.set_article_id("background");
  story.set_path("/city/background");
  story.mutable_content()->set_headline("Background");
  story.mutable_content()->set_section_id("city");
  story.mutable_content()->add_related_article_ids("minister-resigns");
  article_.Publish(story);
  const test::HttpAnswer before = Get("/city/background");
  EXPECT_THAT(before.Header("surrogate-key"), HasSubstr("article/background"));
  EXPECT_THAT(before.Header("surrogate-key"), testing::Not(HasSubstr("minister")));
  EXPECT_FALSE(Contains(before, "minister"));
  article_.Publish("minister-resigns", "The minister resigns");
  const test::HttpAnswer after = Get("/city/background");
  EXPECT_TRUE(Contains(after, "The minister resigns"));
  EXPECT_THAT(after.Header("surrogate-key"), HasSubstr("article/minister-resigns"));
}

// Before its log says so: the log cannot be followed just then.
TEST_F(GatewayTest, AStoryThatArticleSaidIsWithdrawnIsShownOnNoOtherPageWhenArticleGoesAway) {
  for (const char* id : {"bridge", "pier"}) article_.Publish(id, absl::StrCat("News of the ", id));
  article_.Publish(StoryLinkingTo("pier"));
  article_.log().FailFollowers(true);
  StartGatewayAlone();
  for (const char* path : {"/", "/city"}) EXPECT_TRUE(Contains(Get(path), "News of the pier")) << path;
  EXPECT_TRUE(Contains(Get("/city/linking"), "/city/pier"));
  article_.Withdraw("pier");
  EXPECT_EQ(Get("/city/pier").status, 410);
  article_.server().Stop();
  for (const char* path : {"/", "/city"}) {
    const test::HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(IsDegraded(answer)) << path;
    EXPECT_TRUE(Contains(answer, "News of the bridge")) << path;
    EXPECT_FALSE(Contains(answer, "News of the pier")) << path;
  }
  EXPECT_FALSE(Contains(Get("/city/linking"), "/city/pier"));
  EXPECT_EQ(Get("/city/pier").status, 410);
}

}  // namespace
}  // namespace broadsheet::gateway
