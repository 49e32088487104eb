#include "services/gateway/renderer/list_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Article Story(const std::string& id, int hours, int urgency, bool picture) {
  Article story = testing::SampleTeaser(id, id, "city", hours);
  story.mutable_content()->set_urgency(urgency);
  if (picture) story.mutable_content()->mutable_lead_image()->set_image_id("bridge-closed");
  return story;
}

ListPage PageOf(Teasers stories) {
  ListPage page = testing::SampleFront();
  page.stories = std::move(stories);
  return page;
}

TEST(ListLayout, AnEmptyPageHasNoLead) {
  const ListPage page = PageOf({});
  EXPECT_EQ(LayOutFront(page).lead, nullptr);
  EXPECT_THAT(LayOutFront(page).columns, IsEmpty());
}

TEST(ListLayout, AnUrgentStoryLeadsOverNewerOnesForAWhile) {
  const ListPage page = PageOf({Story("new", 0, 5, true), Story("urgent", 10, 2, true)});
  EXPECT_EQ(LayOutFront(page).lead->article_id(), "urgent");
  const ListPage later = PageOf({Story("new", 0, 5, true), Story("urgent", 30, 2, true)});
  EXPECT_EQ(LayOutFront(later).lead->article_id(), "new");
}

TEST(ListLayout, UrgencyThatIsNotSetIsFive) {
  const ListPage page = PageOf({Story("unset", 1, 0, true), Story("minor", 0, 6, true)});
  EXPECT_EQ(LayOutFront(page).lead->article_id(), "unset");
}

TEST(ListLayout, ALeadWithAPictureIsPreferredWhenItIsNotFarBehind) {
  const ListPage close = PageOf({Story("words", 0, 5, false), Story("picture", 5, 5, true)});
  EXPECT_EQ(LayOutFront(close).lead->article_id(), "picture");
  const ListPage far = PageOf({Story("words", 0, 5, false), Story("picture", 7, 5, true)});
  EXPECT_EQ(LayOutFront(far).lead->article_id(), "words");
}

TEST(ListLayout, APictureThatIsMissingIsNone) {
  ListPage page = PageOf({Story("words", 0, 5, false), Story("picture", 5, 5, true)});
  page.images.clear();
  EXPECT_EQ(LayOutFront(page).lead->article_id(), "words");
}

TEST(ListLayout, WithoutAnyPictureTheSecondaryPlacesAreFilledAllTheSame) {
  ListPage page = PageOf(
      {Story("a", 0, 5, true), Story("b", 1, 5, true), Story("c", 2, 5, false), Story("d", 3, 5, false)});
  page.images.clear();
  const ListLayout layout = LayOutFront(page);
  EXPECT_EQ(layout.secondary.size(), 2U);
  EXPECT_EQ(layout.briefs.size(), 1U);
}

TEST(ListLayout, EveryStoryOfTheTopStandsInOnePlace) {
  const ListPage page = testing::SampleFront();
  const ListLayout layout = LayOutFront(page);
  std::multiset<const Article*> seen = {layout.lead};
  seen.insert(layout.secondary.begin(), layout.secondary.end());
  seen.insert(layout.briefs.begin(), layout.briefs.end());
  for (const ListLayout::Column& column : layout.columns)
    seen.insert(column.stories.begin(), column.stories.end());
  EXPECT_EQ(seen.size(), std::set<const Article*>(seen.begin(), seen.end()).size());
  EXPECT_EQ(layout.secondary.size(), 2u);
  EXPECT_EQ(layout.briefs.size(), 4u);
}

TEST(ListLayout, ColumnsFollowTheMastheadAndAreNeverEmpty) {
  const ListPage page = testing::SampleFront();
  int last = 0;
  for (const ListLayout::Column& column : LayOutFront(page).columns) {
    EXPECT_GT(column.section->order(), last);
    EXPECT_FALSE(column.stories.empty());
    last = column.section->order();
  }
  EXPECT_GT(last, 0);
}

