// What the store relies on in every engine.
#include "services/article/sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/article/engine_testing.h"
#include "services/article/sql_schema.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;

class SqlTest : public testing::TestWithParam<Engine> {
 protected:
  static std::int64_t Number(sql::Connection& connection, absl::string_view statement) {
    std::int64_t number = -1;
    EXPECT_TRUE(connection.Run(statement, {}, [&](const sql::Row& row) { number = row.Int64(0); }).ok());
    return number;
  }
  sql::Dialect Words() { return (*database_.Open())->dialect(); }
  absl::StatusOr<LogIdentity> Prepare() { return PrepareSchema(**database_.Open()); }

  const TestDatabase database_{GetParam()};
};

TEST_P(SqlTest, BindsAndReadsEveryKindOfValue) {
  auto connection = database_.Connect();
  const sql::Dialect words = Words();
  ASSERT_TRUE(connection
                  ->Run(absl::StrCat("CREATE TABLE t (a ", words.integer_type, ", b ", words.text_type,
                                     ", c ", words.blob_type, ", d ", words.integer_type, ")"))
                  .ok());
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

TEST_P(SqlTest, SaysWhatKindOfErrorItIs) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE)").ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (1, 'x')").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(connection->Run("INSERT INTO t VALUES (1, 'y')")));
  EXPECT_TRUE(absl::IsAlreadyExists(connection->Run("INSERT INTO t VALUES (2, 'x')")));
  EXPECT_TRUE(absl::IsFailedPrecondition(connection->Run("INSERT INTO t VALUES (2, NULL)")));
  EXPECT_TRUE(absl::IsInternal(connection->Run("SELECT nonsense")));
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 1);
}

TEST_P(SqlTest, ReadsKeepTheirSnapshotWhileOthersWrite) {
  auto writer = database_.Connect();
  ASSERT_TRUE(writer->Run("CREATE TABLE t (a INTEGER)").ok());
  auto reader = database_.Connect();
  ASSERT_TRUE(reader->Begin(sql::TransactionMode::kRead).ok());
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 0);
  ASSERT_TRUE(writer->Run("INSERT INTO t VALUES (1)").ok());
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 0);
  reader->Rollback();
  EXPECT_EQ(Number(*reader, "SELECT COUNT(*) FROM t"), 1);
}

TEST_P(SqlTest, PreparesTheSchemaOnce) {
  auto connection = database_.Connect();
  auto first = Prepare();
  ASSERT_TRUE(first.ok()) << first.status();
  auto second = Prepare();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->log_id, second->log_id);
  EXPECT_EQ(first->token_key, second->token_key);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM log"), 1);
}

TEST_P(SqlTest, BringsTheDatabaseOfAnOlderProgramUpToDate) {
  auto connection = database_.Connect();
  ASSERT_TRUE(Prepare().ok());
  const std::int64_t version = Number(*connection, "SELECT version FROM schema_version");
  UndoSchemasFrom5(GetParam(), *connection);
  for (const char* statement : {"DROP TABLE past_story", "DROP TABLE reserved_path",
                                "UPDATE schema_version SET version = 1, usable_by = 1"}) {
    ASSERT_TRUE(connection->Run(statement).ok()) << statement;
  }
  ASSERT_TRUE(Prepare().ok());
  EXPECT_EQ(Number(*connection, "SELECT version FROM schema_version"), version);
  EXPECT_EQ(Number(*connection, "SELECT usable_by FROM schema_version"),
            GetParam() == Engine::kSqlite ? 6 : 1)
      << "during a rolling upgrade, which there is on PostgreSQL only";
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM past_story"), 0);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM reserved_path"), 0);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM log"), 1);
}

TEST_P(SqlTest, TakesAwayWhatAnEditorWithdrewWithAnOlderProgram) {
  auto connection = database_.Connect();
  ASSERT_TRUE(Prepare().ok());
  UndoSchemasFrom5(GetParam(), *connection);
  for (const char* statement :
       {"INSERT INTO story VALUES ('a', 6, 0, 0, '', 0, NULL, 0, 0, 0)",
        "INSERT INTO revision SELECT 'a', 2, 0, 'publish', '', 0, token_key, token_key FROM log",
        "INSERT INTO revision SELECT 'a', 4, 0, 'withhold', '', 0, token_key, token_key FROM log",
        "INSERT INTO past_story SELECT 'a', 2, token_key, token_key FROM log",
        "INSERT INTO past_story SELECT 'a', 5, token_key, token_key FROM log",
        "UPDATE schema_version SET version = 3, usable_by = 1"}) {
    const absl::Status run = connection->Run(statement);
    ASSERT_TRUE(run.ok()) << statement << ": " << run;
  }
  ASSERT_TRUE(Prepare().ok());
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM past_story"), 1);
  EXPECT_EQ(Number(*connection, "SELECT revision FROM past_story"), 5);
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM revision"), 2);
}

