#include "services/gateway/page_parts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/fakes_testing.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// What is shown as known last while its owner does not answer, on a page whose other parts were read at a
// state of the log that this gateway's follower has not applied yet.
class PartsKnownLastTest : public testing::Test {
 protected:
  PartsKnownLastTest() {
    article_.Publish("pier", "Pier");
    followers_.Start(backends_, {});
    for (Source source : kAllSources)
      EXPECT_TRUE(followers_.follower(source)->WaitUntilLive(absl::Seconds(10)));
  }
  ~PartsKnownLastTest() override { followers_.Stop(); }

  DraftPtr NewDraft() {
    auto draft = std::make_shared<PageDraft>();
    draft->scope.context = rpc::Context(absl::Seconds(10));
    return draft;
  }

  // After an answer of which the follower knows nothing yet.
  DraftPtr DraftReadAhead() {
    DraftPtr draft = NewDraft();
    for (Source source : kAllSources) {
      change::v1::Snapshot ahead = followers_.position(source);
      ahead.set_position(ahead.position() + 5);
      draft->dependencies.Read(source, ahead);
    }
    return draft;
  }

  // The article tag changes, so that what is remembered of it is not fresh any more.
  void Change(const std::string& tag) { article_.server().Announce(article_.log().Append({tag})); }

  void ExpectReadAtTheFollowersPosition(const PageDraft& draft, Source source, const std::string& part) {
    EXPECT_EQ(draft.dependencies.of(source).position, followers_.position(source).position());
    ASSERT_THAT(draft.degradations, SizeIs(1));
    EXPECT_EQ(draft.degradations[0].part(), part);
    EXPECT_TRUE(draft.degradations[0].stale());
  }

  FakeArticle article_;
  FakeMedia media_;
  FakeRecommendation recommendation_;
  rpc::CompletionQueues queues_{1};
  Backends backends_{{.article_address = article_.server().address(),
                      .media_address = media_.server().address(),
                      .recommendation_address = recommendation_.server().address()},
                     queues_};
  Followers followers_;
  PageParts parts_{backends_, followers_, absl::ZeroDuration()};
};

TEST_F(PartsKnownLastTest, SummariesCountAsReadAtTheFollowersPosition) {
  ASSERT_THAT(rpc::Wait(parts_.Summaries(NewDraft(), {"pier"}, "related")), SizeIs(1));
  article_.Publish("pier", "Changed");
  article_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Summaries(draft, {"pier"}, "related")), SizeIs(1));
  ExpectReadAtTheFollowersPosition(*draft, Source::kArticle, "related");
}

TEST_F(PartsKnownLastTest, AuthorsCountAsReadAtTheFollowersPosition) {
  ASSERT_THAT(rpc::Wait(parts_.Authors(NewDraft(), {"jo"})), SizeIs(1));
  Change("author/jo");
  article_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Authors(draft, {"a-stranger", "jo"})), SizeIs(1));
  ExpectReadAtTheFollowersPosition(*draft, Source::kArticle, "authors");
}

TEST_F(PartsKnownLastTest, SectionsCountAsReadAtTheFollowersPosition) {
  ASSERT_THAT(rpc::Wait(parts_.Sections(NewDraft())), SizeIs(2));
  Change(std::string(kSectionsTag));
  article_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Sections(draft)), SizeIs(2));
  ExpectReadAtTheFollowersPosition(*draft, Source::kArticle, "sections");
}

TEST_F(PartsKnownLastTest, PicturesCountAsReadAtTheFollowersPosition) {
  ASSERT_THAT(rpc::Wait(parts_.Images(NewDraft(), {"quay"})), SizeIs(1));
  media_.SetCaption("quay", "Changed");
  media_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Images(draft, {"quay"})), SizeIs(1));
  ExpectReadAtTheFollowersPosition(*draft, Source::kMedia, "images");
}

TEST_F(PartsKnownLastTest, APictureKnownToBeAbsentIsMissingNotStale) {
  media_.Withhold("quay");
  ASSERT_THAT(rpc::Wait(parts_.Images(NewDraft(), {"quay"})), SizeIs(0));
  media_.Restore("quay");
  media_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Images(draft, {"quay"})), SizeIs(0));
  EXPECT_EQ(draft->dependencies.of(Source::kMedia).position, followers_.position(Source::kMedia).position());
  ASSERT_THAT(draft->degradations, SizeIs(1));
  EXPECT_FALSE(draft->degradations[0].stale());
}

TEST_F(PartsKnownLastTest, APartOfWhichNothingIsKnownIsMissingNotStale) {
  article_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Summaries(draft, {"pier"}, "related")), SizeIs(0));
  EXPECT_GT(draft->dependencies.of(Source::kArticle).position,
            followers_.position(Source::kArticle).position());
  ASSERT_THAT(draft->degradations, SizeIs(1));
  EXPECT_FALSE(draft->degradations[0].stale());
}

