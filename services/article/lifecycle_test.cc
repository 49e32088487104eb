#include "services/article/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"

namespace broadsheet::article {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kSoon = kNow + absl::Minutes(1);
const absl::Time kLater = kNow + absl::Hours(1);

// Does what a commit does around a transition.
void Commit(Story& story, absl::Time now) {
  story.draft.set_revision(story.draft.revision() + 1);
  Settle(story, now);
}

v1::ArticleContent Text(const std::string& headline) {
  v1::ArticleContent content;
  content.set_headline(headline);
  content.set_section_id("harbour");
  return content;
}

Story NewStory() {
  Story story;
  *story.draft.mutable_content() = Text("Sea wall opens");
  story.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  Commit(story, kNow);
  return story;
}

Story PublishedStory() {
  Story story = NewStory();
  EXPECT_TRUE(Publish(story, kNow, std::nullopt).ok());
  Commit(story, kNow);
  return story;
}

Story WithheldStory() {
  Story story = PublishedStory();
  EXPECT_TRUE(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr).ok());
  Commit(story, kNow);
  return story;
}

Story CanceledStory() {
  Story story = PublishedStory();
  EXPECT_TRUE(Withhold(story, v1::PUB_STATUS_CANCELED, nullptr).ok());
  Commit(story, kNow);
  return story;
}

Story ScheduledStory() {
  Story story = NewStory();
  EXPECT_TRUE(Schedule(story, kSoon).ok());
  Commit(story, kNow);
  return story;
}

void ExpectInvalidState(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(status), "INVALID_STATE");
}

TEST(Lifecycle, ANewStoryIsADraftNobodySees) {
  const Story story = NewStory();
  EXPECT_FALSE(story.visible);
  EXPECT_FALSE(story.was_visible);
  EXPECT_EQ(story.draft.published_revision(), 0);
  EXPECT_EQ(NextEvent(story, kNow), std::nullopt);
}

TEST(Lifecycle, PublishingMakesTheNewRevisionThePublishedOne) {
  const Story story = PublishedStory();
  EXPECT_TRUE(story.visible);
  EXPECT_EQ(story.draft.pub_status(), v1::PUB_STATUS_USABLE);
  EXPECT_EQ(story.draft.edit_state(), v1::EDIT_STATE_DONE);
  EXPECT_EQ(story.draft.published_revision(), 2);
  EXPECT_EQ(FromTimestamp(story.draft.first_published_at()), kNow);
  EXPECT_EQ(FromTimestamp(story.draft.version_created_at()), kNow);
}

