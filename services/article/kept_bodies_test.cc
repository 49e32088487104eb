// Bodies that are kept once while readers have them, and databases that keep them twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/article/engine_testing.h"
#include "services/article/found_article_testing.h"
#include "services/article/sql_article_store.h"
#include "services/article/story_commit.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;

// As an earlier release uses it, or one beside which an earlier release may run.
class SharedDatabase final : public sql::Database {
 public:
  explicit SharedDatabase(std::unique_ptr<sql::Database> database)
      : database_(std::move(database)), dialect_(database_->dialect()) {
    dialect_.shared = true;
  }
  const sql::Dialect& dialect() const override { return dialect_; }
  absl::StatusOr<std::unique_ptr<sql::Connection>> Connect() override { return database_->Connect(); }

 private:
  const std::unique_ptr<sql::Database> database_;
  sql::Dialect dialect_;
};

class KeptBodiesTest : public testing::TestWithParam<Engine> {
 protected:
  void Open() {
    store_.reset();
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    OpenOn(*std::move(database));
  }
  void OpenShared() {
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    OpenOn(std::make_unique<SharedDatabase>(*std::move(database)));
  }

  // Makes a revision with this text, unless it is empty, and does `action` to it.
  absl::Status Do(const std::string& id, Action action, const std::string& text) {
    now_ += absl::Minutes(1);
    return store_->Write([&](EditTransaction& transaction) -> absl::Status {
      absl::StatusOr<std::optional<Story>> before = transaction.FindStory(id);
      if (!before.ok()) return before.status();
      Story story = *before ? **before : Story();
      if (!text.empty()) SetText(id, text, story);
      absl::Status done;
      if (action == Action::kPublish) done = Publish(story, now_, std::nullopt);
      if (action == Action::kWithhold) done = Withhold(story, v1::PUB_STATUS_WITHHELD, nullptr);
      if (!done.ok()) return done;
      return CommitStory(transaction, *before ? &**before : nullptr, story, action, now_).status();
    });
  }

  static void SetText(const std::string& id, const std::string& text, Story& story) {
    story.draft.set_article_id(id);
    story.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
    v1::ArticleContent& content = *story.draft.mutable_content();
    content.set_headline("Headline of " + id);
    content.set_section_id("harbour");
    content.clear_body();
    content.add_body()->mutable_paragraph()->mutable_text()->set_text(text);
  }

  static std::string TextOf(const v1::ArticleContent& content) {
    return content.body_size() == 1 ? content.body(0).paragraph().text().text() : "";
  }
  // What the newsroom finds in the revisions, from the first on.
  std::vector<std::string> Revisions(const std::string& id) {
    std::vector<std::string> texts;
    while (true) {
      auto found = store_->FindRevision(id, static_cast<std::int64_t>(texts.size()) + 1);
      if (!found.ok()) return {found.status().ToString()};
      if (!*found) return texts;
      texts.push_back(TextOf((*found)->draft.content()));
    }
  }
  // What readers find; empty: nothing.
  std::string Public(const std::string& id, std::int64_t past = 0) {
    const ArticleKey key{ArticleKey::Kind::kId, id};
    auto found = past == 0 ? store_->FindArticle(
                                 key, Body::kWith, [this] { return now_; }, 0)
                           : store_->FindPastArticle(
                                 key, past, Body::kWith, [this] { return now_; }, 0);
    if (!found.ok()) return found.status().ToString();
    return found->value.found == nullptr ? "" : TextOf(Decode(found->value.found).article().content());
  }
  std::string Newest(const std::string& id) {
    auto draft = store_->FindDraft({ArticleKey::Kind::kId, id});
    return draft.ok() && *draft ? TextOf((*draft)->content()) : draft.status().ToString();
  }
  std::int64_t Number(const std::string& statement) {
    std::int64_t number = -1;
    const absl::Status run =
        database_.Connect()->Run(statement, {}, [&](const sql::Row& row) { number = row.Int64(0); });
    EXPECT_TRUE(run.ok()) << run;
    return number;
  }
  bool keeps_once() const { return GetParam() == Engine::kSqlite; }

  const TestDatabase database_{GetParam()};
  std::unique_ptr<SqlArticleStore> store_;
  absl::Time now_ = absl::FromUnixSeconds(1'763'900'000);

 private:
  void OpenOn(std::unique_ptr<sql::Database> database) {
    auto store = SqlArticleStore::Open(std::move(database), {});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
};

TEST_P(KeptBodiesTest, ABodyThatReadersHaveIsKeptOnceByAProgramThatIsAlone) {
  Open();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  EXPECT_EQ(Public("wall"), "one");
  EXPECT_EQ(Newest("wall"), "one");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM revision WHERE length(body) = 0"), keeps_once() ? 1 : 0);
  EXPECT_EQ(Number("SELECT body_revision FROM public_story"), keeps_once() ? 1 : 0);
  int read = 0;
  ASSERT_TRUE(store_
                  ->ReadDrafts({"wall"},
                               [&](std::size_t, v1::Draft draft) {
                                 EXPECT_EQ(TextOf(draft.content()), "one");
                                 ++read;
                               })
                  .ok());
  EXPECT_EQ(read, 1);
}

TEST_P(KeptBodiesTest, ANewerTextGivesTheOlderOneBackToItsRevision) {
  Open();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  ASSERT_TRUE(Do("wall", Action::kUpdate, "draft").ok());
  EXPECT_EQ(Public("wall"), "one");
  EXPECT_EQ(Newest("wall"), "draft");
  ASSERT_TRUE(Do("wall", Action::kPublish, "three").ok());
  EXPECT_EQ(Public("wall"), "three");
  EXPECT_EQ(Public("wall", 1), "one") << "what readers had";
  EXPECT_EQ(Newest("wall"), "three");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", "draft", "three"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM revision WHERE length(body) = 0"), keeps_once() ? 1 : 0);
}

