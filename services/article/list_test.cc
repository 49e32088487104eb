// Lists of published stories, on every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/article/engine_testing.h"
#include "services/article/sql_article_store.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'763'900'000);

class ListTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    auto store = SqlArticleStore::Open(*std::move(database), {});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Story number N: sections, authors, subjects and urgencies in turn, several at one instant.
  static v1::ArticleContent ContentOf(int number) {
    v1::ArticleContent content;
    content.set_headline(absl::StrCat("Story ", number));
    content.add_body()->mutable_divider();
    content.set_section_id(number % 3 == 0 ? "harbour" : "town");
    content.add_author_ids(number % 5 == 0 ? "ann" : "bo");
    content.add_subjects(number % 2 == 0 ? "sea" : "land");
    content.set_urgency(number % 7);  // 0 counts as 5
    return content;
  }
  static absl::Time TimeOf(int number) { return kNow - absl::Hours(1) + absl::Minutes(number / 2); }
  static std::string IdOf(int number) { return absl::StrCat("s", 100 + number); }

  void Put(int number, const v1::ArticleContent& content) {
    const absl::Status written = store_->Write([&](EditTransaction& transaction) -> absl::Status {
      auto before = transaction.FindStory(IdOf(number));
      if (!before.ok()) return before.status();
      Story story = before->value_or(Story());
      story.draft.set_article_id(IdOf(number));
      *story.draft.mutable_content() = content;
      if (absl::Status published = Publish(story, kNow, TimeOf(number)); !published.ok()) return published;
      return CommitStory(transaction, *before ? &**before : nullptr, story, Action::kPublish, kNow).status();
    });
    ASSERT_TRUE(written.ok()) << written;
  }

  std::vector<std::string> Page(const ListQuery& query) {
    auto read = store_->ListArticles(
        query, Body::kWithout, [] { return kNow; }, 0);
    EXPECT_TRUE(read.ok()) << read.status();
    std::vector<std::string> ids;
    if (!read.ok()) return ids;
    for (const v1::Article& article : read->value.articles) ids.push_back(article.article_id());
    return ids;
  }

  // All pages, a few stories at a time.
  std::vector<std::string> Walk(ListQuery query) {
    query.limit = 4;
    std::vector<std::string> ids;
    while (true) {
      const std::vector<std::string> page = Page(query);
      if (page.empty()) return ids;
      ids.insert(ids.end(), page.begin(), page.end());
      const int number = std::stoi(page.back().substr(1)) - 100;
      query.after = ListPlace{absl::ToUnixMicros(TimeOf(number)), page.back()};
    }
  }

  static std::vector<std::string> Expected(int stories, const ListQuery& query) {
    std::vector<std::string> ids;
    for (int number = stories - 1; number >= 0; --number) {
      const v1::ArticleContent content = ContentOf(number);
      const int urgency = content.urgency() == 0 ? 5 : content.urgency();
      if ((query.section_id.empty() || query.section_id == content.section_id()) &&
          (query.author_id.empty() || query.author_id == content.author_ids(0)) &&
          (query.subject.empty() || query.subject == content.subjects(0)) && urgency <= query.max_urgency &&
          (!query.since || TimeOf(number) >= *query.since) &&
          (!query.before || TimeOf(number) < *query.before)) {
        ids.push_back(IdOf(number));
      }
    }
    return ids;
  }

  void ExpectEveryCombination(int stories) {
    ListQuery query;
    for (const char* section : {"", "harbour"})
      for (const char* author : {"", "ann", "bo"})
        for (const char* subject : {"", "sea"})
          for (const int urgency : {1, 3, 5, 9})
            for (const bool bounded : {false, true}) {
              query.section_id = section;
              query.author_id = author;
              query.subject = subject;
              query.max_urgency = urgency;
              query.since = bounded ? std::optional(TimeOf(6)) : std::nullopt;
              query.before = bounded ? std::optional(TimeOf(30)) : std::nullopt;
              EXPECT_EQ(Walk(query), Expected(stories, query))
                  << section << " " << author << " " << subject << " " << urgency << " " << bounded;
            }
  }

  const TestDatabase database_{GetParam()};
  std::unique_ptr<SqlArticleStore> store_;
};

