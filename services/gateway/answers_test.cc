#include "services/gateway/answers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/rpc/status.h"

namespace broadsheet::gateway {
namespace {

using article::v1::GetArticleResponse;
using testing::SizeIs;

GetArticleResponse Whole() {
  GetArticleResponse response;
  response.mutable_article()->set_article_id("pier");
  response.mutable_article()->set_path("/harbour/pier");
  response.mutable_article()->set_pub_status(article::v1::PUB_STATUS_USABLE);
  response.mutable_article()->mutable_content()->set_headline("Pier");
  response.mutable_snapshot()->set_log_id("log");
  return response;
}

TEST(Answers, AWholeStoryCanBeShown) { EXPECT_TRUE(CheckStory(Whole()).ok()); }

TEST(Answers, OnlyAnAnswerThatIsSaidToBeTooLargeIsNoOutage) {
  const auto exhausted = absl::StatusCode::kResourceExhausted;
  EXPECT_TRUE(IsTooLarge(rpc::ErrorInfo(exhausted, "ANSWER_TOO_LARGE", "ask for fewer")));
  EXPECT_FALSE(IsTooLarge(rpc::ErrorInfo(exhausted, "TOO_MUCH_UNSENT", "later")));
  EXPECT_FALSE(IsTooLarge(absl::ResourceExhaustedError("too many calls")));
  EXPECT_FALSE(IsTooLarge(absl::UnavailableError("away")));
  EXPECT_FALSE(IsTooLarge(absl::OkStatus()));
}

TEST(Answers, AnErrorIsPassedOn) {
  EXPECT_EQ(CheckStory(absl::DeadlineExceededError("late")).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Answers, NonsenseIsNotAStory) {
  auto spoilt = [](auto spoil) {
    GetArticleResponse response = Whole();
    spoil(response);
    return CheckStory(response).code();
  };
  const auto refused = absl::StatusCode::kInternal;
  EXPECT_EQ(CheckStory(GetArticleResponse()).code(), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.clear_snapshot(); }), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->set_article_id("../etc"); }), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->set_path("https://evil.example/"); }), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->set_path("//evil.example"); }), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->set_pub_status(article::v1::PUB_STATUS_WITHHELD); }),
            refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->clear_pub_status(); }), refused);
  EXPECT_EQ(spoilt([](auto& r) { r.mutable_article()->mutable_content()->clear_headline(); }), refused);
}

TEST(Answers, UnusableEntriesOfAListAreLeftOut) {
  article::v1::ListArticlesResponse response;
  *response.add_articles() = Whole().article();
  *response.add_articles() = Whole().article();
  response.mutable_articles(1)->set_pub_status(article::v1::PUB_STATUS_CANCELED);
  response.add_articles();
  EXPECT_THAT(UsableStories(*response.mutable_articles()), SizeIs(1));
}

TEST(Answers, UnusableSectionsAreLeftOutAndTheirNumberIsBounded) {
  article::v1::ListSectionsResponse response;
  for (int i = 0; i < 150; ++i) {
    article::v1::Section& section = *response.add_sections();
    section.set_section_id("s" + std::to_string(i));
    section.set_name("Section");
  }
  response.mutable_sections(0)->set_section_id("Not An Id");
  response.mutable_sections(1)->clear_name();
  EXPECT_THAT(UsableSections(response), SizeIs(100));
  EXPECT_EQ(UsableSections(response)[0].section_id(), "s2");
}

