#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_testing.h"

// Promise 1, fresh, and promise 3, once: over real change streams and real HTTP.
namespace broadsheet::gateway {
namespace {

class FreshnessOverHttpTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    StartGateway();
  }
};

TEST_F(FreshnessOverHttpTest, TheVeryNextRequestSeesEveryPublicationAndWithdrawal) {
  for (int i = 0; i < 100; ++i) {
    const std::string headline = absl::StrCat("Round ", i, " of the pier");
    article_.Publish("pier", headline);
    ASSERT_TRUE(Contains(Get("/city/pier"), headline)) << i;
    ASSERT_TRUE(Contains(Get("/city/pier"), headline)) << i << ", from the cache";
    if (i % 2 == 0) continue;
    article_.Withdraw("pier");
    ASSERT_EQ(Get("/city/pier").status, 410) << i;
  }
}

TEST_F(FreshnessOverHttpTest, ListsFeedsAndTheSitemapFollowAtOnce) {
  const std::vector<std::string> paths = {
      "/",          "/city",           "/authors/jo",           "/feed.atom",           "/feed.rss",
      "/feed.json", "/city/feed.atom", "/authors/jo/feed.json", "/sitemaps/2026-09.xml"};
  for (int i = 0; i < 10; ++i) {
    for (const std::string& path : paths) Get(path);
    const std::string id = absl::StrCat("new-", i);
    article_.Publish(id, absl::StrCat("News ", i));
    for (const std::string& path : paths) EXPECT_TRUE(Contains(Get(path), "/city/" + id)) << path;
    article_.Withdraw(id);
    for (const std::string& path : paths) EXPECT_FALSE(Contains(Get(path), "/city/" + id)) << path;
  }
}

TEST_F(FreshnessOverHttpTest, APathThatWasMissingIsFoundAsSoonAsAStoryIsThere) {
  EXPECT_EQ(Get("/city/later").status, 404);
  article_.Publish("later", "Later");
  EXPECT_EQ(Get("/city/later").status, 200);
}

TEST_F(FreshnessOverHttpTest, ARelatedStorysHeadlineChangesEverywhereAtOnce) {
  recommendation_.Recommend({"bridge"});
  recommendation_.SetMostRead({"bridge"});
  EXPECT_TRUE(Contains(Get("/city/pier"), "Bridge closed"));
  article_.Publish("bridge", "Bridge open");
  EXPECT_FALSE(Contains(Get("/city/pier"), "Bridge closed"));
  EXPECT_TRUE(Contains(Get("/city/pier"), "Bridge open"));
  article_.Withdraw("bridge");
  EXPECT_FALSE(Contains(Get("/city/pier"), "Bridge open"));
}

TEST_F(FreshnessOverHttpTest, APicturesCaptionAndWithdrawalShowAtOnce) {
  article::v1::Article story;
  story.set_article_id("pictured");
  story.set_path("/city/pictured");
  story.mutable_content()->set_headline("Pictured");
  story.mutable_content()->set_section_id("city");
  story.mutable_content()->mutable_lead_image()->set_image_id("quay");
  article_.Publish(story);
  EXPECT_TRUE(Contains(Get("/city/pictured"), "Caption of quay"));
  media_.SetCaption("quay", "The quay at dawn");
  EXPECT_TRUE(Contains(Get("/city/pictured"), "The quay at dawn"));
  media_.Withhold("quay");
  const test::HttpAnswer without = Get("/city/pictured");
  EXPECT_FALSE(Contains(without, "/media/quay"));
  EXPECT_FALSE(IsDegraded(without)) << "withheld on purpose is not an outage";
}

TEST_F(FreshnessOverHttpTest, PublishingWaitsForNobodyElseThanLiveFollowers) {
  Get("/city/pier");
  const absl::Time started = absl::Now();
  for (int i = 0; i < 20; ++i) article_.Publish("pier", absl::StrCat("Headline ", i));
  EXPECT_LT(absl::Now() - started, absl::Seconds(5)) << "less than half of what waiting leases out takes";
}

