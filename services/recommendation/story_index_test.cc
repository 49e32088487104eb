#include "services/recommendation/story_index.h"

#include <cmath>
#include <ctime>
#include <random>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/recommendation/story_testing.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class StoryIndexTest : public ::testing::Test {
 protected:
  void Put(const TestStory& story) { index_.Put(ReadStory(story.Article())); }

  std::vector<RelatedStory> Related(const std::string& id, std::size_t limit = 50,
                                    const std::unordered_set<std::string>& except = {}) const {
    return index_.Related(id, except, limit, kToday);
  }

  std::vector<std::string> RelatedIds(const std::string& id, std::size_t limit = 50) const {
    std::vector<std::string> ids;
    for (const RelatedStory& story : Related(id, limit)) ids.push_back(story.id);
    return ids;
  }

  // The one among those related to `to`; fails if it is not there.
  RelatedStory Find(const std::string& to, const std::string& id) const {
    for (const RelatedStory& story : Related(to)) {
      if (story.id == id) return story;
    }
    ADD_FAILURE() << id << " is not related to " << to;
    return {};
  }

  // Enough other stories that a shared word means something.
  void PutOthers() {
    for (const char* word :
         {"opera", "football", "inflation", "harvest", "telescope", "novel", "school", "election"}) {
      Put({.id = absl::StrCat("other-", word),
           .headline = absl::StrCat("All about ", word),
           .body = absl::StrCat("A long text of ", word, " and whoever likes ", word),
           .section = word});
    }
  }

  // Fifty words that no other text has, each three times.
  static std::string Text(const std::string& name) {
    std::string text;
    for (int i = 0; i < 150; ++i) absl::StrAppend(&text, name, "word", i % 50, "x ");
    return text;
  }

  StoryIndex index_{1000};
};

TEST_F(StoryIndexTest, AStoryIsNeverRelatedToItself) {
  PutOthers();
  Put({.id = "wall", .headline = "Sea wall", .related = {"wall"}, .links_to = "wall"});
  EXPECT_THAT(RelatedIds("wall"), Not(Contains("wall")));
  EXPECT_THAT(RelatedIds("wall"), SizeIs(8));
}

TEST_F(StoryIndexTest, WhatContinuesAStoryComesBeforeAllElse) {
  PutOthers();
  const std::string text = "The sea wall of the northern harbour broke when the storm came";
  Put({.id = "wall",
       .headline = "Sea wall breaks",
       .body = text,
       .authors = {"ann"},
       .subjects = {"Sea wall"},
       .related = {"twin"},
       .links_to = "twin"});
  Put({.id = "twin",
       .headline = "Sea wall breaks",
       .body = text,
       .authors = {"ann"},
       .subjects = {"Sea wall"},
       .related = {"wall"},
       .links_to = "wall",
       .days_old = 0});
  Put({.id = "later",
       .headline = "Minister resigns",
       .section = "politics",
       .follows = "wall",
       .days_old = 400});
  const std::vector<RelatedStory> related = Related("wall");
  EXPECT_EQ(related[0].id, "later");
  EXPECT_EQ(related[0].reason, v1::RELATED_REASON_FOLLOW_UP);
  EXPECT_EQ(related[0].explanation, "continues this story");
  EXPECT_EQ(related[1].id, "twin");
  EXPECT_EQ(Related("later")[0].id, "wall");
  EXPECT_EQ(Related("later")[0].explanation, "this story continues it");
}

TEST_F(StoryIndexTest, AThreadHoldsAcrossAStoryThatIsNotPublished) {
  PutOthers();
  Put({.id = "second", .follows = "first"});
  Put({.id = "third", .follows = "first"});
  Put({.id = "fourth", .follows = "third"});
  EXPECT_EQ(Find("second", "third").reason, v1::RELATED_REASON_FOLLOW_UP);
  EXPECT_EQ(Find("second", "third").explanation, "belongs to the same running story");
  EXPECT_EQ(Find("second", "fourth").reason, v1::RELATED_REASON_FOLLOW_UP);
  EXPECT_GT(Find("second", "third").score, Find("second", "fourth").score);
  EXPECT_THAT(RelatedIds("second"), Not(Contains("first")));
}

TEST_F(StoryIndexTest, AThreadThatGoesInACircleEnds) {
  Put({.id = "a", .follows = "b"});
  Put({.id = "b", .follows = "a"});
  EXPECT_THAT(RelatedIds("a"), ElementsAre("b"));
}

