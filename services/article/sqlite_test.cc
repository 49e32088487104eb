#include "services/article/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/article/sql_schema.h"

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

TEST_F(SqliteTest, BindsAndReadsEveryKindOfValue) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d INTEGER)").ok());
  const std::string bytes("\0\xFF\0", 3);
  ASSERT_TRUE(connection
                  ->Run("INSERT INTO t (d, c, b, a) VALUES ($4, $3, $2, $1)",
                        {std::int64_t{-5}, absl::string_view("héllo"), sql::Blob{bytes}, sql::Null{}})
                  .ok());
  ASSERT_TRUE(
      connection
          ->Run("INSERT INTO t VALUES ($1, $2, $3, $1)", {std::int64_t{7}, absl::string_view(), sql::Blob{}})
          .ok());
  int rows = 0;
  ASSERT_TRUE(connection
                  ->Run("SELECT a, b, c, d FROM t ORDER BY a", {},
                        [&](const sql::Row& row) {
                          if (rows++ == 0) {
                            EXPECT_EQ(row.Int64(0), -5);
                            EXPECT_EQ(row.Text(1), "héllo");
                            EXPECT_EQ(std::string(row.Text(2)), bytes);
                            EXPECT_TRUE(row.IsNull(3));
                          } else {
                            EXPECT_EQ(row.Text(1), "");
                            EXPECT_FALSE(row.IsNull(2));
                            EXPECT_EQ(row.Int64(3), 7);
                          }
                        })
                  .ok());
  EXPECT_EQ(rows, 2);
}

TEST_F(SqliteTest, SaysWhatKindOfErrorItIs) {
  auto connection = Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE)").ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (1, 'x')").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(connection->Run("INSERT INTO t VALUES (1, 'y')")));
  EXPECT_TRUE(absl::IsAlreadyExists(connection->Run("INSERT INTO t VALUES (2, 'x')")));
  EXPECT_TRUE(absl::IsFailedPrecondition(connection->Run("INSERT INTO t VALUES (2, NULL)")));
  EXPECT_TRUE(absl::IsInternal(connection->Run("SELECT nonsense")));
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 1);
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

TEST_F(SqliteTest, ReadsKeepTheirSnapshotWhileOthersWrite) {
  auto writer = Connect();
  ASSERT_TRUE(writer->Run("CREATE TABLE t (a INTEGER)").ok());
  auto reader = *database_->Connect();
  ASSERT_TRUE(reader->Begin(sql::TransactionMode::kRead).ok());
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 0);
  ASSERT_TRUE(writer->Run("INSERT INTO t VALUES (1)").ok());
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 0);
  reader->Rollback();
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 1);
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

TEST_F(SqliteTest, PreparesTheSchemaOnce) {
  auto connection = Connect();
  auto first = PrepareSchema(*database_);
  ASSERT_TRUE(first.ok()) << first.status();
  auto second = PrepareSchema(*database_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->log_id, second->log_id);
  EXPECT_EQ(first->token_key, second->token_key);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM log"), 1);
}

TEST_F(SqliteTest, BringsTheDatabaseOfAnOlderProgramUpToDate) {
  auto connection = Connect();
  ASSERT_TRUE(PrepareSchema(*database_).ok());
  const std::int64_t version = Number(*connection, "SELECT version FROM schema_version");
  for (const char* statement : {"DROP TABLE past_story", "DROP TABLE reserved_path",
                                "UPDATE schema_version SET version = 1, usable_by = 1"}) {
    ASSERT_TRUE(connection->Run(statement).ok()) << statement;
  }
  ASSERT_TRUE(PrepareSchema(*database_).ok());
  EXPECT_EQ(Number(*connection, "SELECT version FROM schema_version"), version);
  EXPECT_EQ(Number(*connection, "SELECT usable_by FROM schema_version"), 1) << "during a rolling upgrade";
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM past_story"), 0);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM reserved_path"), 0);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM log"), 1);
}

TEST_F(SqliteTest, WorksWithTheSchemaOfANewerProgramIfThatAllowsIt) {
  auto connection = Connect();
  ASSERT_TRUE(PrepareSchema(*database_).ok());
  ASSERT_TRUE(connection->Run("UPDATE schema_version SET version = 99").ok());
  EXPECT_TRUE(PrepareSchema(*database_).ok());
  EXPECT_EQ(Number(*connection, "SELECT version FROM schema_version"), 99);
  ASSERT_TRUE(connection->Run("UPDATE schema_version SET usable_by = 98").ok());
  EXPECT_EQ(PrepareSchema(*database_).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace broadsheet::article