TEST(Lifecycle, APublishedStoryKeepsItsTextWhileItIsEdited) {
  Story story = PublishedStory();
  ASSERT_TRUE(ReplaceContent(story, Text("Other")).ok());
  Commit(story, kLater);
  EXPECT_EQ(story.draft.edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(story.draft.published_revision(), 2);
  EXPECT_TRUE(story.visible);
  ASSERT_TRUE(Publish(story, kLater, std::nullopt).ok());
  Commit(story, kLater);
  EXPECT_EQ(story.draft.published_revision(), 4);
  EXPECT_EQ(FromTimestamp(story.draft.first_published_at()), kNow);
  EXPECT_EQ(FromTimestamp(story.draft.version_created_at()), kLater);
}

TEST(Lifecycle, AStoryWithoutHeadlineOrSectionCannotBePublishedOrScheduled) {
  Story story = NewStory();
  story.draft.mutable_content()->Clear();
  for (const absl::Status& status : {Publish(story, kNow, std::nullopt), Schedule(story, kSoon)}) {
    ExpectInvalidState(status);
    const auto bad_request = rpc::Detail<google::rpc::BadRequest>(status);
    ASSERT_TRUE(bad_request.has_value());
    ASSERT_EQ(bad_request->field_violations_size(), 2);
    EXPECT_EQ(bad_request->field_violations(0).field(), "content.headline");
    EXPECT_EQ(bad_request->field_violations(1).field(), "content.section_id");
  }
}

TEST(Lifecycle, AScheduledStoryIsPublishedAtItsTime) {
  Story story = ScheduledStory();
  EXPECT_EQ(NextEvent(story, kNow), kSoon);
  EXPECT_EQ(Advance(story, kSoon - absl::Microseconds(1)), std::nullopt);
  EXPECT_EQ(Advance(story, kSoon), Action::kPublish);
  Commit(story, kSoon);
  EXPECT_TRUE(story.visible);
  EXPECT_FALSE(story.draft.has_scheduled_at());
  EXPECT_EQ(Advance(story, kLater), std::nullopt);
}

TEST(Lifecycle, AScheduledStoryStaysScheduledWhenEdited) {
  Story story = ScheduledStory();
  ASSERT_TRUE(ReplaceContent(story, Text("Corrected")).ok());
  EXPECT_EQ(story.draft.edit_state(), v1::EDIT_STATE_SCHEDULED);
  ExpectInvalidState(ReplaceContent(story, v1::ArticleContent()));
}

TEST(Lifecycle, WithholdingRevokesASchedule) {
  Story story = ScheduledStory();
  ASSERT_TRUE(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr).ok());
  Commit(story, kNow);
  EXPECT_EQ(story.draft.edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(story.draft.pub_status(), v1::PUB_STATUS_UNSPECIFIED);
  EXPECT_EQ(NextEvent(story, kNow), std::nullopt);
}

TEST(Lifecycle, WithholdingTakesAPublishedStoryAndItsScheduleAway) {
  Story story = PublishedStory();
  ASSERT_TRUE(ReplaceContent(story, Text("Other")).ok());
  ASSERT_TRUE(Schedule(story, kSoon).ok());
  Commit(story, kNow);
  EXPECT_TRUE(story.visible);
  ASSERT_TRUE(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr).ok());
  Commit(story, kNow);
  EXPECT_FALSE(story.visible);
  EXPECT_TRUE(story.was_visible);
  EXPECT_EQ(story.draft.published_revision(), 0);
  EXPECT_EQ(story.draft.withdrawal().mode(), v1::WITHDRAWAL_MODE_GONE);
  EXPECT_EQ(NextEvent(story, kNow), std::nullopt);
}

TEST(Lifecycle, AWithheldStoryCanBePublishedAgain) {
  Story story = WithheldStory();
  ASSERT_TRUE(Publish(story, kLater, std::nullopt).ok());
  Commit(story, kLater);
  EXPECT_TRUE(story.visible);
  EXPECT_FALSE(story.draft.has_withdrawal());
  EXPECT_EQ(FromTimestamp(story.draft.first_published_at()), kNow);
}

TEST(Lifecycle, ADraftThatWasNeverPublishedCannotBeWithheldButCanceled) {
  Story story = NewStory();
  ExpectInvalidState(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr));
  ASSERT_TRUE(Withhold(story, v1::PUB_STATUS_CANCELED, nullptr).ok());
  EXPECT_EQ(story.draft.pub_status(), v1::PUB_STATUS_CANCELED);
}

TEST(Lifecycle, NothingBringsACanceledStoryBack) {
  Story story = CanceledStory();
  const std::string before = story.draft.SerializeAsString();
  ExpectInvalidState(Publish(story, kNow, std::nullopt));
  ExpectInvalidState(Schedule(story, kSoon));
  ExpectInvalidState(ReplaceContent(story, Text("Other")));
  ExpectInvalidState(CheckEditable(story));
  ExpectInvalidState(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr));
  EXPECT_EQ(story.draft.SerializeAsString(), before);
}

TEST(Lifecycle, WhatIsSeenInsteadOfAWithdrawnStoryCanChange) {
  Story story = CanceledStory();
  v1::Withdrawal notice;
  notice.set_mode(v1::WITHDRAWAL_MODE_NOTICE);
  notice.set_notice("Removed for legal reasons.");
  ASSERT_TRUE(Withhold(story, v1::PUB_STATUS_CANCELED, &notice).ok());
  EXPECT_EQ(story.draft.withdrawal().notice(), "Removed for legal reasons.");
}

