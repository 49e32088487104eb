// The suite every engine must pass.
#include "services/article/sql_article_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/article/engine_testing.h"
#include "services/article/found_article_testing.h"
#include "services/article/story_commit.h"
#include "services/article/tags.h"

namespace broadsheet::article {
namespace {

using ::testing::SizeIs;

const absl::Time kStoredAt = absl::FromUnixSeconds(1'763'900'000);

absl::Time AtStoredAt() { return kStoredAt; }

class StoreTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { Open({}); }

  void Open(SqlArticleStore::Options options) {
    store_.reset();
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    auto store = SqlArticleStore::Open(*std::move(database), options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  static absl::Status AppendTag(EditTransaction& transaction, const std::string& author_id) {
    return transaction.AppendChange(AuthorChange(author_id, false), kStoredAt);
  }

  static Story NewStory(const std::string& id) {
    Story story;
    story.draft.set_article_id(id);
    story.draft.mutable_content()->set_headline("Headline of " + id);
    story.draft.mutable_content()->set_section_id("harbour");
    story.draft.mutable_content()->add_body()->mutable_divider();
    story.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
    return story;
  }

  absl::Status SaveAndPublish(const std::string& id) {
    return store_->Write([&](EditTransaction& transaction) -> absl::Status {
      Story story = NewStory(id);
      if (absl::Status published = Publish(story, kStoredAt, std::nullopt); !published.ok()) return published;
      return CommitStory(transaction, nullptr, story, Action::kPublish, kStoredAt).status();
    });
  }

  std::int64_t Head() { return store_->Head().value_or(-1); }

  const TestDatabase database_{GetParam()};
  std::unique_ptr<SqlArticleStore> store_;
};

TEST_P(StoreTest, KeepsItsIdentityAndItsDataOverARestart) {
  const std::string log_id = store_->log_id();
  const std::string key = store_->token_key();
  EXPECT_THAT(log_id, SizeIs(32));
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  Open({});
  EXPECT_EQ(store_->log_id(), log_id);
  EXPECT_EQ(store_->token_key(), key);
  EXPECT_EQ(Head(), 1);
  auto found = store_->FindArticle({ArticleKey::Kind::kId, "wall"}, Body::kWith, AtStoredAt, 0);
  ASSERT_TRUE(found.ok());
  ASSERT_NE(found->value.found, nullptr);
  EXPECT_EQ(Decode(found->value.found).article().content().body_size(), 1);
  EXPECT_EQ(found->snapshot.position(), 1);
  EXPECT_EQ(found->snapshot.log_id(), log_id);
}

// A story whose embargo ends while a read waits would be hidden from it at a position at which it is public,
// and whoever caches that would never hear of it again.
TEST_P(StoreTest, TheTimeIsAskedForOnceThePositionIsSettled) {
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  int number = 0;
  const Clock publish = [&] {
    EXPECT_TRUE(SaveAndPublish(absl::StrCat("later", ++number)).ok());
    return kStoredAt;
  };
  const ArticleKey later{ArticleKey::Kind::kId, "later1"};
  EXPECT_EQ(store_->FindArticle(later, Body::kWith, publish, 0)->snapshot.position(), 1);
  EXPECT_EQ(store_->FindPastArticle(later, 1, Body::kWith, publish, 0)->snapshot.position(), 2);
  EXPECT_EQ(store_->FindArticles({"later3"}, Body::kWith, publish, 0)->snapshot.position(), 3);
  const auto list = store_->ListArticles({}, Body::kWith, publish, 0);
  EXPECT_EQ(list->snapshot.position(), 4);
  EXPECT_THAT(list->value.articles, SizeIs(4)) << "not the one of position 5";
}

TEST_P(StoreTest, TwoDatabasesHaveDifferentLogs) {
  const TestDatabase other_database(GetParam());
  auto database = other_database.Open();
  ASSERT_TRUE(database.ok());
  auto other = SqlArticleStore::Open(*std::move(database), {});
  ASSERT_TRUE(other.ok());
  EXPECT_NE((*other)->log_id(), store_->log_id());
}

TEST_P(StoreTest, AnEditThatFailsLeavesNoTrace) {
  const absl::Status status = store_->Write([&](EditTransaction& transaction) -> absl::Status {
    v1::Author author;
    author.set_author_id("ann");
    EXPECT_TRUE(transaction.SaveAuthor(author).ok());
    EXPECT_TRUE(AppendTag(transaction, "ann").ok());
    EXPECT_EQ(transaction.snapshot().position(), 1);
    return absl::AbortedError("no");
  });
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(Head(), 0);
  EXPECT_FALSE(store_->FindAuthor("ann", 0)->value.has_value());
}

TEST_P(StoreTest, EditsThatShareACommitFailOneByOne) {
  // While the first edit holds the writing thread, the others queue up and then share a commit.
  std::atomic<int> queued{0};
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  std::vector<std::int64_t> positions;
  store_->SetCommitListener([&](const std::vector<change::v1::Change>& changes, std::int64_t head) {
    for (const change::v1::Change& change : changes) positions.push_back(change.position());
    EXPECT_EQ(positions.back(), head);
  });
  ASSERT_TRUE(
      store_
          ->Write([&](EditTransaction&) {
            for (int i = 0; i < 20; ++i) {
              writers.emplace_back([&, i] {
                ++queued;
                const absl::Status status = store_->Write([&](EditTransaction& transaction) -> absl::Status {
                  if (absl::Status appended = AppendTag(transaction, absl::StrCat("a", i)); !appended.ok()) {
                    return appended;
                  }
                  return i % 3 == 0 ? absl::AbortedError("no") : absl::OkStatus();
                });
                EXPECT_EQ(absl::IsAborted(status), i % 3 == 0) << status;
                if (!status.ok()) ++failed;
              });
            }
            while (queued < 20) std::this_thread::yield();
            return absl::OkStatus();
          })
          .ok());
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failed, 7);
  EXPECT_EQ(Head(), 13);
  std::vector<std::int64_t> expected(13);
  for (int i = 0; i < 13; ++i) expected[i] = i + 1;
  EXPECT_EQ(positions, expected);
  EXPECT_THAT(store_->Read(0, 100).value(), SizeIs(13));
}

// Two bulk edits in one commit: one that succeeds, then `second`. What each returned.
std::pair<absl::Status, absl::Status> ShareACommit(SqlArticleStore& store,
                                                   absl::FunctionRef<absl::Status(EditTransaction&)> first,
                                                   absl::FunctionRef<absl::Status(EditTransaction&)> second) {
  std::pair<absl::Status, absl::Status> results;
  std::thread later;
  results.first = store.Write(EditKind::kBulk, [&](EditTransaction& transaction) {
    later = std::thread([&] { results.second = store.Write(EditKind::kBulk, second); });
    return first(transaction);
  });
  later.join();
  return results;
}

TEST_P(StoreTest, ABulkEditThatIsRefusedBeforeItWritesLeavesTheOthersOfItsCommitAlone) {
  Open({.edits = {.max_bulk = 2, .company = std::chrono::minutes(1)}});
  const auto [first, second] = ShareACommit(
      *store_, [](EditTransaction& transaction) { return AppendTag(transaction, "ann"); },
      [](EditTransaction&) { return absl::AbortedError("no"); });
  EXPECT_TRUE(first.ok()) << first;
  EXPECT_TRUE(absl::IsAborted(second));
  EXPECT_EQ(Head(), 1);
}

TEST_P(StoreTest, ABulkEditThatFailsAfterItsFirstWriteFailsItsCommit) {
  Open({.edits = {.max_bulk = 2, .company = std::chrono::minutes(1)}});
  const auto [first, second] = ShareACommit(
      *store_, [](EditTransaction& transaction) { return AppendTag(transaction, "ann"); },
      [](EditTransaction& transaction) {
        EXPECT_TRUE(AppendTag(transaction, "bob").ok());
        return absl::AbortedError("no");
      });
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_TRUE(absl::IsAborted(second));
  EXPECT_EQ(Head(), 0);
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  EXPECT_EQ(Head(), 1);
}

TEST_P(StoreTest, WhatARefusalWasMadeOfIsNotSaidWhenItIsNotCommitted) {
  Open({.edits = {.max_bulk = 3, .company = std::chrono::minutes(1)}});
  std::thread third;
  absl::Status failed;
  const auto [first, refused] = ShareACommit(
      *store_, [](EditTransaction& transaction) { return AppendTag(transaction, "ann"); },
      [&](EditTransaction&) {
        third = std::thread([&] {
          failed = store_->Write(EditKind::kBulk, [](EditTransaction& transaction) {
            EXPECT_TRUE(AppendTag(transaction, "bob").ok());
            return absl::DataLossError("no");
          });
        });
        return absl::AbortedError("ann is there");
      });
  third.join();
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_TRUE(absl::IsDataLoss(failed)) << failed;
  EXPECT_EQ(Head(), 0);
}

// PostgreSQL refuses the id, which SQLite does not know; there nothing runs after a statement that failed.
TEST_P(StoreTest, AReadThatFailsLeavesTheOthersOfItsCommitAlone) {
  std::atomic<int> queued{0};
  std::vector<std::thread> writers;
  ASSERT_TRUE(store_
                  ->Write([&](EditTransaction&) {
                    for (int i = 0; i < 9; ++i) {
                      writers.emplace_back([&, i] {
                        ++queued;
                        const absl::Status status =
                            store_->Write([&](EditTransaction& transaction) -> absl::Status {
                              if (i % 3 != 1) return AppendTag(transaction, absl::StrCat("a", i));
                              const auto found = transaction.FindAuthor(absl::string_view("\0", 1));
                              return found.ok() ? absl::AbortedError("nobody") : found.status();
                            });
                        EXPECT_EQ(status.ok(), i % 3 != 1) << status;
                      });
                    }
                    while (queued < 9) std::this_thread::yield();
                    return absl::OkStatus();
                  })
                  .ok());
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Head(), 6);
}

TEST_P(StoreTest, ReadsSeeOnePositionOnly) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(SaveAndPublish(absl::StrCat("s", i)).ok());
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 20; i < 120; ++i) ASSERT_TRUE(SaveAndPublish(absl::StrCat("s", i)).ok());
    done = true;
  });
  while (!done) {
    ListQuery query;
    query.limit = 1000;
    auto list = store_->ListArticles(query, Body::kWithout, AtStoredAt, 0);
    ASSERT_TRUE(list.ok()) << list.status();
    ASSERT_EQ(static_cast<std::int64_t>(list->value.articles.size()), list->snapshot.position());
  }
  writer.join();
}