TEST_F(FreshnessOverHttpTest, ManyReadersOfAColdPageCauseOneRender) {
  const int before = article_.faults.calls("GetArticle");
  article_.HoldAnswers();
  std::atomic<int> answered = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 64; ++i) {
    readers.emplace_back([&] { answered += Contains(Get("/city/pier"), "Pier opened"); });
  }
  article_.WaitUntilHolding(1);
  article_.Release();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(answered, 64);
  EXPECT_EQ(article_.faults.calls("GetArticle"), before + 1);
}

TEST_F(FreshnessOverHttpTest, NobodyJoinsAPageThatWasReadBeforeAPublicationThatHasReturned) {
  for (int i = 0; i < 10; ++i) {
    article_.Publish("pier", absl::StrCat("Old headline ", i));
    article_.HoldAnswers();
    std::thread first([&] { Get("/city/pier"); });
    article_.WaitUntilHolding(1);  // it has read, and has not answered
    article_.Publish("pier", absl::StrCat("New headline ", i));
    std::thread release([&] { article_.Release(); });
    EXPECT_TRUE(Contains(Get("/city/pier"), absl::StrCat("New headline ", i)));
    release.join();
    first.join();
  }
}

// Whose call fails shows what was known; that is not good enough for who asks after a publication.
TEST_F(FreshnessOverHttpTest, NobodyIsGivenWhatWasKnownBeforeAPublicationBecauseSomebodyElsesCallFailed) {
  options_.backends.budgets.known = absl::Seconds(1);
  StartGateway();
  Get("/city/pier");
  article_.Publish("pier", "Second headline");
  article_.HoldAnswers();
  std::thread first([&] { EXPECT_FALSE(Contains(Get("/city/pier"), "Third headline")); });
  article_.WaitUntilHolding(1);
  article_.Publish("pier", "Third headline");
  std::thread second([&] { EXPECT_TRUE(Contains(Get("/city/pier"), "Third headline")); });
  first.join();
  article_.Release();
  second.join();
}

TEST_F(FreshnessOverHttpTest, ReadersDuringManyPublicationsNeverSeeAnOlderPageThanWhatHadReturned) {
  std::atomic<int> returned = 0;
  std::atomic<bool> done = false;
  std::atomic<int> violations = 0;
  article_.Publish("pier", "Version 0 end");
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const int floor = returned;
        const std::string body = Get("/city/pier").body;
        const std::size_t at = body.find("Version ");
        const int version = at == std::string::npos ? -1 : std::atoi(body.c_str() + at + 8);
        violations += version < floor;
      }
    });
  }
  for (int version = 1; version <= 200; ++version) {
    article_.Publish("pier", absl::StrCat("Version ", version, " end"));
    returned = version;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(violations, 0);
}

TEST_F(FreshnessOverHttpTest, NothingReadFromAReplacedLogIsTrusted) {
  Get("/city/pier");
  article_.ReplaceLog("restored-log");
  article_.Publish("pier", "After the restore");
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(10)));
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "After the restore"); }));
  // The lease of the log before may still hold when the page is made: what was read of the new one is not
  // believed until that is followed.
  EXPECT_TRUE(Eventually([&] {
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_TRUE(Contains(answer, "After the restore"));
    return answer.Header("cache-status").find("hit") != std::string::npos;
  }));
}

TEST_F(FreshnessOverHttpTest, TheChoiceOfRelatedStoriesIsRenewedBehindTheReader) {
  options_.pages.rules.refresh_after = absl::ZeroDuration();
  StartGateway();
  recommendation_.Recommend({"bridge"});
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.Publish("late", "Late addition");
  recommendation_.Recommend({"late"});
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "Late addition"); }));
}

TEST_F(GatewayTest, APageMadeBeforeItsLogCouldBeFollowedIsShownAgainWithoutItsOwner) {
  article_.Publish("pier", "The pier reopens");
  article_.log().FailFollowers(true);  // calls are answered, followers are not
  StartGatewayAlone();
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.server().Stop();
  const test::HttpAnswer answer = Get("/city/pier");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(IsDegraded(answer));
  EXPECT_EQ(Get("/city/never-asked-for").status, 503);
}

