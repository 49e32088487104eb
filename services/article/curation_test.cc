#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CurationTest : public testing::Test {
 protected:
  // Of the page's list: what was chosen for it, as readers get it.
  std::vector<std::string> Curated(const std::string& page = "") {
    auto list = room_.List(page + " with_curated: true");
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> ids;
    if (!list.ok()) return ids;
    for (const v1::Article& article : list->curated()) ids.push_back(article.article_id());
    return ids;
  }

  std::vector<std::string> TagsOfLastChange() {
    const change::v1::Change change = room_.Changes(room_.Head() - 1)[0];
    return {change.tags().begin(), change.tags().end()};
  }

  TestNewsroom room_;
};

TEST_F(CurationTest, ReadersGetWhatWasChosenInItsOrder) {
  for (const char* id : {"a", "b", "c"}) room_.PublishStory(id);
  EXPECT_THAT(Curated(), IsEmpty());
  auto put = room_.PutCuration("curation { article_ids: ['c', 'a'] }");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_THAT(Curated(), ElementsAre("c", "a"));
  EXPECT_EQ(room_.List("")->curated_size(), 0) << "nobody asked";
  EXPECT_EQ(room_.List("with_curated: true")->articles_size(), 3) << "they keep their place in the list";
}

TEST_F(CurationTest, TheListGoesOnWithoutTheChoice) {
  for (const char* id : {"a", "b"}) room_.PublishStory(id);
  auto first = room_.List("with_curated: true page_size: 1");
  ASSERT_TRUE(first.ok()) << first.status();
  auto second = room_.List(absl::StrCat("page_size: 1 page_token: '", first->next_page_token(), "'"));
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->articles_size(), 1);
  EXPECT_NE(second->articles(0).article_id(), first->articles(0).article_id());
}

TEST_F(CurationTest, TheFrontAndEachSectionHaveTheirOwn) {
  for (const char* id : {"a", "b"}) room_.PublishStory(id);  // in harbour
  ASSERT_TRUE(room_.PutCuration("curation { article_ids: 'a' }").ok());
  EXPECT_THAT(TagsOfLastChange(), ElementsAre("list/curated"));
  ASSERT_TRUE(room_.PutCuration("curation { section_id: 'harbour' article_ids: 'b' }").ok());
  EXPECT_THAT(TagsOfLastChange(), ElementsAre("list/curated/harbour"));
  EXPECT_THAT(Curated(), ElementsAre("a"));
  EXPECT_THAT(Curated("section_id: 'harbour'"), ElementsAre("b"));
  EXPECT_THAT(Curated("section_id: 'town'"), IsEmpty());
}

TEST_F(CurationTest, ASectionShowsItsOwnStoriesOnly) {
  room_.PublishStory("a");
  ASSERT_TRUE(room_.PutCuration("curation { section_id: 'town' article_ids: 'a' }").ok());
  EXPECT_THAT(Curated("section_id: 'town'"), IsEmpty());
}

TEST_F(CurationTest, AStoryIsThereWhileItIsPublic) {
  room_.CreateStory("later");
  ASSERT_TRUE(room_.PutCuration("curation { article_ids: 'later' }").ok());
  EXPECT_THAT(Curated(), IsEmpty());
  ASSERT_TRUE(room_.Publish("article_id: 'later'").ok());
  EXPECT_THAT(Curated(), ElementsAre("later"));
  ASSERT_TRUE(room_.Withhold("article_id: 'later'").ok());
  EXPECT_THAT(Curated(), IsEmpty());
  EXPECT_THAT(room_.GetCuration("")->curation().article_ids(), ElementsAre("later")) << "the choice stands";
}