TEST_P(StoreTest, ServesTheLogInPiecesUpToItsFloor) {
  ASSERT_TRUE(store_
                  ->Write([&](EditTransaction& transaction) -> absl::Status {
                    for (int i = 0; i < 10; ++i) AppendTag(transaction, absl::StrCat("a", i)).IgnoreError();
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(store_->Floor().value(), 0);
  auto some = store_->Read(3, 2);
  ASSERT_TRUE(some.ok());
  ASSERT_THAT(*some, SizeIs(2));
  EXPECT_EQ((*some)[0].position(), 4);
  EXPECT_EQ((*some)[0].subject(), "author/a3");
  EXPECT_EQ((*some)[1].position(), 5);
  EXPECT_THAT(store_->Read(10, 2).value(), SizeIs(0));

  Open({.kept_changes = 4});
  EXPECT_FALSE(store_->Prune(kStoredAt).value());
  EXPECT_EQ(store_->Floor().value(), 6);
  EXPECT_EQ(Head(), 10);
  EXPECT_EQ(store_->Read(5, 1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(store_->Read(6, 100).value(), SizeIs(4));
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  EXPECT_EQ(Head(), 11);
}

TEST_P(StoreTest, PrunesExpiredAnswersOnly) {
  auto save = [&](const std::string& id, absl::Time expires_at) {
    return store_->Write([&](EditTransaction& transaction) {
      return transaction.SaveRequest(
          id, {.digest = "d", .response = std::string("r\0s", 3), .article_id = ""}, expires_at);
    });
  };
  ASSERT_TRUE(save("old", kStoredAt).ok());
  ASSERT_TRUE(save("new", kStoredAt + absl::Seconds(1)).ok());
  ASSERT_TRUE(store_->Prune(kStoredAt).ok());
  ASSERT_TRUE(store_
                  ->Write([&](EditTransaction& transaction) -> absl::Status {
                    EXPECT_FALSE(transaction.FindRequest("old", absl::UnixEpoch())->has_value());
                    auto found = transaction.FindRequest("new", kStoredAt);
                    EXPECT_TRUE(found->has_value());
                    if (*found) {
                      EXPECT_EQ((*found)->response, std::string("r\0s", 3));
                    }
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_P(StoreTest, ListsWhatIsDueEarliestFirst) {
  for (int minutes : {3, 1, 2}) {
    ASSERT_TRUE(store_
                    ->Write([&](EditTransaction& transaction) -> absl::Status {
                      Story story = NewStory(absl::StrCat("in-", minutes));
                      if (absl::Status scheduled = Schedule(story, kStoredAt + absl::Minutes(minutes));
                          !scheduled.ok()) {
                        return scheduled;
                      }
                      return CommitStory(transaction, nullptr, story, Action::kSchedule, kStoredAt).status();
                    })
                    .ok());
  }
  EXPECT_THAT(store_->ListDue(kStoredAt, 10).value(), SizeIs(0));
  auto due = store_->ListDue(kStoredAt + absl::Minutes(2), 10);
  ASSERT_TRUE(due.ok());
  ASSERT_THAT(*due, SizeIs(2));
  EXPECT_EQ((*due)[0].article_id, "in-1");
  EXPECT_EQ((*due)[1].at, kStoredAt + absl::Minutes(2));
  EXPECT_THAT(store_->ListDue(kStoredAt + absl::Hours(1), 1).value(), SizeIs(1));
}

TEST_P(StoreTest, RunsMoreReadersThanConnections) {
  Open({.max_readers = 2});
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  std::vector<std::thread> readers;
  std::atomic<int> found{0};
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        auto read = store_->FindArticle({ArticleKey::Kind::kId, "wall"}, Body::kWith, AtStoredAt, 0);
        if (read.ok() && read->value.found != nullptr) ++found;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(found, 160);
}

TEST_P(StoreTest, TheLogAndWhatIsDueAreReadWhileReadersHaveAllConnections) {
  Open({.max_readers = 1, .reader_wait = absl::Milliseconds(50)});
  ASSERT_TRUE(SaveAndPublish("wall").ok());
  const Clock in_the_middle_of_a_read = [&] {
    EXPECT_TRUE(absl::IsUnavailable(store_->ListSections(0).status()));
    EXPECT_EQ(Head(), 1);
    EXPECT_EQ(store_->Floor().value_or(-1), 0);
    EXPECT_TRUE(store_->Read(0, 10).ok());
    EXPECT_TRUE(store_->CatchUp().ok());
    EXPECT_TRUE(store_->ListDue(kStoredAt, 10).ok());
    return kStoredAt;
  };
  EXPECT_TRUE(
      store_->FindArticle({ArticleKey::Kind::kId, "wall"}, Body::kWith, in_the_middle_of_a_read, 0).ok());
}

TEST_P(StoreTest, CountsStoriesByState) {
  ASSERT_TRUE(SaveAndPublish("a").ok());
  ASSERT_TRUE(SaveAndPublish("b").ok());
  auto counts = store_->CountStories();
  ASSERT_TRUE(counts.ok());
  ASSERT_THAT(*counts, SizeIs(1));
  EXPECT_EQ((*counts)[0].stories, 2);
  EXPECT_EQ((*counts)[0].pub_status, v1::PUB_STATUS_USABLE);
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, AllEngines(), EngineName);

}  // namespace
}  // namespace broadsheet::article