TEST(Lifecycle, AnEmbargoHidesAPublishedStoryUntilItEnds) {
  Story story = NewStory();
  *story.draft.mutable_embargoed_until() = ToTimestamp(kLater);
  ASSERT_TRUE(Publish(story, kNow, std::nullopt).ok());
  Commit(story, kNow);
  EXPECT_FALSE(story.visible);
  EXPECT_FALSE(story.was_visible);
  EXPECT_FALSE(story.draft.has_first_published_at());
  EXPECT_FALSE(IsReadable(story.draft, kLater - absl::Microseconds(1)));
  EXPECT_EQ(NextEvent(story, kNow), kLater);
  EXPECT_EQ(Advance(story, kSoon), std::nullopt);
  EXPECT_EQ(Advance(story, kLater), Action::kPublish);
  Commit(story, kLater);
  EXPECT_TRUE(story.visible);
  EXPECT_EQ(FromTimestamp(story.draft.first_published_at()), kLater);
}

TEST(Lifecycle, AStoryExpiresAtItsTime) {
  Story story = PublishedStory();
  *story.draft.mutable_expires_at() = ToTimestamp(kSoon);
  Commit(story, kNow);
  EXPECT_EQ(NextEvent(story, kNow), kSoon);
  EXPECT_FALSE(IsReadable(story.draft, kSoon));
  EXPECT_EQ(Advance(story, kSoon), Action::kExpire);
  Commit(story, kSoon);
  EXPECT_FALSE(story.visible);
  EXPECT_EQ(NextEvent(story, kNow), std::nullopt);
  EXPECT_EQ(Advance(story, kLater), std::nullopt);
  ExpectInvalidState(Publish(story, kLater, std::nullopt));
}

TEST(Lifecycle, AStoryThatExpiresBeforeItsScheduleCannotBeScheduled) {
  Story story = NewStory();
  *story.draft.mutable_expires_at() = ToTimestamp(kSoon);
  ExpectInvalidState(Schedule(story, kSoon));
}

TEST(Lifecycle, AStoryWhoseScheduleAndExpiryPassedUnnoticedIsNeverShown) {
  Story story = ScheduledStory();
  *story.draft.mutable_expires_at() = ToTimestamp(kLater);
  EXPECT_EQ(Advance(story, kLater), Action::kExpire);
  Commit(story, kLater);
  EXPECT_FALSE(story.was_visible);
  EXPECT_EQ(Advance(story, kLater), std::nullopt);
}

TEST(Lifecycle, FirstPublicationElsewhereCountsForThisOne) {
  Story story = NewStory();
  const absl::Time earlier = kNow - absl::Hours(1000);
  ASSERT_TRUE(Publish(story, kNow, earlier).ok());
  Commit(story, kNow);
  EXPECT_EQ(FromTimestamp(story.draft.first_published_at()), earlier);
  EXPECT_EQ(FromTimestamp(story.draft.version_created_at()), earlier);
  ExpectInvalidState(Publish(story, kNow, kNow));
  EXPECT_TRUE(Publish(story, kNow, earlier).ok());
}

// The table of the README, state by state.
TEST(Lifecycle, AllowsExactlyWhatTheTableSays) {
  struct Row {
    const char* state;
    Story story;
    bool publish, schedule, withhold, cancel, edit;
  };
  const std::vector<Row> table = {
      {"draft", NewStory(), true, true, false, true, true},
      {"scheduled", ScheduledStory(), true, true, true, true, true},
      {"usable", PublishedStory(), true, true, true, true, true},
      {"withheld", WithheldStory(), true, true, true, true, true},
      {"canceled", CanceledStory(), false, false, false, true, false},
  };
  for (const Row& row : table) {
    Story story = row.story;
    EXPECT_EQ(Publish(story, kNow, std::nullopt).ok(), row.publish) << row.state;
    story = row.story;
    EXPECT_EQ(Schedule(story, kSoon).ok(), row.schedule) << row.state;
    story = row.story;
    EXPECT_EQ(Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr).ok(), row.withhold) << row.state;
    story = row.story;
    EXPECT_EQ(Withhold(story, v1::PUB_STATUS_CANCELED, nullptr).ok(), row.cancel) << row.state;
    story = row.story;
    EXPECT_EQ(ReplaceContent(story, Text("Other")).ok(), row.edit) << row.state;
    EXPECT_EQ(CheckEditable(row.story).ok(), row.edit) << row.state;
  }
}

