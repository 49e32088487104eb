#include "services/gateway/renderer/list_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;
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

TEST(ListLayout, ASectionPageShowsEveryStoryOnce) {
  const ListPage page = testing::SampleSection(0);
  const ListLayout layout = LayOutSection(page);
  EXPECT_EQ(1 + layout.secondary.size() + layout.rest.size(), page.stories.size());
  EXPECT_THAT(layout.briefs, IsEmpty());
}

}  // namespace
}  // namespace broadsheet::gateway