TEST_F(StoryIndexTest, FindsStoriesOfTheSameThing) {
  PutOthers();
  Put({.id = "bridge",
       .headline = "Bridge closed",
       .body = "Inspectors found rusted hangers on the suspension bridge"});
  Put({.id = "repair",
       .headline = "Repair",
       .body = "Every hanger of the bridge, rusted or not, will go",
       .section = "x"});
  const RelatedStory first = Related("bridge")[0];
  EXPECT_EQ(first.id, "repair");
  EXPECT_EQ(first.reason, v1::RELATED_REASON_SIMILAR_CONTENT);
  EXPECT_THAT(first.explanation, HasSubstr("\"hangers\""));
  EXPECT_GT(first.score, 2 * Related("bridge")[1].score);
}

TEST_F(StoryIndexTest, FindsStoriesInOtherScripts) {
  PutOthers();
  Put({.id = "library",
       .headline = "مكتبة الميناء تفتح أبوابها",
       .body = "افتتحت المكتبة قاعة المخطوطات القديمة",
       .section = "a",
       .language = "ar"});
  Put({.id = "manuscripts",
       .headline = "مخطوطات نادرة",
       .body = "عثر باحثون على مخطوطات في مكتبة المدينة",
       .section = "b",
       .language = "ar"});
  Put({.id = "tokyo",
       .headline = "東京の図書館",
       .body = "図書館が開館した",
       .section = "c",
       .language = "ja"});
  Put({.id = "osaka", .headline = "大阪の図書館", .body = "新しい図書館", .section = "d", .language = "ja"});
  EXPECT_EQ(Related("library")[0].id, "manuscripts");
  EXPECT_EQ(Related("library")[0].reason, v1::RELATED_REASON_SIMILAR_CONTENT);
  EXPECT_EQ(Related("tokyo")[0].id, "osaka");
}

TEST_F(StoryIndexTest, ExplainsSharedSubjectsTheRarestFirst) {
  PutOthers();
  Put({.id = "a",
       .headline = "Zebra",
       .body = Text("a"),
       .section = "s1",
       .subjects = {"Weather", "Flood defences"}});
  Put({.id = "b",
       .headline = "Quince",
       .body = Text("b"),
       .section = "s2",
       .subjects = {"flood  Defences", "weather"}});
  Put({.id = "c", .headline = "Xylophone", .body = Text("c"), .section = "s3", .subjects = {"Weather"}});
  EXPECT_EQ(Find("a", "b").explanation, "subjects \"Flood defences\", \"Weather\"");
  EXPECT_EQ(Find("a", "c").reason, v1::RELATED_REASON_SAME_SUBJECT);
  EXPECT_EQ(Find("a", "c").explanation, "subject \"Weather\"");
  EXPECT_GT(Find("a", "b").score, Find("a", "c").score);
}

TEST_F(StoryIndexTest, ACommonSectionOrAuthorIsAReasonWhenThereIsNoBetterOne) {
  PutOthers();
  Put({.id = "a", .headline = "Zebra", .section = "zoo", .authors = {"ann", "bob"}});
  Put({.id = "b", .headline = "Quince", .section = "zoo"});
  Put({.id = "c", .headline = "Xylophone", .section = "music", .authors = {"bob"}});
  EXPECT_EQ(Find("a", "b").reason, v1::RELATED_REASON_SAME_SECTION);
  EXPECT_EQ(Find("a", "b").explanation, "section \"zoo\"");
  EXPECT_EQ(Find("a", "c").reason, v1::RELATED_REASON_SAME_AUTHOR);
  EXPECT_EQ(Find("a", "c").explanation, "author \"bob\"");
}

TEST_F(StoryIndexTest, WhatAnEditorChoseAndWhatIsLinkedCounts) {
  PutOthers();
  Put({.id = "a", .headline = "Zebra", .section = "s1", .related = {"b"}, .links_to = "c"});
  Put({.id = "b", .headline = "Quince", .section = "s2"});
  Put({.id = "c", .headline = "Xylophone", .section = "s3"});
  Put({.id = "d", .headline = "Walnut", .section = "s4", .links_to = "/s1/a"});
  EXPECT_EQ(Find("a", "b").explanation, "chosen by an editor for this story");
  EXPECT_EQ(Find("b", "a").explanation, "its editor chose this story");
  EXPECT_EQ(Find("a", "c").explanation, "this story links to it");
  EXPECT_EQ(Find("a", "d").explanation, "it links to this story");
  EXPECT_EQ(Find("d", "a").explanation, "this story links to it");
  EXPECT_EQ(Related("a")[0].id, "b");
}

TEST_F(StoryIndexTest, OfTwoThatFitAlikeTheNewerComesFirst) {
  PutOthers();
  Put({.id = "a", .headline = "Zebra", .subjects = {"Zoo"}});
  Put({.id = "older", .headline = "Quince", .subjects = {"Zoo"}, .days_old = 300});
  Put({.id = "newer", .headline = "Walnut", .subjects = {"Zoo"}, .days_old = 3});
  EXPECT_EQ(RelatedIds("a")[0], "newer");
  EXPECT_EQ(RelatedIds("a")[1], "older");
}