TEST(Answers, OnlyTheOwnersOwnWordMeansThatNothingIsThere) {
  EXPECT_TRUE(IsAbsence(rpc::NotFound("ARTICLE_NOT_FOUND", "no such story")));
  EXPECT_TRUE(IsAbsence(rpc::NotFound("AUTHOR_NOT_FOUND", "no such author")));
  EXPECT_TRUE(IsAbsence(rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn")));
  EXPECT_FALSE(IsAbsence(absl::NotFoundError("some proxy's own")));
  EXPECT_FALSE(IsAbsence(absl::UnavailableError("gone")));
  EXPECT_FALSE(IsAbsence(absl::DeadlineExceededError("late")));
  EXPECT_FALSE(IsAbsence(absl::OkStatus()));
}

TEST(Answers, AWithdrawalNamesItsStory) {
  EXPECT_EQ(WithdrawnTagOf(rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn", {{"article_id", "pier"}})),
            "article/pier");
  EXPECT_EQ(WithdrawnTagOf(rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn")), "");
  EXPECT_EQ(WithdrawnTagOf(rpc::NotFound("ARTICLE_NOT_FOUND", "none", {{"article_id", "pier"}})), "");
  EXPECT_EQ(WithdrawnTagOf(absl::NotFoundError("some proxy's own")), "");
}

TEST(Answers, AbsenceHasAPosition) {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id("log");
  snapshot.set_position(4);
  const absl::Status absent = rpc::WithDetail(rpc::NotFound("ARTICLE_NOT_FOUND", "no such story"), snapshot);
  EXPECT_EQ(SnapshotOfAbsence(absent)->position(), 4);
  EXPECT_FALSE(SnapshotOfAbsence(rpc::NotFound("ARTICLE_NOT_FOUND", "no such story")).has_value());
  EXPECT_FALSE(SnapshotOfAbsence(rpc::WithDetail(absl::UnavailableError("no"), snapshot)).has_value());
}

TEST(Answers, AStoryMayBeShownUntilItExpires) {
  const absl::Time now = absl::FromUnixSeconds(100);
  article::v1::Article story;
  EXPECT_EQ(ReadableUntil(story, now), absl::InfiniteFuture());
  EXPECT_FALSE(IsExpired(story, now));
  story.mutable_expires_at()->set_seconds(100);
  story.mutable_expires_at()->set_nanos(1);
  EXPECT_EQ(ReadableUntil(story, now), now + absl::Nanoseconds(1));
  EXPECT_FALSE(IsExpired(story, now));
  EXPECT_TRUE(IsExpired(story, now + absl::Nanoseconds(1)));
}

TEST(Answers, AClockAheadOfTheOwnersTakesItsWordForASecond) {
  article::v1::Article story;
  story.mutable_expires_at()->set_seconds(100);
  EXPECT_EQ(ReadableUntil(story, absl::FromUnixSeconds(100)), absl::FromUnixSeconds(101));
  EXPECT_EQ(ReadableUntil(story, absl::FromUnixSeconds(4'000)), absl::FromUnixSeconds(4'001));
}

TEST(Answers, AWithdrawalSaysWhatReadersAreToSee) {
  article::v1::Withdrawal withdrawal;
  withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_NOTICE);
  withdrawal.set_notice("Taken down.");
  const absl::Status status = rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn");
  EXPECT_EQ(WithdrawalOf(rpc::WithDetail(status, withdrawal))->notice(), "Taken down.");
  EXPECT_TRUE(WithdrawalOf(status).has_value());
  EXPECT_FALSE(WithdrawalOf(rpc::NotFound("ARTICLE_NOT_FOUND", "none")).has_value());
}

TEST(Answers, AWithdrawnStoryRedirectsWithinTheSiteOnly) {
  auto mode_for = [](const std::string& path) {
    article::v1::Withdrawal withdrawal;
    withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_REDIRECT);
    withdrawal.set_redirect_path(path);
    return WithdrawalOf(rpc::WithDetail(rpc::NotFound("ARTICLE_WITHDRAWN", "withdrawn"), withdrawal))->mode();
  };
  EXPECT_EQ(mode_for("/harbour/new"), article::v1::WITHDRAWAL_MODE_REDIRECT);
  EXPECT_EQ(mode_for("/"), article::v1::WITHDRAWAL_MODE_REDIRECT);
  EXPECT_EQ(mode_for("https://evil.example/"), article::v1::WITHDRAWAL_MODE_GONE);
  EXPECT_EQ(mode_for("//evil.example"), article::v1::WITHDRAWAL_MODE_GONE);
  EXPECT_EQ(mode_for(""), article::v1::WITHDRAWAL_MODE_GONE);
}

}  // namespace
}  // namespace broadsheet::gateway