TEST_F(CurationTest, EachWriteIsARevision) {
  for (const char* id : {"a", "b"}) room_.PublishStory(id);
  EXPECT_EQ(room_.GetCuration("")->curation().revision(), 0);
  auto first = room_.PutCuration("curation { article_ids: 'a' revision: 7 }");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->curation().revision(), 1);
  EXPECT_TRUE(first->has_propagation());
  EXPECT_EQ(first->snapshot().position(), room_.Head());
  auto same = room_.PutCuration("curation { article_ids: 'a' }");
  EXPECT_EQ(same->curation().revision(), 1);
  EXPECT_FALSE(same->has_propagation());
  EXPECT_EQ(same->snapshot().position(), room_.Head());
  auto emptied = room_.PutCuration("curation { } expected_revision: 1");
  ASSERT_TRUE(emptied.ok()) << emptied.status();
  EXPECT_EQ(emptied->curation().revision(), 2);
  EXPECT_THAT(Curated(), IsEmpty());
  EXPECT_EQ(rpc::Reason(room_.PutCuration("curation { article_ids: 'b' } expected_revision: 1").status()),
            "REVISION_MISMATCH");
}

TEST_F(CurationTest, ARepetitionGetsTheFirstAnswer) {
  room_.PublishStory("a");
  const std::string request = "request_id: 'r' curation { article_ids: 'a' }";
  ASSERT_TRUE(room_.PutCuration(request).ok());
  ASSERT_TRUE(room_.PutCuration("curation { }").ok());
  auto again = room_.PutCuration(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->curation().revision(), 1);
  EXPECT_THAT(Curated(), IsEmpty());
}

TEST_F(CurationTest, OutlivesARestartAndEndsWithItsSection) {
  ASSERT_TRUE(room_.PutSection("section { section_id: 'fish' name: 'Fish' }").ok());
  room_.PublishStory("a");
  ASSERT_TRUE(room_.PutCuration("curation { section_id: 'fish' article_ids: 'a' }").ok());
  room_.Restart();
  EXPECT_EQ(room_.GetCuration("section_id: 'fish'")->curation().revision(), 1);
  ASSERT_TRUE(room_.DeleteSection("section_id: 'fish'").ok());
  ASSERT_TRUE(room_.PutSection("section { section_id: 'fish' name: 'Fish' }").ok());
  EXPECT_EQ(room_.GetCuration("section_id: 'fish'")->curation().revision(), 0);
}

TEST_F(CurationTest, WhatIsWrongIsNamed) {
  room_.PublishStory("a");
  auto refused = room_.PutCuration("curation { article_ids: ['a', 'a', 'no such id'] }").status();
  EXPECT_THAT(FieldsOf(refused), ElementsAre("curation.article_ids[1]", "curation.article_ids[2]"));
  refused = room_.PutCuration("curation { article_ids: ['a', 'missing'] }").status();
  EXPECT_EQ(rpc::Reason(refused), "ARTICLE_NOT_FOUND");
  EXPECT_THAT(FieldsOf(refused), ElementsAre("curation.article_ids[1]"));
  refused = room_.PutCuration("curation { section_id: 'missing' }").status();
  EXPECT_EQ(rpc::Reason(refused), "SECTION_NOT_FOUND");
  EXPECT_THAT(FieldsOf(refused), ElementsAre("curation.section_id"));
  std::string many;
  for (int i = 0; i < 21; ++i) absl::StrAppend(&many, " article_ids: 'a", i, "'");
  EXPECT_THAT(FieldsOf(room_.PutCuration(absl::StrCat("curation {", many, " }")).status()),
              ElementsAre("curation.article_ids"));
  EXPECT_THAT(FieldsOf(room_.GetCuration("section_id: 'Not an id'").status()), ElementsAre("section_id"));
  EXPECT_THAT(FieldsOf(room_.PutCuration("request_id: 'r'").status()), ElementsAre("curation"));
  for (const char* filter : {"author_id: 'ann'", "subject: 'x'", "max_urgency: 3", "page_token: 't'",
                             "published_since { seconds: 1 }", "published_before { seconds: 1 }"}) {
    EXPECT_THAT(FieldsOf(room_.List(absl::StrCat("with_curated: true ", filter)).status()),
                ElementsAre("with_curated"))
        << filter;
  }
}

}  // namespace
}  // namespace broadsheet::article
