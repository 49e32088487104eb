#include "services/gateway/page_parts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/fakes_testing.h"

namespace broadsheet::gateway {
namespace {

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
  rpc::CompletionQueues queues_{1};
  Backends backends_{
      {.article_address = article_.server().address(), .media_address = media_.server().address()}, queues_};
  Followers followers_;
  PageParts parts_{backends_, followers_};
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

TEST_F(PartsKnownLastTest, APartOfWhichNothingIsKnownIsMissingNotStale) {
  article_.faults.Set(Fault::kUnavailable);
  DraftPtr draft = DraftReadAhead();
  EXPECT_THAT(rpc::Wait(parts_.Summaries(draft, {"pier"}, "related")), SizeIs(0));
  EXPECT_GT(draft->dependencies.of(Source::kArticle).position,
            followers_.position(Source::kArticle).position());
  ASSERT_THAT(draft->degradations, SizeIs(1));
  EXPECT_FALSE(draft->degradations[0].stale());
}

}  // namespace
}  // namespace broadsheet::gateway