TEST_P(ListTest, EveryCombinationOfFiltersFindsWhatMatches) {
  for (int number = 0; number < 43; ++number) Put(number, ContentOf(number));
  ExpectEveryCombination(43);
}

TEST_P(ListTest, AStoryThatChangesMovesBetweenLists) {
  for (int number = 0; number < 8; ++number) {
    v1::ArticleContent other = ContentOf(number);
    other.set_section_id("abroad");
    other.clear_subjects();
    other.add_subjects("weather");
    other.set_urgency(9 - number);
    Put(number, other);
  }
  for (int number = 0; number < 8; ++number) Put(number, ContentOf(number));
  ExpectEveryCombination(8);
}

TEST_P(ListTest, PagesAreStableWhileStoriesArePublished) {
  for (int number = 0; number < 40; number += 2) Put(number, ContentOf(number));
  std::vector<std::string> seen;
  ListQuery query;
  query.limit = 3;
  int published = 41;
  while (true) {
    const std::vector<std::string> page = Page(query);
    if (page.empty()) break;
    seen.insert(seen.end(), page.begin(), page.end());
    query.after = ListPlace{absl::ToUnixMicros(TimeOf(std::stoi(page.back().substr(1)) - 100)), page.back()};
    Put(published, ContentOf(published));  // newer than all of them
    published += 2;
  }
  std::vector<std::string> expected;
  for (int number = 38; number >= 0; number -= 2) expected.push_back(IdOf(number));
  EXPECT_EQ(seen, expected);
}

// On SQLite the folder's lock keeps an earlier program out.
class ListBesideAnEarlierProgramTest : public ListTest {};

TEST_P(ListBesideAnEarlierProgramTest, FindsWhatItWrites) {
  Put(1, ContentOf(1));
  auto connection = database_.Connect();
  // Its statements, in its order: another section, a new subject, another urgency.
  for (const char* statement :
       {"UPDATE public_story SET urgency = 2 WHERE article_id = 's101'",
        "DELETE FROM public_entry WHERE article_id = 's101' AND list = 'section/town'",
        "INSERT INTO public_entry (list, first_published_at, article_id)"
        " SELECT 'section/harbour', first_published_at, article_id FROM public_story",
        "INSERT INTO public_entry (list, first_published_at, article_id)"
        " SELECT 'subject/wind', first_published_at, article_id FROM public_story"}) {
    const absl::Status run = connection->Run(statement);
    ASSERT_TRUE(run.ok()) << statement << ": " << run;
  }
  for (const char* subject : {"land", "wind", ""}) {
    for (const int urgency : {2, 9}) {
      ListQuery query;
      query.subject = subject;
      query.max_urgency = urgency;
      query.section_id = "harbour";
      EXPECT_THAT(Page(query), ElementsAre("s101")) << subject << urgency;
      query.section_id = "town";
      EXPECT_THAT(Page(query), IsEmpty()) << subject << urgency;
      query.section_id = "";
      EXPECT_THAT(Page(query), ElementsAre("s101")) << subject << urgency;
    }
    ListQuery query;
    query.subject = subject;
    query.max_urgency = 1;
    EXPECT_THAT(Page(query), IsEmpty());
  }
}

TEST_P(ListTest, FindsWhatWasThereBeforeTheSchemaWasBroughtUpToDate) {
  for (int number = 0; number < 20; ++number) Put(number, ContentOf(number));
  store_.reset();
  {
    auto connection = database_.Connect();
    UndoSchemasFrom5(GetParam(), *connection);
    ASSERT_TRUE(connection->Run("UPDATE schema_version SET version = 4").ok());
  }
  Open();
  ExpectEveryCombination(20);
}

INSTANTIATE_TEST_SUITE_P(Engines, ListTest, AllEngines(), EngineName);
INSTANTIATE_TEST_SUITE_P(Engines, ListBesideAnEarlierProgramTest, testing::Values(Engine::kPostgres),
                         EngineName);

}  // namespace
}  // namespace broadsheet::article
