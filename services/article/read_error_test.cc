// A store that cannot be read: readers are told so, and no more.
#include <gtest/gtest.h>

#include <atomic>

#include "services/article/engine_testing.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {
namespace {

enum class Fault { kNone, kNoConnection, kBrokenConnection };

absl::Status EngineError() {
  return absl::UnavailableError("connection to \"db.internal\" failed for user \"article\"");
}

class FaultyConnection final : public sql::Connection {
 public:
  FaultyConnection(std::unique_ptr<sql::Connection> connection, const std::atomic<Fault>& fault)
      : connection_(std::move(connection)), fault_(fault) {}
  using sql::Connection::Run;
  absl::Status Run(absl::string_view statement, const std::vector<sql::Value>& parameters,
                   absl::FunctionRef<void(const sql::Row&)> on_row) override {
    if (fault_ == Fault::kBrokenConnection) return EngineError();
    return connection_->Run(statement, parameters, on_row);
  }
  absl::Status Begin(sql::TransactionMode mode) override { return connection_->Begin(mode); }
  absl::Status Commit() override { return connection_->Commit(); }
  void Rollback() override { connection_->Rollback(); }
  bool InTransaction() const override { return connection_->InTransaction(); }

 private:
  const std::unique_ptr<sql::Connection> connection_;
  const std::atomic<Fault>& fault_;
};

class FaultyDatabase final : public sql::Database {
 public:
  FaultyDatabase(std::unique_ptr<sql::Database> database, const std::atomic<Fault>& fault)
      : database_(std::move(database)), fault_(fault) {}
  const sql::Dialect& dialect() const override { return database_->dialect(); }
  absl::StatusOr<std::unique_ptr<sql::Connection>> Connect() override {
    if (fault_ == Fault::kNoConnection) return EngineError();
    auto connection = database_->Connect();
    if (!connection.ok()) return connection.status();
    return std::make_unique<FaultyConnection>(*std::move(connection), fault_);
  }

 private:
  const std::unique_ptr<sql::Database> database_;
  const std::atomic<Fault>& fault_;
};

class ReadErrorTest : public testing::Test {
 protected:
  std::unique_ptr<SqlArticleStore> Open(SqlArticleStore::Options options = {}) {
    auto database = database_.Open();
    EXPECT_TRUE(database.ok()) << database.status();
    auto store =
        SqlArticleStore::Open(std::make_unique<FaultyDatabase>(*std::move(database), fault_), options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  const TestDatabase database_{Engine::kSqlite};
  std::atomic<Fault> fault_{Fault::kNone};
};

TEST_F(ReadErrorTest, KeepsWhatTheEngineSaysToItself) {
  for (const Fault fault : {Fault::kNoConnection, Fault::kBrokenConnection}) {
    fault_ = Fault::kNone;
    const auto store = Open();
    fault_ = fault;
    const absl::Status expected = absl::UnavailableError("the store cannot be read");
    EXPECT_EQ(store->FindArticle({ArticleKey::Kind::kId, "a"}, Body::kWith, absl::Now, 0).status(), expected);
    EXPECT_EQ(store->ListArticles({}, Body::kWith, absl::Now, 0).status(), expected);
    EXPECT_EQ(store->FindAuthor("ann", 0).status(), expected);
    EXPECT_EQ(store->ListSections(0).status(), expected);
    EXPECT_EQ(store->FindDraft({ArticleKey::Kind::kId, "a"}).status(), expected);
    fault_ = Fault::kNone;
    EXPECT_TRUE(store->ListSections(0).ok());
  }
}

TEST_F(ReadErrorTest, AReadDoesNotWaitForEverForOthers) {
  const auto store = Open({.max_readers = 0, .reader_wait = absl::Milliseconds(10)});
  EXPECT_TRUE(absl::IsUnavailable(store->ListSections(0).status()));
}

}  // namespace
}  // namespace broadsheet::article
