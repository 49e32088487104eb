#include "services/cli/upload/story_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/importers/text.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::ElementsAre;
using testing::SizeIs;
using Step = PublicationPlan::Step;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

v1::Correction MakeCorrection(const std::string& text) {
  v1::Correction correction;
  correction.set_type(v1::CORRECTION_TYPE_CORRECTION);
  *correction.mutable_text() = PlainText(text);
  return correction;
}

ImportedArticle Wanted() {
  ImportedArticle article;
  article.article_id = "wall";
  article.content.set_headline("Wall opens");
  article.content.set_section_id("city");
  *article.content.add_body()->mutable_paragraph()->mutable_text() = PlainText("Text.");
  article.published = kNow - absl::Hours(1);
  return article;
}

// The story as the newsroom has it once it was imported and published.
v1::Draft Current() {
  v1::Draft draft;
  draft.set_article_id("wall");
  draft.set_revision(4);
  draft.set_published_revision(4);
  draft.set_edit_state(v1::EDIT_STATE_DONE);
  draft.set_pub_status(v1::PUB_STATUS_USABLE);
  *draft.mutable_content() = Wanted().content;
  draft.mutable_content()->mutable_body(0)->set_block_id("made-by-the-service");
  *draft.mutable_first_published_at() = ToTimestamp(kNow - absl::Hours(1));
  return draft;
}

TEST(StoryPlan, AStoryThatIsNotThereIsCreatedWithItsCorrections) {
  ImportedArticle wanted = Wanted();
  wanted.corrections = {MakeCorrection("It is 12 metres.")};
  const StoryPlan plan = PlanStory(wanted, nullptr);
  EXPECT_TRUE(plan.create);
  EXPECT_THAT(plan.corrections, SizeIs(1));
}

TEST(StoryPlan, AStoryThatIsTheSameIsNotTouched) {
  const v1::Draft current = Current();
  EXPECT_FALSE(PlanStory(Wanted(), &current).changes_text());
  EXPECT_EQ(PlanPublication(Wanted(), current, kNow).step, Step::kNothing);
}

TEST(StoryPlan, OnlyTheFieldsThatDifferAreUpdated) {
  const v1::Draft current = Current();
  ImportedArticle wanted = Wanted();
  wanted.content.set_headline("Wall opens at last");
  wanted.content.set_urgency(2);
  *wanted.content.add_body()->mutable_paragraph()->mutable_text() = PlainText("More.");
  wanted.ed_note = "Check.";
  wanted.expires_at = kNow + absl::Hours(5);
  EXPECT_THAT(PlanStory(wanted, &current).update_mask,
              ElementsAre("content.headline", "content.urgency", "content.body", "ed_note", "expires_at"));
}

TEST(StoryPlan, WhatTheFileNoLongerSaysIsCleared) {
  v1::Draft current = Current();
  current.mutable_content()->set_kicker("Old");
  *current.mutable_embargoed_until() = ToTimestamp(kNow);
  EXPECT_THAT(PlanStory(Wanted(), &current).update_mask, ElementsAre("content.kicker", "embargoed_until"));
}

TEST(StoryPlan, OnlyNewCorrectionsAreAdded) {
  v1::Draft current = Current();
  *current.add_corrections() = MakeCorrection("first");
  current.mutable_corrections(0)->set_correction_id("c1");
  ImportedArticle wanted = Wanted();
  wanted.corrections = {MakeCorrection("first"), MakeCorrection("second")};
  const StoryPlan plan = PlanStory(wanted, &current);
  ASSERT_THAT(plan.corrections, SizeIs(1));
  EXPECT_EQ(plan.corrections[0].text().text(), "second");
}

TEST(StoryPlan, WhatTheNewsroomHasWithdrawnIsLeftAlone) {
  for (const auto& [status, reason] :
       {std::pair(v1::PUB_STATUS_WITHHELD, "withheld"), std::pair(v1::PUB_STATUS_CANCELED, "canceled")}) {
    v1::Draft current = Current();
    current.set_pub_status(status);
    current.mutable_content()->set_headline("Other");
    const StoryPlan plan = PlanStory(Wanted(), &current);
    EXPECT_EQ(plan.left_alone_because, reason);
    EXPECT_FALSE(plan.changes_text());
  }
}

TEST(StoryPlan, APathIsMovedToOnlyIfTheFileNamesOne) {
  v1::Draft current = Current();
  current.set_path("/city/2026/11/wall");
  EXPECT_FALSE(PlanStory(Wanted(), &current).move);
  ImportedArticle wanted = Wanted();
  wanted.path = "/city/wall";
  EXPECT_TRUE(PlanStory(wanted, &current).move);
}

TEST(PublicationPlan, ANewStoryIsPublishedAsOfItsTime) {
  v1::Draft draft = Current();
  draft.set_published_revision(0);
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  draft.clear_first_published_at();
  const PublicationPlan plan = PlanPublication(Wanted(), draft, kNow);
  EXPECT_EQ(plan.step, Step::kPublish);
  EXPECT_EQ(plan.first_published_at, kNow - absl::Hours(1));
}

TEST(PublicationPlan, AnUpdatedStoryKeepsItsFirstTime) {
  v1::Draft draft = Current();
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  draft.set_revision(5);
  const PublicationPlan plan = PlanPublication(Wanted(), draft, kNow);
  EXPECT_EQ(plan.step, Step::kPublish);
  EXPECT_EQ(plan.first_published_at, std::nullopt);
}

TEST(PublicationPlan, AStoryOfTheFutureIsScheduledOnce) {
  ImportedArticle wanted = Wanted();
  wanted.published = kNow + absl::Hours(1);
  v1::Draft draft = Current();
  draft.set_published_revision(0);
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kSchedule);
  draft.set_edit_state(v1::EDIT_STATE_SCHEDULED);
  *draft.mutable_scheduled_at() = ToTimestamp(*wanted.published);
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kNothing);
  *draft.mutable_scheduled_at() = ToTimestamp(*wanted.published + absl::Minutes(1));
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kSchedule);
}

TEST(PublicationPlan, ADraftStaysOne) {
  ImportedArticle wanted = Wanted();
  wanted.intent = Intent::kDraft;
  v1::Draft draft = Current();
  draft.set_published_revision(0);
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kNothing);
}

TEST(PublicationPlan, WhatItsSourceTakesBackIsWithheldIfItIsPublic) {
  ImportedArticle wanted = Wanted();
  wanted.intent = Intent::kWithhold;
  EXPECT_EQ(PlanPublication(wanted, Current(), kNow).step, Step::kWithhold);
  wanted.intent = Intent::kCancel;
  EXPECT_EQ(PlanPublication(wanted, Current(), kNow).step, Step::kCancel);
  v1::Draft draft = Current();
  draft.set_published_revision(0);
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kNothing);
}

TEST(PublicationPlan, ADraftThatIsScheduledIsUnscheduled) {
  ImportedArticle wanted = Wanted();
  wanted.intent = Intent::kDraft;
  v1::Draft draft = Current();
  draft.set_published_revision(0);
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_edit_state(v1::EDIT_STATE_SCHEDULED);
  EXPECT_EQ(PlanPublication(wanted, draft, kNow).step, Step::kWithhold);
  const PublicationPlan plan = PlanPublication(wanted, Current(), kNow);
  EXPECT_EQ(plan.step, Step::kNothing);
  EXPECT_THAT(plan.warning, testing::HasSubstr("public in the newsroom"));
}

}  // namespace
}  // namespace broadsheet::cli