TEST_P(KeptBodiesTest, AWithdrawalGivesItBackToo) {
  Open();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  ASSERT_TRUE(Do("wall", Action::kWithhold, "").ok());
  EXPECT_EQ(Public("wall"), "");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", "one"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM public_story"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM public_entry"), 0);
  ASSERT_TRUE(Do("wall", Action::kPublish, "three").ok());
  EXPECT_EQ(Public("wall"), "three");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", "one", "three"));
}

TEST_P(KeptBodiesTest, AStoryWithoutABodyHasNone) {
  Open();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  ASSERT_TRUE(store_
                  ->Write([&](EditTransaction& transaction) -> absl::Status {
                    Story before = **transaction.FindStory("wall");
                    Story story = before;
                    story.draft.mutable_content()->clear_body();
                    story.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
                    return CommitStory(transaction, &before, story, Action::kUpdate, now_).status();
                  })
                  .ok());
  EXPECT_EQ(Newest("wall"), "");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", ""));
  EXPECT_EQ(Public("wall"), "one");
}

TEST_P(KeptBodiesTest, ADatabaseOfTheSchemaBeforeLosesNothing) {
  OpenShared();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  ASSERT_TRUE(Do("wall", Action::kPublish, "two").ok());
  ASSERT_TRUE(Do("gone", Action::kPublish, "secret").ok());
  ASSERT_TRUE(Do("gone", Action::kWithhold, "").ok());
  ASSERT_TRUE(Do("sketch", Action::kUpdate, "rough").ok());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM revision WHERE length(body) = 0"), 0);
  const std::int64_t entries = Number("SELECT COUNT(*) FROM public_entry");
  store_.reset();
  for (const char* statement :
       {"ALTER TABLE public_story DROP COLUMN body_revision", "ALTER TABLE story_path RENAME TO newer",
        "CREATE TABLE story_path (path TEXT NOT NULL PRIMARY KEY, article_id TEXT NOT NULL)",
        "INSERT INTO story_path SELECT path, article_id FROM newer", "DROP TABLE newer",
        "CREATE INDEX story_path_by_story ON story_path (article_id)",
        "INSERT INTO story_path VALUES ('/old/wall', 'wall')", "DROP TABLE curation",
        "UPDATE schema_version SET version = 5, usable_by = 1"}) {
    ASSERT_TRUE(database_.Connect()->Run(statement).ok()) << statement;
  }
  Open();
  EXPECT_EQ(Number("SELECT version FROM schema_version"), 8);
  EXPECT_EQ(Number("SELECT usable_by FROM schema_version"), keeps_once() ? 6 : 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM public_entry"), entries);
  const auto expect_all = [&] {
    EXPECT_EQ(Number("SELECT COUNT(*) FROM story_path WHERE article_id = 'wall'"), 2)
        << "its path and one it had";
    EXPECT_EQ(Number("SELECT COUNT(*) FROM story_path WHERE article_id = 'gone'"), 1);
    EXPECT_EQ(Public("wall"), "two");
    EXPECT_EQ(Public("wall", 1), "one");
    EXPECT_EQ(Public("gone"), "");
    EXPECT_EQ(Public("sketch"), "");
    EXPECT_THAT(Revisions("wall"), ElementsAre("one", "two"));
    EXPECT_THAT(Revisions("gone"), ElementsAre("secret", "secret"));
    EXPECT_THAT(Revisions("sketch"), ElementsAre("rough"));
  };
  expect_all();
  Open();  // once more
  expect_all();
  ASSERT_TRUE(Do("wall", Action::kPublish, "three").ok());
  ASSERT_TRUE(Do("wall", Action::kWithhold, "").ok());
  ASSERT_TRUE(Do("sketch", Action::kPublish, "").ok());
  EXPECT_EQ(Public("wall"), "");
  EXPECT_EQ(Public("sketch"), "rough");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", "two", "three", "three"));
  EXPECT_THAT(Revisions("sketch"), ElementsAre("rough", "rough"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM public_entry"), 2) << "latest and the section";
}

// What the release before does beside this one, in a rolling upgrade; on SQLite the folder's lock keeps it
// out.
class BesideAnEarlierProgramTest : public KeptBodiesTest {};

TEST_P(BesideAnEarlierProgramTest, WhatItWritesIsRead) {
  Open();
  ASSERT_TRUE(Do("wall", Action::kPublish, "one").ok());
  ASSERT_TRUE(Do("wall", Action::kUpdate, "two").ok());
  for (const char* statement :
       {"INSERT INTO public_story"
        " (article_id, first_published_at, urgency, embargoed_until, expires_at, article, body)"
        " SELECT article_id, first_published_at, urgency, embargoed_until, expires_at, article, body"
        " FROM public_story ON CONFLICT (article_id) DO UPDATE SET urgency = 2, body = excluded.body",
        "UPDATE story SET update_time = update_time + 1"}) {
    const absl::Status run = database_.Connect()->Run(statement);
    ASSERT_TRUE(run.ok()) << statement << ": " << run;
  }
  EXPECT_EQ(Public("wall"), "one");
  EXPECT_THAT(Revisions("wall"), ElementsAre("one", "two"));
  EXPECT_EQ(Number("SELECT MIN(urgency) FROM public_entry"), 2)
      << "the triggers of schema 5 are there for it";
}

INSTANTIATE_TEST_SUITE_P(Engines, KeptBodiesTest, AllEngines(), EngineName);
INSTANTIATE_TEST_SUITE_P(Engines, BesideAnEarlierProgramTest, testing::Values(Engine::kPostgres), EngineName);

}  // namespace
}  // namespace broadsheet::article
