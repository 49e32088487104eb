// The indexer against an article service that stands in for the real one, over real gRPC.
#include "services/recommendation/indexer.h"

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/rpc/channel.h"
#include "services/recommendation/article_testing.h"
#include "services/recommendation/pending_changes.h"

namespace broadsheet::recommendation {
namespace {

class IndexerTest : public ::testing::Test {
 protected:
  void Start() {
    rpc::ChannelOptions streaming;
    streaming.own_connection = true;
    options_.max_pause = absl::Milliseconds(100);
    indexer_ = Indexer::Start(rpc::NewChannel(article_->address()),
                              rpc::NewChannel(article_->address(), streaming), options_, index_);
  }
  // Before what AfterList's callback uses goes out of scope.
  void End() {
    indexer_.reset();
    article_.reset();
  }
  bool CatchesUp() const {
    return Eventually([this] { return indexer_->position().caught_up; });
  }
  bool Reaches(std::int64_t position) const {
    return Eventually([this, position] { return indexer_->position().position >= position; });
  }

  std::unique_ptr<FakeArticle> article_ = std::make_unique<FakeArticle>();
  StoryIndex index_{10'000};
  IndexerOptions options_;
  std::unique_ptr<Indexer> indexer_;
};

TEST_F(IndexerTest, LoadsEveryStoryPageByPage) {
  for (int i = 0; i < 25; ++i) article_->Publish({.id = absl::StrCat("s", i)});
  options_.page_size = 10;
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_EQ(index_.size().stories, 25U);
  EXPECT_EQ(article_->lists(), 3);
  EXPECT_EQ(indexer_->position().log_id, "log-1");
  EXPECT_EQ(indexer_->position().position, 25);
}

TEST_F(IndexerTest, AnEmptyLogIsCaughtUpWith) {
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_EQ(indexer_->position().position, 0);
  EXPECT_EQ(index_.size().stories, 0U);
}

TEST_F(IndexerTest, FollowsWhatIsPublishedAndWithdrawn) {
  Start();
  ASSERT_TRUE(CatchesUp());
  ASSERT_TRUE(Reaches(article_->Publish({.id = "a", .section = "news"})));
  EXPECT_TRUE(index_.IsInSection("a", "news"));
  ASSERT_TRUE(Reaches(article_->Publish({.id = "a", .section = "sport"})));
  EXPECT_TRUE(index_.IsInSection("a", "sport"));
  ASSERT_TRUE(Reaches(article_->Withdraw("a")));
  EXPECT_FALSE(index_.Contains("a"));
  ASSERT_TRUE(Reaches(article_->Publish({.id = "a"})));
  EXPECT_TRUE(index_.Contains("a"));
  ASSERT_TRUE(Reaches(article_->PublishAuthor("ann")));
  EXPECT_EQ(article_->lists(), 1);
}

TEST_F(IndexerTest, WhatIsWithdrawnGoesAlthoughNothingCanBeFetched) {
  article_->Publish({.id = "a"});
  Start();
  ASSERT_TRUE(CatchesUp());
  article_->FailGet("a", {grpc::StatusCode::UNAVAILABLE, "busy"});
  article_->Withdraw("a");
  EXPECT_TRUE(Eventually([this] { return !index_.Contains("a"); }));
  EXPECT_LT(indexer_->position().position, 2);  // not certain before article has been asked
  article_->FailGet("a", grpc::Status::OK);
  EXPECT_TRUE(Reaches(2));
}

TEST_F(IndexerTest, AStoryWithdrawnWhileItsPageTravelsStaysAway) {
  article_->Publish({.id = "a"});
  article_->Publish({.id = "b"});
  options_.page_size = 1;
  std::atomic<int> pages = 0;
  article_->AfterList([&] {
    if (++pages != 2) return;
    const std::int64_t position = article_->Withdraw("b");  // the page that is being sent has it
    Eventually([&] { return indexer_->state().follower.position >= position; });
  });
  Start();
  ASSERT_TRUE(CatchesUp());
  ASSERT_TRUE(Reaches(3));
  EXPECT_TRUE(index_.Contains("a"));
  EXPECT_FALSE(index_.Contains("b"));
  End();
}

TEST_F(IndexerTest, AStoryChangedWhileItsPageTravelsIsTheNewOne) {
  article_->Publish({.id = "a", .section = "old"});
  std::atomic<bool> changed = false;
  article_->AfterList([&] {
    if (changed.exchange(true)) return;
    const std::int64_t position = article_->Publish({.id = "a", .section = "new"});
    Eventually([&] { return indexer_->state().follower.position >= position; });
  });
  Start();
  ASSERT_TRUE(Reaches(2));
  EXPECT_TRUE(index_.IsInSection("a", "new"));
  End();
}

TEST_F(IndexerTest, LoadsLongStoriesInSmallerPages) {
  for (int i = 0; i < 20; ++i) article_->Publish({.id = absl::StrCat("s", i)});
  article_->LimitPage(3);
  Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_EQ(index_.size().stories, 20U);
}

TEST_F(IndexerTest, AStoryThatCannotBeReadHoldsUpNoOther) {
  article_->Publish({.id = "bad"});
  options_.min_pause = absl::Milliseconds(1);
  options_.max_pause = absl::Milliseconds(2);
  Start();
  ASSERT_TRUE(CatchesUp());
  article_->FailGet("bad", {grpc::StatusCode::INTERNAL, "cannot be read"});
  article_->Publish({.id = "bad"});
  ASSERT_TRUE(Reaches(article_->Publish({.id = "good"})));
  EXPECT_TRUE(index_.Contains("good"));
  EXPECT_FALSE(index_.Contains("bad"));
  EXPECT_GT(indexer_->state().failures, 0);
  EXPECT_NE(indexer_->state().last_error, "");
}

TEST_F(IndexerTest, KeepsWhatItKnowsWhileArticleIsAwayAndGoesOnAfterwards) {
  article_->Publish({.id = "a"});
  article_->Publish({.id = "b"});
  Start();
  ASSERT_TRUE(CatchesUp());
  article_->Stop();
  ASSERT_TRUE(
      Eventually([this] { return indexer_->state().follower.connected_since == absl::InfiniteFuture(); }));
  EXPECT_TRUE(indexer_->position().caught_up);
  EXPECT_TRUE(index_.Contains("a"));
  article_->Withdraw("a");
  const std::int64_t position = article_->Publish({.id = "c"});
  article_->Start();
  ASSERT_TRUE(Reaches(position));
  EXPECT_FALSE(index_.Contains("a"));
  EXPECT_TRUE(index_.Contains("b"));
  EXPECT_TRUE(index_.Contains("c"));
  EXPECT_EQ(indexer_->state().loads, 1);  // it went on where it was
}

TEST_F(IndexerTest, StartsBeforeArticleDoes) {
  article_->Publish({.id = "a"});
  article_->Stop();
  Start();
  EXPECT_FALSE(indexer_->position().caught_up);
  EXPECT_EQ(indexer_->position().log_id, "");
  article_->Start();
  ASSERT_TRUE(CatchesUp());
  EXPECT_TRUE(index_.Contains("a"));
}

TEST_F(IndexerTest, LoadsAgainWhenTheLogNoLongerReachesBack) {
  article_->Publish({.id = "a"});
  article_->Publish({.id = "b"});
  Start();
  ASSERT_TRUE(CatchesUp());
  article_->Stop();
  article_->Withdraw("a");
  article_->Publish({.id = "c"});
  article_->ForgetLog();
  article_->Start();
  ASSERT_TRUE(Eventually([this] { return indexer_->state().loads == 2; }));
  EXPECT_FALSE(index_.Contains("a"));
  EXPECT_TRUE(index_.Contains("b"));
  EXPECT_TRUE(index_.Contains("c"));
  EXPECT_EQ(indexer_->position().position, 4);
}

TEST_F(IndexerTest, ForgetsEverythingWhenArticlesDataAreReplaced) {
  article_->Publish({.id = "a"});
  article_->Publish({.id = "b"});
  Start();
  ASSERT_TRUE(CatchesUp());
  const int port = article_->port();
  article_.reset();
  article_ = std::make_unique<FakeArticle>("log-2", port);
  article_->Publish({.id = "c"});
  ASSERT_TRUE(Eventually(
      [this] { return indexer_->position().log_id == "log-2" && indexer_->position().caught_up; }));
  ASSERT_TRUE(Reaches(1));
  EXPECT_FALSE(index_.Contains("a"));
  EXPECT_TRUE(index_.Contains("c"));
  EXPECT_EQ(index_.size().stories, 1U);
}

TEST_F(IndexerTest, LoadsAgainWhenTooManyStoriesWaitToBeFetched) {
  options_.max_pending = 5;
  Start();
  ASSERT_TRUE(CatchesUp());
  article_->FailGet("s0", {grpc::StatusCode::UNAVAILABLE, "busy"});
  for (int i = 0; i < 20; ++i) article_->Publish({.id = absl::StrCat("s", i)});
  article_->FailGet("s0", grpc::Status::OK);
  ASSERT_TRUE(Reaches(20));
  EXPECT_EQ(index_.size().stories, 20U);
}

TEST_F(IndexerTest, EndsWhileArticleIsSilent) {
  article_->Publish({.id = "a"});
  std::atomic<bool> waiting = false;
  std::atomic<bool> release = false;
  article_->AfterList([&] {
    waiting = true;
    Eventually([&] { return release.load(); });
  });
  Start();
  ASSERT_TRUE(Eventually([&] { return waiting.load(); }));
  indexer_.reset();  // cancels the call
  release = true;
  End();
}

TEST(PendingChanges, TheNewestChangeOfAStoryCounts) {
  PendingChanges pending;
  pending.Note("a", 1);
  pending.Note("b", 2);
  pending.Note("a", 3);
  EXPECT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending.First()->article_id, "b");
  EXPECT_TRUE(pending.ChangedAfter("a", 2));
  EXPECT_FALSE(pending.ChangedAfter("a", 3));
  pending.Done("a", 1);  // read before its newest change
  EXPECT_TRUE(pending.Contains("a"));
  pending.Done("a", 3);
  EXPECT_FALSE(pending.Contains("a"));
  pending.Done("b", 9);
  EXPECT_TRUE(pending.empty());
  EXPECT_FALSE(pending.First().has_value());
}

}  // namespace
}  // namespace broadsheet::recommendation