TEST_F(StoryIndexTest, ScoresFallFromAtMostOneToAboveZero) {
  PutOthers();
  Put({.id = "a", .headline = "Opera and football", .subjects = {"Opera"}, .follows = "other-opera"});
  double before = 1;
  for (const RelatedStory& story : Related("a")) {
    EXPECT_LE(story.score, before);
    EXPECT_GT(story.score, 0);
    before = story.score;
  }
}

TEST_F(StoryIndexTest, AShortAnswerBeginsLikeALongOne) {
  PutOthers();
  for (int i = 0; i < 40; ++i) {
    Put({.id = absl::StrCat("s", i),
         .headline = i % 3 == 0 ? "The sea wall" : "The town hall",
         .section = i % 2 == 0 ? "news" : "city",
         .authors = {absl::StrCat("author-", i % 5)},
         .subjects = {absl::StrCat("Subject ", i % 7)},
         .days_old = 1 + i * 37 % 400});
  }
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("s", i);
    const std::vector<std::string> all = RelatedIds(id, 100);
    for (const std::size_t limit : {1, 5, 20})
      EXPECT_EQ(RelatedIds(id, limit), std::vector(all.begin(), all.begin() + limit)) << id << " " << limit;
  }
}

TEST_F(StoryIndexTest, ASharedSubjectIsFoundAmongVeryMany) {
  PutOthers();
  for (int i = 0; i < 300; ++i) {
    Put({.id = absl::StrCat("s", i),
         .section = absl::StrCat("section-", i),
         .subjects = {absl::StrCat("Subject ", i / 2), absl::StrCat("Only of ", i)}});
  }
  for (int i = 0; i < 300; i += 2) {
    EXPECT_THAT(Related(absl::StrCat("s", i), 1),
                ElementsAre(Field(&RelatedStory::id, absl::StrCat("s", i + 1))));
    EXPECT_EQ(Find(absl::StrCat("s", i), absl::StrCat("s", i + 1)).reason, v1::RELATED_REASON_SAME_SUBJECT);
  }
  for (const RelatedStory& story : Related("s0")) {
    EXPECT_EQ(story.reason == v1::RELATED_REASON_SAME_SUBJECT, story.id == "s1") << story.id;
  }
}

TEST_F(StoryIndexTest, AnUnknownStoryYieldsTheLatest) {
  Put({.id = "old", .days_old = 9});
  Put({.id = "new", .days_old = 1});
  Put({.id = "middle", .days_old = 5});
  const std::vector<RelatedStory> related = Related("unknown", 2);
  EXPECT_THAT(related, Each(Field(&RelatedStory::reason, v1::RELATED_REASON_RECENT)));
  EXPECT_THAT(RelatedIds("unknown", 2), ElementsAre("new", "middle"));
}

TEST_F(StoryIndexTest, AnEmptyIndexRelatesNothing) { EXPECT_THAT(Related("unknown"), IsEmpty()); }

TEST_F(StoryIndexTest, LeavesOutWhatTheReaderHasRead) {
  for (int i = 0; i < 120; ++i) Put({.id = absl::StrCat("s", i), .days_old = i});
  std::unordered_set<std::string> read;
  for (int i = 1; i <= 50; ++i) read.insert(absl::StrCat("s", i));
  const std::vector<RelatedStory> related = Related("s0", 50, read);
  EXPECT_THAT(related, SizeIs(50));
  for (const RelatedStory& story : related) EXPECT_EQ(read.count(story.id), 0U) << story.id;
}

TEST_F(StoryIndexTest, WhatIsRemovedIsInNoAnswer) {
  PutOthers();
  Put({.id = "a",
       .headline = "Zebra",
       .authors = {"ann"},
       .subjects = {"Zoo"},
       .follows = "gone",
       .related = {"gone"},
       .links_to = "/news/gone"});
  Put({.id = "gone", .headline = "Zebra", .authors = {"ann"}, .subjects = {"Zoo"}});
  ASSERT_EQ(RelatedIds("a")[0], "gone");
  index_.Remove("gone");
  EXPECT_FALSE(index_.Contains("gone"));
  for (const char* id : {"a", "gone", "unknown", "other-opera"})
    EXPECT_THAT(RelatedIds(id), Not(Contains("gone")));
  Put({.id = "new", .headline = "Walnut"});  // takes the place that has become free
  EXPECT_THAT(RelatedIds("a"), Not(Contains("gone")));
  EXPECT_EQ(Find("a", "new").reason, v1::RELATED_REASON_SAME_SECTION);  // nothing else clings to it
}