std::vector<std::string> Ids(const std::vector<const Article*>& stories) {
  std::vector<std::string> ids;
  for (const Article* story : stories) ids.push_back(story->article_id());
  return ids;
}

TEST(ListLayout, WhatEditorsHaveChosenStandsFirstAndTheRestFillsItself) {
  ListPage page = PageOf({Story("newest", 0, 1, true), Story("second", 1, 5, true),
                          Story("third", 2, 5, true), Story("chosen-2", 3, 9, false)});
  page.curated = {Story("chosen-1", 900, 9, false), Story("chosen-2", 3, 9, false)};
  const ListLayout layout = LayOutFront(page);
  EXPECT_EQ(layout.lead->article_id(), "chosen-1") << "not in the list any more, without a picture";
  EXPECT_THAT(Ids(layout.secondary), ElementsAre("chosen-2", "newest"));
  EXPECT_THAT(Ids(layout.briefs), ElementsAre("second", "third"));
  EXPECT_THAT(layout.latest, IsEmpty());
}

TEST(ListLayout, WhatHasNoRoomAtTheTopLeadsItsColumn) {
  ListPage page = PageOf({Story("newest", 0, 1, true)});
  for (int i = 0; i < 20; ++i) page.curated.push_back(Story(std::to_string(i), 100 + i, 5, false));
  const ListLayout layout = LayOutFront(page);
  EXPECT_THAT(Ids(layout.briefs), ElementsAre("3", "4", "5", "6"));
  ASSERT_FALSE(layout.columns.empty());
  EXPECT_THAT(Ids(layout.columns[0].stories), ElementsAre("7", "8", "9", "10"));
}

TEST(ListLayout, WhatIsChosenBeyondAllPlacesStandsWhereItWouldStandOtherwise) {
  ListPage page = PageOf({Story("newest", 0, 1, true), Story("older", 1, 5, true)});
  for (int i = 0; i < 11; ++i) page.curated.push_back(Story(std::to_string(i), 100 + i, 5, false));
  page.curated.push_back(page.stories[0]);
  const ListLayout layout = LayOutFront(page);
  EXPECT_THAT(Ids(layout.latest), ElementsAre("newest", "older"));
}

TEST(ListLayout, ASectionPageShowsWhatIsChosenBeforeTheRest) {
  ListPage page = testing::SampleSection(0);
  const std::size_t listed = page.stories.size();
  page.curated = {Story("a", 900, 9, false), Story("b", 901, 9, false), Story("c", 902, 9, false),
                  Story("d", 903, 9, false), page.stories[0]};
  const ListLayout layout = LayOutSection(page);
  EXPECT_EQ(layout.lead->article_id(), "a");
  EXPECT_THAT(Ids(layout.secondary), ElementsAre("b", "c"));
  ASSERT_EQ(layout.rest.size(), listed + 1);
  EXPECT_EQ(layout.rest[0]->article_id(), "d");
  EXPECT_EQ(layout.rest[1]->article_id(), page.stories[0].article_id()) << "once, at its new place";
  const std::vector<std::string> ids = Ids(layout.rest);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST(ListLayout, WhatIsChosenTwiceStandsOnce) {
  ListPage page = PageOf({});
  page.curated = {Story("a", 0, 5, false), Story("a", 0, 5, false)};
  const ListLayout layout = LayOutFront(page);
  EXPECT_EQ(layout.lead->article_id(), "a");
  EXPECT_THAT(layout.secondary, IsEmpty());
  EXPECT_THAT(layout.briefs, IsEmpty());
}

TEST(ListLayout, ASectionPageShowsEveryStoryOnce) {
  const ListPage page = testing::SampleSection(0);
  const ListLayout layout = LayOutSection(page);
  EXPECT_EQ(1 + layout.secondary.size() + layout.rest.size(), page.stories.size());
  EXPECT_THAT(layout.briefs, IsEmpty());
}

}  // namespace
}  // namespace broadsheet::gateway