TEST_F(PartsKnownLastTest, AnAbsentPictureIsAskedForOnceUntilItIsThere) {
  const std::int64_t absent = media_.Withhold("quay");
  for (int page = 0; page < 3; ++page) {
    DraftPtr draft = NewDraft();
    EXPECT_THAT(rpc::Wait(parts_.Images(draft, {"quay", "pier"})), SizeIs(1));
    EXPECT_THAT(draft->dependencies.of(Source::kMedia).tags, ElementsAre("image/pier", "image/quay"));
    EXPECT_GE(draft->dependencies.of(Source::kMedia).position, absent);
  }
  EXPECT_EQ(media_.faults.calls("BatchGetImages"), 1);
  media_.Restore("quay");
  EXPECT_THAT(rpc::Wait(parts_.Images(NewDraft(), {"quay", "pier"})), SizeIs(2));
  media_.Withhold("quay");
  EXPECT_THAT(rpc::Wait(parts_.Images(NewDraft(), {"quay", "pier"})), SizeIs(1));
  EXPECT_EQ(media_.faults.calls("BatchGetImages"), 3);
}

TEST_F(PartsKnownLastTest, AStoryThatIsNotPublishedIsAskedForOnceUntilItIs) {
  const int before = article_.faults.calls("BatchGetArticles");
  for (int page = 0; page < 3; ++page) {
    DraftPtr draft = NewDraft();
    EXPECT_THAT(rpc::Wait(parts_.Summaries(draft, {"quay", "pier"}, "related")), SizeIs(1));
    EXPECT_THAT(draft->dependencies.tags(), ElementsAre("article/pier", "article/quay"));
    EXPECT_THAT(draft->dependencies.public_tags(), ElementsAre("article/pier"));
    EXPECT_EQ(parts_.RevisionOf("article/quay"), 0);
  }
  EXPECT_EQ(article_.faults.calls("BatchGetArticles"), before + 1);
  article_.Publish("quay", "Quay");
  EXPECT_THAT(rpc::Wait(parts_.Summaries(NewDraft(), {"quay", "pier"}, "related")), SizeIs(2));
  article_.Withdraw("quay");
  EXPECT_THAT(rpc::Wait(parts_.Summaries(NewDraft(), {"quay", "pier"}, "related")), SizeIs(1));
  EXPECT_EQ(article_.faults.calls("BatchGetArticles"), before + 3);
}

TEST_F(PartsKnownLastTest, AnAnswerOfNothingReplacesNoStoriesThatWereReadMost) {
  recommendation_.SetMostRead({"pier"});
  const std::vector<std::string> ids = rpc::Wait(parts_.MostReadIds(NewDraft()));
  ASSERT_THAT(ids, ElementsAre("pier"));
  const Teasers stories = rpc::Wait(parts_.Summaries(NewDraft(), ids, "most-read"));
  EXPECT_EQ(parts_.InsteadOfMostRead(ids, stories), std::nullopt);
  recommendation_.SetMostRead({});
  DraftPtr draft = NewDraft();
  EXPECT_THAT(rpc::Wait(parts_.MostReadIds(draft)), ElementsAre("pier"));
  ASSERT_THAT(draft->degradations, SizeIs(1));
  EXPECT_EQ(draft->degradations[0].part(), "most-read");
  EXPECT_EQ(draft->degradations[0].reason(), page::v1::DEGRADATION_REASON_INVALID_ANSWER);
  EXPECT_TRUE(draft->degradations[0].stale());
  recommendation_.SetMostRead({"nowhere"});
  EXPECT_THAT(rpc::Wait(parts_.MostReadIds(NewDraft())), ElementsAre("nowhere"));
  EXPECT_THAT(parts_.InsteadOfMostRead({"nowhere"}, {}), testing::Optional(ElementsAre("pier")));
}

TEST_F(PartsKnownLastTest, WhatIsAskedForBesideAPageIsNotedOnceItIsAdded) {
  DraftPtr draft = NewDraft();
  const DraftPtr beside = draft->Beside();
  Teasers stories = rpc::Wait(parts_.Summaries(beside, {"pier", "nothing"}, "related"));
  beside->Degrade("most-read", absl::UnavailableError("away"), true);
  EXPECT_THAT(draft->dependencies.tags(), IsEmpty());
  draft->Add(*beside);
  EXPECT_THAT(draft->dependencies.tags(), ElementsAre("article/nothing", "article/pier"));
  EXPECT_THAT(draft->dependencies.public_tags(), ElementsAre("article/pier"));
  ASSERT_THAT(draft->degradations, SizeIs(1));
  EXPECT_TRUE(draft->degradations[0].stale());
  beside->scope.context.Cancel();
  EXPECT_FALSE(draft->scope.context.cancelled());
}

TEST_F(PartsKnownLastTest, WhatWasWithdrawnSinceItWasReadIsLeftOut) {
  article_.Publish("bridge", "Bridge");
  DraftPtr draft = NewDraft();
  Teasers stories = rpc::Wait(parts_.Summaries(draft, {"pier", "bridge"}, "related"));
  ASSERT_THAT(stories, SizeIs(2));
  article_.Publish("bridge", "Bridge, changed");
  article_.Withdraw("pier");
  parts_.LeaveOutWithdrawn(*draft, stories);
  ASSERT_THAT(stories, SizeIs(1));
  EXPECT_EQ(stories[0].article_id(), "bridge");
  EXPECT_THAT(draft->dependencies.tags(), ElementsAre("article/bridge", "article/pier"));
  EXPECT_THAT(draft->dependencies.public_tags(), ElementsAre("article/bridge"));
}

}  // namespace
}  // namespace broadsheet::gateway
