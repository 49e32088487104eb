#include "services/gateway/record_cache.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/fakes_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::IsNull;
using testing::Pointee;

// Over a real follower of a real change log.
class RecordCacheTest : public testing::Test {
 protected:
  RecordCacheTest() {
    article_.Publish("pier", "Pier");
    followers_.Start(backends_, {});
    EXPECT_TRUE(followers_.follower(Source::kArticle)->WaitUntilLive(absl::Seconds(10)));
  }
  ~RecordCacheTest() override { followers_.Stop(); }

  change::v1::Snapshot Now() const { return followers_.position(Source::kArticle); }

  FakeArticle article_;
  FakeMedia media_;
  rpc::CompletionQueues queues_{1};
  Backends backends_{
      {.article_address = article_.server().address(), .media_address = media_.server().address()}, queues_};
  Followers followers_;
  RecordCache<std::string> cache_{followers_, Source::kArticle, 3};
};

TEST_F(RecordCacheTest, KnowsWhatWasPutUntilItChanges) {
  EXPECT_FALSE(cache_.Fresh("article/pier").has_value());
  cache_.Put("article/pier", "first", Now());
  EXPECT_EQ(*cache_.Fresh("article/pier")->record, "first");
  article_.Publish("pier", "Changed");
  EXPECT_FALSE(cache_.Fresh("article/pier").has_value());
  EXPECT_THAT(cache_.LastKnown("article/pier"), Pointee(std::string("first")));
}

TEST_F(RecordCacheTest, ThatThereIsNoneCountsForSomeTimeOnly) {
  cache_.Put("article/quay", std::shared_ptr<const std::string>(), Now());
  ASSERT_TRUE(cache_.Fresh("article/quay").has_value());
  EXPECT_THAT(cache_.Fresh("article/quay")->record, IsNull());
  RecordCache<std::string> forgetful{followers_, Source::kArticle, 3, absl::ZeroDuration()};
  forgetful.Put("article/quay", std::shared_ptr<const std::string>(), Now());
  forgetful.Put("article/pier", "there", Now());
  EXPECT_FALSE(forgetful.Fresh("article/quay").has_value());
  EXPECT_TRUE(forgetful.Fresh("article/pier").has_value());
}

TEST_F(RecordCacheTest, AFreshRecordIsAsGoodAsReadNow) {
  cache_.Put("article/pier", "first", Now());
  const std::int64_t position = article_.Publish("bridge", "Another story");
  EXPECT_EQ(cache_.Fresh("article/pier")->snapshot.position(), position);
}

TEST_F(RecordCacheTest, WhatIsWithdrawnIsNotKnownAnyMoreEvenIfItArrivesLate) {
  const change::v1::Snapshot before = Now();
  cache_.Put("article/pier", "first", before);
  article_.Withdraw("pier");
  EXPECT_THAT(cache_.LastKnown("article/pier"), IsNull());
  cache_.Put("article/pier", "read before, arrived after", before);
  EXPECT_THAT(cache_.LastKnown("article/pier"), IsNull());
  article_.Publish("pier", "There again");
  EXPECT_THAT(cache_.LastKnown("article/pier"), IsNull()) << "what was read before is what was taken back";
}

TEST_F(RecordCacheTest, WhatWasReadFromAnotherLogIsNotKnown) {
  change::v1::Snapshot other = Now();
  other.set_log_id("the log before a restore");
  cache_.Put("article/pier", "first", other);
  EXPECT_THAT(cache_.LastKnown("article/pier"), IsNull());
}

TEST_F(RecordCacheTest, WhatWasReadBeforeTheFollowersMemoryBeginsIsNotKnown) {
  cache_.Put("article/pier", "first", Now());
  followers_.Stop();
  article_.log().Trim(article_.log().Append({"article/pier"}, change::v1::CHANGE_KIND_WITHDRAWN));
  followers_.Start(backends_, {});
  ASSERT_TRUE(followers_.follower(Source::kArticle)->WaitUntilLive(absl::Seconds(10)));
  EXPECT_THAT(cache_.LastKnown("article/pier"), IsNull());
}

TEST_F(RecordCacheTest, AnOlderReadDoesNotReplaceANewerOne) {
  const change::v1::Snapshot before = Now();
  article_.Publish("bridge", "Another story");
  cache_.Put("article/pier", "newer", Now());
  cache_.Put("article/pier", "older", before);
  EXPECT_THAT(cache_.LastKnown("article/pier"), Pointee(std::string("newer")));
}

TEST_F(RecordCacheTest, KeepsTheMostRecentlyUsed) {
  for (const char* id : {"a", "b", "c"}) cache_.Put(absl::StrCat("article/", id), id, Now());
  cache_.LastKnown("article/a");
  cache_.Put("article/d", "d", Now());
  EXPECT_EQ(cache_.size(), 3u);
  EXPECT_THAT(cache_.LastKnown("article/b"), IsNull());
  EXPECT_THAT(cache_.LastKnown("article/a"), Pointee(std::string("a")));
}

}  // namespace
}  // namespace broadsheet::gateway