TEST_F(GatewayTest, APageMadeBeforeItsLogCouldBeFollowedIsNotShownWhenTheLogSaysThatItWasWithdrawn) {
  article_.Publish("pier", "The pier reopens");
  article_.log().FailFollowers(true);
  StartGatewayAlone();
  EXPECT_EQ(Get("/city/pier").status, 200);
  article_.Withdraw("pier");
  article_.log().FailFollowers(false);
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(30)));
  article_.server().Stop();
  EXPECT_EQ(Get("/city/pier").status, 410);
}

// Until then what was read cannot be judged, and would not be shown should the owner go away again.
TEST_F(GatewayTest, ALogIsFollowedAsSoonAsItsOwnerAnswersCallsAgain) {
  article_.Publish("pier", "The pier reopens");
  article_.server().Stop();
  options_.backends.followed.first_retry = options_.backends.followed.longest_retry = absl::Minutes(2);
  StartGatewayAlone();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Get("/city/pier").status, 503);
  article_.server().Start();
  ASSERT_TRUE(Eventually([this] { return Get("/city/pier").status == 200; }));
  EXPECT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(30)));
}

TEST_F(FreshnessOverHttpTest, AStoryThatIsBackIsNotSaidToBeGoneWhileArticleDoesNotAnswer) {
  article_.Withdraw("pier");
  ASSERT_EQ(Get("/city/pier").status, 410);
  article_.Publish("pier", "Pier opened again");
  article_.faults.Set(Fault::kUnavailable);
  EXPECT_EQ(Get("/city/pier").status, 503);
  article_.faults.Set(Fault::kNone);
}

TEST_F(FreshnessOverHttpTest, APathThatCannotBeOneShowsNoSectionUnderItsOldName) {
  Get("/city/pier");
  EXPECT_TRUE(Contains(Get("//pier"), ">City<"));
  article_.RenameCity("Town");
  EXPECT_FALSE(Contains(Get("//pier"), ">City<"));
  Get("/city/pier");
  EXPECT_TRUE(Eventually([&] { return Contains(Get("//pier"), ">Town<"); }));
}

TEST_F(FreshnessOverHttpTest, AMonthWithoutStoriesShowsNoSectionUnderItsOldName) {
  EXPECT_TRUE(Contains(Get("/sitemaps/1999-01.xml"), ">City<"));
  article_.RenameCity("Town");
  EXPECT_TRUE(Contains(Get("/sitemaps/1999-01.xml"), ">Town<"));
}

// What the log of before says of a withdrawal is no more than a guess at what the new one holds.
TEST_F(FreshnessOverHttpTest, AStoryThatIsThereAgainIsShownByWhatIsReadOfALogThatIsNotFollowedYet) {
  options_.backends.followed.first_retry = options_.backends.followed.longest_retry = absl::Minutes(2);
  StartGateway();
  article_.Publish(StoryLinkingTo("pier"));
  article_.Withdraw("pier");
  article_.Publish("pier", "Pier opened again");
  ASSERT_TRUE(Contains(Get("/city/linking"), "/city/pier\""));
  article_.ReplaceLog("restored-log");
  article::v1::Article changed = StoryLinkingTo("pier");
  changed.mutable_content()->set_headline("Linking all the same");
  article_.Publish(changed);
  test::HttpAnswer answer;
  EXPECT_TRUE(Eventually([&] {  // once the lease of the log before has ended
    answer = Get("/city/linking");
    return Contains(answer, "Linking all the same");
  }));
  EXPECT_TRUE(Contains(answer, "/city/pier\""));
}

TEST_F(FreshnessOverHttpTest, AStoryThatExpiresWhileItsPageIsMadeIsAskedForOnceMore) {
  const absl::Time end = absl::Now() + absl::Seconds(2);
  article_.Publish(StoryExpiringAt("offer", end));
  recommendation_.faults.Set(Fault::kHang);
  std::thread reader([this] { EXPECT_EQ(Get("/city/offer").status, 200) << "article's clock counts"; });
  EXPECT_TRUE(Eventually([&] { return article_.faults.calls("GetArticle") > 0; }));
  const int calls = article_.faults.calls("GetArticle");
  EXPECT_TRUE(Eventually([&] { return absl::Now() > end; }));
  recommendation_.faults.Set(Fault::kNone);
  reader.join();
  EXPECT_GT(article_.faults.calls("GetArticle"), calls);
}

}  // namespace
}  // namespace broadsheet::gateway
