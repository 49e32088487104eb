// Stories at the ends of their embargoes and lives, read by a process whose clock is not the one that
// released them; on every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "services/article/engine_testing.h"
#include "services/article/found_article_testing.h"
#include "services/article/sql_article_store.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kReleasedAt = absl::FromUnixSeconds(1'763'900'000);
const absl::Time kExpiresAt = kReleasedAt + absl::Hours(1);

class EmbargoClockTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    auto store = SqlArticleStore::Open(*std::move(database), {});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Published by a process for which it is that time; the embargo ends at kReleasedAt.
  void PublishUnderEmbargo(absl::Time now) {
    const absl::Status written = store_->Write([&](EditTransaction& transaction) -> absl::Status {
      Story story;
      story.draft.set_article_id("wall");
      story.draft.mutable_content()->set_headline("Sea wall opens");
      story.draft.mutable_content()->set_section_id("harbour");
      *story.draft.mutable_embargoed_until() = ToTimestamp(kReleasedAt);
      *story.draft.mutable_expires_at() = ToTimestamp(kExpiresAt);
      if (absl::Status published = Publish(story, now, std::nullopt); !published.ok()) return published;
      return CommitStory(transaction, nullptr, story, Action::kPublish, now).status();
    });
    ASSERT_TRUE(written.ok()) << written;
  }

  ArticleLookup Find(absl::Time now) {
    auto read = store_->FindArticle(
        {ArticleKey::Kind::kId, "wall"}, Body::kWith, [now] { return now; }, 0);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->value : ArticleLookup();
  }
  std::vector<v1::Article> List(absl::Time now) {
    return store_
        ->ListArticles(
            {}, Body::kWithout, [now] { return now; }, 0)
        ->value.articles;
  }
  std::vector<std::string> Batch(absl::Time now) {
    return store_
        ->FindArticles(
            {"wall"}, Body::kWith, [now] { return now; }, 0)
        ->value;
  }

  const TestDatabase database_{GetParam()};
  std::unique_ptr<SqlArticleStore> store_;
};

TEST_P(EmbargoClockTest, WhatAnotherProcessHasReleasedIsReadByOneWhoseClockIsALittleBehind) {
  PublishUnderEmbargo(kReleasedAt);
  const absl::Time behind = kReleasedAt - absl::Milliseconds(3);
  EXPECT_EQ(Decode(Find(behind).found).article().article_id(), "wall");
  EXPECT_FALSE(Find(behind).withdrawal.has_value());
  EXPECT_THAT(List(behind), SizeIs(1));
  EXPECT_THAT(Batch(behind), SizeIs(1));
}

TEST_P(EmbargoClockTest, WhatNobodyHasReleasedIsNotReadHoweverShortTheWait) {
  PublishUnderEmbargo(kReleasedAt - absl::Milliseconds(3));
  for (const absl::Time now :
       {kReleasedAt - absl::Milliseconds(1), kReleasedAt, kReleasedAt + absl::Hours(1)}) {
    EXPECT_EQ(Find(now).found, nullptr);
    EXPECT_FALSE(Find(now).withdrawal.has_value());
    EXPECT_THAT(List(now), IsEmpty());
    EXPECT_THAT(Batch(now), IsEmpty());
  }
}

TEST_P(EmbargoClockTest, AClockThatIsFarBehindHidesAStoryButDoesNotSayThatItIsGone) {
  PublishUnderEmbargo(kReleasedAt);
  const absl::Time far_behind = kReleasedAt - absl::Minutes(1);
  EXPECT_EQ(Find(far_behind).found, nullptr);
  EXPECT_FALSE(Find(far_behind).withdrawal.has_value());
  EXPECT_THAT(List(far_behind), IsEmpty());
  EXPECT_THAT(Batch(far_behind), IsEmpty());
}

TEST_P(EmbargoClockTest, AStoryIsGoneFromTheInstantOfItsExpiryAndNotBefore) {
  PublishUnderEmbargo(kReleasedAt);
  EXPECT_NE(Find(kExpiresAt - absl::Microseconds(1)).found, nullptr);
  EXPECT_EQ(Find(kExpiresAt).found, nullptr);
  ASSERT_TRUE(Find(kExpiresAt).withdrawal.has_value());
  EXPECT_EQ(Find(kExpiresAt).withdrawal->mode(), v1::WITHDRAWAL_MODE_GONE);
}

INSTANTIATE_TEST_SUITE_P(Engines, EmbargoClockTest, AllEngines(), EngineName);

}  // namespace
}  // namespace broadsheet::article