// Whatever happens in whatever order: what readers may see follows from the state alone.
TEST(Lifecycle, EverySequenceOfTransitionsKeepsTheInvariants) {
  unsigned seed = 1;
  auto random = [&seed](unsigned bound) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % bound;
  };
  for (int run = 0; run < 300; ++run) {
    Story story = NewStory();
    absl::Time now = kNow;
    for (int step = 0; step < 40; ++step) {
      now += absl::Minutes(random(30));
      while (Advance(story, now)) Commit(story, now);
      switch (random(7)) {
        case 0:
          Publish(story, now, std::nullopt).IgnoreError();
          break;
        case 1:
          Schedule(story, now + absl::Minutes(1 + random(60))).IgnoreError();
          break;
        case 2:
          Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr).IgnoreError();
          break;
        case 3:
          ReplaceContent(story, Text("Other")).IgnoreError();
          break;
        case 4:
          *story.draft.mutable_embargoed_until() = ToTimestamp(now + absl::Minutes(random(60)));
          break;
        case 5:
          *story.draft.mutable_expires_at() = ToTimestamp(now + absl::Minutes(random(300)));
          break;
        default:
          if (random(20) == 0) Withhold(story, v1::PUB_STATUS_CANCELED, nullptr).IgnoreError();
          break;
      }
      Commit(story, now);
      const v1::Draft& draft = story.draft;
      ASSERT_EQ(story.visible, IsReadable(draft, now));
      ASSERT_EQ(draft.edit_state() == v1::EDIT_STATE_SCHEDULED, draft.has_scheduled_at());
      if (story.visible) {
        ASSERT_EQ(draft.pub_status(), v1::PUB_STATUS_USABLE);
        ASSERT_TRUE(draft.has_first_published_at());
        ASSERT_TRUE(draft.has_version_created_at());
        ASSERT_TRUE(story.was_visible);
      }
      if (draft.pub_status() != v1::PUB_STATUS_USABLE) {
        ASSERT_EQ(draft.published_revision(), 0);
      }
      const std::optional<absl::Time> next = NextEvent(story, now);
      if (next) {
        ASSERT_GT(*next, now);
      }
    }
  }
}

TEST(Timestamps, KeepMicrosecondsOverTheWholeRange) {
  for (std::int64_t micros : {-62135596800000000, -1L, 0L, 1L, 253402300799999999}) {
    const absl::Time time = absl::FromUnixMicros(micros);
    EXPECT_EQ(FromTimestamp(ToTimestamp(time)), time);
    EXPECT_GE(ToTimestamp(time).nanos(), 0);
  }
}

TEST(Lifecycle, AStoryHasAHundredCorrectionsOfTheLongestTextsAndNoMoreBytes) {
  v1::Correction text;
  text.set_type(v1::CORRECTION_TYPE_UPDATE);
  text.mutable_text()->set_text(std::string(2000, 'a'));
  Story story = PublishedStory();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Correct(story, text, kNow).ok()) << i;
  EXPECT_FALSE(Correct(story, text, kNow).ok());

  Story other = PublishedStory();
  v1::Correction marked = text;
  marked.mutable_text()->add_spans()->set_url(std::string(60 << 10, 'a'));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Correct(other, marked, kNow).ok()) << i;
  const absl::Status status = Correct(other, marked, kNow);
  EXPECT_EQ(rpc::Reason(status), "INVALID_STATE");
  EXPECT_EQ(other.draft.corrections_size(), 4);
}

}  // namespace
}  // namespace broadsheet::article
