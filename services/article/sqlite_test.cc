#include "services/article/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::article {
namespace {

class SqliteTest : public testing::Test {
 protected:
  std::unique_ptr<sql::Connection> Connect() {
    auto database = sql::OpenSqlite(path_);
    EXPECT_TRUE(database.ok()) << database.status();
    auto connection = (*database)->Connect();
    EXPECT_TRUE(connection.ok()) << connection.status();
    database_ = *std::move(database);
    return *std::move(connection);
  }
  static std::int64_t Number(sql::Connection& connection, absl::string_view statement) {
    std::int64_t number = -1;
    EXPECT_TRUE(connection.Run(statement, {}, [&](const sql::Row& row) { number = row.Int64(0); }).ok());
    return number;
  }
  static std::string Text(sql::Connection& connection, absl::string_view statement) {
    std::string text;
    EXPECT_TRUE(
        connection.Run(statement, {}, [&](const sql::Row& row) { text = std::string(row.Text(0)); }).ok());
    return text;
  }

  test::TempDir folder_;
  const std::string path_ = folder_.File("test.sqlite");
  std::unique_ptr<sql::Database> database_;
};

TEST_F(SqliteTest, SyncsEveryCommitToDisk) {
  auto connection = Connect();
  EXPECT_EQ(Text(*connection, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(Number(*connection, "PRAGMA synchronous"), 2);  // FULL
  EXPECT_EQ(Number(*connection, "PRAGMA foreign_keys"), 1);
}

TEST_F(SqliteTest, KeepsWhatSavepointsGoBackToInMemoryAndSortsOnDisk) {
  auto connection = Connect();
  EXPECT_EQ(Number(*connection, "PRAGMA temp_store"), 0);  // as SQLite was built: files
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
  EXPECT_EQ(Number(*connection, "PRAGMA temp_store"), 2);  // MEMORY
  ASSERT_TRUE(connection->Run(std::string(database_->dialect().before_migration)).ok());
  EXPECT_EQ(Number(*connection, "PRAGMA temp_store"), 1);  // FILE
  connection->Rollback();
}

TEST_F(SqliteTest, ParametersGoByTheirNumbersNotByTheirOrder) {
  auto connection = Connect();
  std::string text;
  for (int i = 0; i < 2; ++i) {  // also when the statement is used again
    ASSERT_TRUE(connection
                    ->Run("SELECT $2 || '-' || $1 || '-' || $2",
                          {absl::string_view("a"), absl::string_view("b")},
                          [&](const sql::Row& row) { text = std::string(row.Text(0)); })
                    .ok());
    EXPECT_EQ(text, "b-a-b");
  }
  EXPECT_FALSE(connection->Run("SELECT $1", {std::int64_t{1}, std::int64_t{2}}).ok());
}

TEST_F(SqliteTest, AFullDatabaseIsUnavailableAndNothingIsHalfWritten) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a BLOB)").ok());
  ASSERT_TRUE(connection->Run("PRAGMA max_page_count = 20").ok());
  const std::string bytes(4096, 'x');
  absl::Status status = connection->Begin(sql::TransactionMode::kWrite);
  for (int i = 0; i < 100 && status.ok(); ++i)
    status = connection->Run("INSERT INTO t VALUES ($1)", {sql::Blob{bytes}});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  connection->Rollback();
  EXPECT_FALSE(connection->InTransaction());
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(SqliteTest, AReadOnlyDatabaseIsUnavailableForWritingOnly) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER)").ok());
  ASSERT_TRUE(connection->Run("PRAGMA query_only = ON").ok());
  EXPECT_TRUE(absl::IsUnavailable(connection->Run("INSERT INTO t VALUES (1)")));
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

// Without the checkpoints of the other thread nothing would be copied before the log is four times as long.
TEST_F(SqliteTest, CopiesALongLogIntoTheDatabaseBesideTheCommits) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a BLOB)").ok());
  const std::string bytes(40 << 20, 'x');
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ($1)", {sql::Blob{bytes}}).ok());
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (std::filesystem::file_size(path_) < bytes.size() && absl::Now() < deadline)
    absl::SleepFor(absl::Milliseconds(5));
  EXPECT_GE(std::filesystem::file_size(path_), bytes.size());
}

TEST_F(SqliteTest, BoundsTheLogOfCommitsThatFollowEachOther) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a BLOB)").ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ('')").ok());
  const std::string bytes(16 << 20, 'x');
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(connection->Run("UPDATE t SET a = $1", {sql::Blob{bytes}}).ok());
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 280u << 20);
}

TEST_F(SqliteTest, RefusesAFileThatIsNotItsOwn) {
  std::ofstream(path_)
      << "This is no database, but a letter of more than a hundred bytes to whoever may open it one day, "
         "kept in the wrong folder.";
  EXPECT_FALSE(sql::OpenSqlite(path_).ok());
}

TEST_F(SqliteTest, RefusesTheDatabaseOfAnotherApplication) {
  { Connect()->Run("PRAGMA application_id = 42").IgnoreError(); }
  EXPECT_EQ(sql::OpenSqlite(path_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteTest, SaysThatAFolderIsMissing) {
  EXPECT_TRUE(absl::IsUnavailable(sql::OpenSqlite(folder_.File("no/such.sqlite")).status()));
}

}  // namespace
}  // namespace broadsheet::article