TEST_P(SqlTest, WorksWithTheSchemaOfANewerProgramIfThatAllowsIt) {
  auto connection = database_.Connect();
  ASSERT_TRUE(Prepare().ok());
  ASSERT_TRUE(connection->Run("UPDATE schema_version SET version = 99").ok());
  EXPECT_TRUE(Prepare().ok());
  EXPECT_EQ(Number(*connection, "SELECT version FROM schema_version"), 99);
  ASSERT_TRUE(connection->Run("UPDATE schema_version SET usable_by = 98").ok());
  EXPECT_EQ(Prepare().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(SqlTest, KeepsTheLargestAndTheSmallestNumber) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run(absl::StrCat("CREATE TABLE t (a ", Words().integer_type, ")")).ok());
  const std::vector<std::int64_t> numbers = {std::numeric_limits<std::int64_t>::min(), -1, 0,
                                             std::numeric_limits<std::int64_t>::max()};
  for (const std::int64_t number : numbers) {
    ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ($1)", {number}).ok());
  }
  std::vector<std::int64_t> read;
  ASSERT_TRUE(
      connection
          ->Run("SELECT a FROM t ORDER BY a", {}, [&](const sql::Row& row) { read.push_back(row.Int64(0)); })
          .ok());
  EXPECT_EQ(read, numbers);
}

TEST_P(SqlTest, KeepsBytesOfAnySize) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run(absl::StrCat("CREATE TABLE t (a ", Words().blob_type, ")")).ok());
  std::string bytes;
  for (int i = 0; i < 5'000'000; ++i) bytes.push_back(static_cast<char>(i * 7 % 256));
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ($1)", {sql::Blob{bytes}}).ok());
  std::string read;
  ASSERT_TRUE(
      connection->Run("SELECT a FROM t", {}, [&](const sql::Row& row) { read = std::string(row.Text(0)); })
          .ok());
  EXPECT_TRUE(read == bytes);
}

TEST_P(SqlTest, OrdersTextByItsBytes) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run(absl::StrCat("CREATE TABLE t (a ", Words().text_type, ")")).ok());
  for (const char* text : {"b", "é", "a-c", "B", "ab", "a"}) {
    ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ($1)", {absl::string_view(text)}).ok());
  }
  std::vector<std::string> read;
  ASSERT_TRUE(connection
                  ->Run("SELECT a FROM t WHERE a < $1 ORDER BY a", {absl::string_view("\x7F")},
                        [&](const sql::Row& row) { read.emplace_back(row.Text(0)); })
                  .ok());
  EXPECT_THAT(read, ElementsAre("B", "a", "a-c", "ab", "b"));
}

TEST_P(SqlTest, ATextWithANulIsNoneThatIsStored) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run(absl::StrCat("CREATE TABLE t (a ", Words().text_type, " NOT NULL)")).ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES ($1)", {absl::string_view("wall")}).ok());
  int rows = 0;
  ASSERT_TRUE(connection
                  ->Run("SELECT a FROM t WHERE a = $1", {absl::string_view("wall\0", 5)},
                        [&](const sql::Row&) { ++rows; })
                  .ok());
  EXPECT_EQ(rows, 0);
}

TEST_P(SqlTest, AStatementThatFailsIsUndoneToTheSavepoint) {
  auto connection = database_.Connect();
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER PRIMARY KEY)").ok());
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
  EXPECT_TRUE(connection->InTransaction());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (1)").ok());
  ASSERT_TRUE(connection->Run("SAVEPOINT edit").ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (2)").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(connection->Run("INSERT INTO t VALUES (1)")));
  ASSERT_TRUE(connection->InTransaction());
  ASSERT_TRUE(connection->Run("ROLLBACK TO SAVEPOINT edit").ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (3)").ok());
  ASSERT_TRUE(connection->Commit().ok());
  EXPECT_FALSE(connection->InTransaction());
  EXPECT_EQ(Number(*connection, "SELECT SUM(a * a) < 11 AND COUNT(*) = 2 FROM t"), 1);
}

TEST_P(SqlTest, WritersTakeTurnsAndSeeWhatWasCommittedBefore) {
  ASSERT_TRUE(database_.Connect()->Run("CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY)").ok());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&] {
      auto connection = database_.Connect();
      for (int i = 0; i < 25; ++i) {
        ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
        ASSERT_TRUE(connection->Run("INSERT INTO t SELECT COALESCE(MAX(a), 0) + 1 FROM t").ok());
        ASSERT_TRUE(connection->Commit().ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  auto connection = database_.Connect();
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 100);
  EXPECT_EQ(Number(*connection, "SELECT MAX(a) FROM t"), 100);
}

TEST_P(SqlTest, ReplicasThatStartTogetherPrepareTheSchemaOnce) {
  std::vector<std::thread> replicas;
  std::vector<std::string> log_ids(4);
  for (std::string& log_id : log_ids) {
    replicas.emplace_back([&] {
      auto identity = Prepare();
      ASSERT_TRUE(identity.ok()) << identity.status();
      log_id = identity->log_id;
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(std::count(log_ids.begin(), log_ids.end(), log_ids[0]), 4);
  EXPECT_EQ(Number(*database_.Connect(), "SELECT COUNT(*) FROM log"), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, SqlTest, AllEngines(), EngineName);

}  // namespace
}  // namespace broadsheet::article