TEST_F(StoryIndexTest, RemovingEverythingLeavesNothingBehind) {
  PutOthers();
  Put({.id = "a", .subjects = {"Zoo"}, .follows = "x", .related = {"y"}, .links_to = "z"});
  const StoryIndex::Size before = index_.size();
  EXPECT_EQ(before.stories, 9U);
  EXPECT_GT(before.terms, 0U);
  index_.Clear();
  EXPECT_EQ(index_.size().stories, 0U);
  EXPECT_EQ(index_.size().terms, 0U);
  EXPECT_EQ(index_.size().postings, 0U);
  EXPECT_THAT(Related("a"), IsEmpty());
}

TEST_F(StoryIndexTest, ANewVersionTakesThePlaceOfTheOld) {
  PutOthers();
  Put({.id = "a", .headline = "Zebra", .section = "zoo", .subjects = {"Stripes"}});
  Put({.id = "b", .headline = "Quince", .section = "garden", .subjects = {"Stripes"}});
  Put({.id = "a", .headline = "Walnut", .section = "garden"});
  EXPECT_EQ(index_.size().stories, 10U);
  EXPECT_EQ(Find("b", "a").reason, v1::RELATED_REASON_SAME_SECTION);
  EXPECT_TRUE(index_.IsInSection("a", "garden"));
  EXPECT_FALSE(index_.IsInSection("a", "zoo"));
}

TEST_F(StoryIndexTest, RetainsOnlyWhatItIsTold) {
  PutOthers();
  index_.RetainOnly({"other-opera", "never-seen"});
  EXPECT_EQ(index_.size().stories, 1U);
  EXPECT_TRUE(index_.Contains("other-opera"));
}

TEST(StoryIndex, LeavesOutTheOldestWhenThereAreTooMany) {
  StoryIndex index(2);
  index.Put(ReadStory(TestStory{.id = "a", .days_old = 2}.Article()));
  index.Put(ReadStory(TestStory{.id = "b", .days_old = 3}.Article()));
  index.Put(ReadStory(TestStory{.id = "c", .days_old = 1}.Article()));
  EXPECT_TRUE(index.Contains("a"));
  EXPECT_FALSE(index.Contains("b"));
  EXPECT_TRUE(index.Contains("c"));
  index.Put(ReadStory(TestStory{.id = "d", .days_old = 9}.Article()));
  EXPECT_FALSE(index.Contains("d"));
  EXPECT_EQ(index.size().left_out, 2U);
}

// A story of 200 words out of 20,000, the frequent ones frequent as in any language.
Story RandomStory(int number, std::minstd_rand& random) {
  Story story = ReadStory(
      TestStory{.id = absl::StrCat("s", number),
                .section = absl::StrCat("section", number % 6),
                .authors = {absl::StrCat("author", number % 80)},
                .subjects = {absl::StrCat("subject", number % 300), absl::StrCat("subject", number % 7)},
                .days_old = number % 3000}
          .Article());
  std::uniform_real_distribution<double> uniform(0, 1);
  std::set<int> words;
  while (words.size() < 200) words.insert(static_cast<int>(20'000 * std::pow(uniform(random), 3)));
  for (const int word : words)
    story.terms.push_back({absl::StrCat("w", word), "printed", 1 + static_cast<float>(uniform(random))});
  story.length = 300;
  return story;
}

// Processor time of this thread: what other processes do does not count.
absl::Duration ThreadTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

TEST(StoryIndex, AnswersInTimeAmongTenThousandStories) {
  StoryIndex index(20'000);
  std::minstd_rand random(7);
  for (int i = 0; i < 10'000; ++i) index.Put(RandomStory(i, random));
  constexpr int kTimes = 200;
  const absl::Duration before = ThreadTime();
  for (int i = 0; i < kTimes; ++i) {
    EXPECT_THAT(index.Related(absl::StrCat("s", i * 50), {}, 5, kToday), SizeIs(5));
  }
  const absl::Duration answer = (ThreadTime() - before) / kTimes;
  const absl::Duration before_updates = ThreadTime();
  for (int i = 0; i < kTimes; ++i) index.Put(RandomStory(i * 50, random));
  const absl::Duration update = (ThreadTime() - before_updates) / kTimes;
  RecordProperty("answer_us", static_cast<int>(absl::ToInt64Microseconds(answer)));
  RecordProperty("update_us", static_cast<int>(absl::ToInt64Microseconds(update)));
  // Many times what it takes, for slow machines and sanitizers.
  EXPECT_LT(answer, absl::Milliseconds(10));
  EXPECT_LT(update, absl::Milliseconds(10));
}

}  // namespace
}  // namespace broadsheet::recommendation
