#include "services/article/postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/testing/real_postgres.h"
#include "services/article/engine_testing.h"
#include "services/article/sql_schema.h"

namespace broadsheet::article {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(sql::Connection& connection, absl::string_view statement) {
  std::string text;
  const absl::Status read =
      connection.Run(statement, {}, [&](const sql::Row& row) { text = std::string(row.Text(0)); });
  EXPECT_TRUE(read.ok()) << read;
  return text;
}

std::int64_t Number(sql::Connection& connection, absl::string_view statement) {
  std::int64_t number = -1;
  const absl::Status read =
      connection.Run(statement, {}, [&](const sql::Row& row) { number = row.Int64(0); });
  EXPECT_TRUE(read.ok()) << read;
  return number;
}

class PostgresTest : public testing::Test {
 protected:
  // So that the database counts as the article service's, whatever tables a test adds.
  void SetUp() override { ASSERT_TRUE(PrepareSchema(**sql::OpenPostgres(address_)).ok()); }

  std::unique_ptr<sql::Connection> Connect(const sql::PostgresOptions& options = {}) {
    auto database = sql::OpenPostgres(address_, options);
    EXPECT_TRUE(database.ok()) << database.status();
    auto connection = (*database)->Connect();
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }
  static std::int64_t ProcessOf(sql::Connection& connection) {
    return Number(connection, "SELECT pg_backend_pid()");
  }

  test::RealPostgres& server_ = test::RealPostgres::Shared();
  const std::string address_ = server_.NewDatabase();
};

TEST_F(PostgresTest, SyncsEveryCommitToDiskWhateverTheDefault) {
  server_.Command("ALTER ROLE postgres SET synchronous_commit = off");
  EXPECT_EQ(Text(*Connect(), "SELECT current_setting('synchronous_commit')"), "on");
  server_.Command("ALTER ROLE postgres SET synchronous_commit = remote_apply");
  EXPECT_EQ(Text(*Connect(), "SELECT current_setting('synchronous_commit')"), "remote_apply");
  server_.Command("ALTER ROLE postgres RESET synchronous_commit");
}

TEST_F(PostgresTest, AStatementThatTakesTooLongIsUnavailable) {
  auto connection = Connect({.statement_timeout = absl::Milliseconds(100)});
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER)").ok());
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (1)").ok());
  EXPECT_TRUE(absl::IsUnavailable(connection->Run("SELECT pg_sleep(20)")));
  // COMMIT makes a rollback of what has failed, and must not say it were a commit.
  EXPECT_FALSE(connection->Commit().ok());
  EXPECT_FALSE(connection->InTransaction());
  EXPECT_EQ(Number(*connection, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(PostgresTest, AWriterDoesNotWaitForAnotherForEver) {
  auto first = Connect();
  auto second = Connect({.lock_timeout = absl::Milliseconds(100)});
  ASSERT_TRUE(first->Begin(sql::TransactionMode::kWrite).ok());
  EXPECT_TRUE(absl::IsUnavailable(second->Begin(sql::TransactionMode::kWrite)));
  EXPECT_FALSE(second->InTransaction());
  ASSERT_TRUE(second->Begin(sql::TransactionMode::kRead).ok());
  second->Rollback();
  first->Rollback();
  EXPECT_TRUE(second->Begin(sql::TransactionMode::kWrite).ok());
}

TEST_F(PostgresTest, AServerThatDoesNotAnswerIsGivenUpAndTheConnectionReplaced) {
  auto connection = Connect({.answer_timeout = absl::Milliseconds(300)});
  const auto process = static_cast<pid_t>(ProcessOf(*connection));
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kRead).ok());
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  const absl::Time begun = absl::Now();
  EXPECT_TRUE(absl::IsUnavailable(connection->Run("SELECT 1")));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));
  EXPECT_FALSE(connection->InTransaction());
  EXPECT_TRUE(absl::IsUnavailable(connection->Run("SELECT 1")));  // not outside the transaction by accident
  connection->Rollback();
  EXPECT_NE(ProcessOf(*connection), process);
  kill(process, SIGCONT);
}

TEST_F(PostgresTest, OnlyASecondTransactionKnowsWhatBecameOfACommitWithoutAnAnswer) {
  auto connection = Connect({.answer_timeout = absl::Milliseconds(500)});
  ASSERT_TRUE(connection->Run("CREATE TABLE t (a INTEGER)").ok());
  const auto process = static_cast<pid_t>(ProcessOf(*connection));
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (1)").ok());
  // The statement is prepared, so that the server gets COMMIT itself and answers it too late.
  ASSERT_TRUE(connection->Commit().ok());
  ASSERT_TRUE(connection->Begin(sql::TransactionMode::kWrite).ok());
  ASSERT_TRUE(connection->Run("INSERT INTO t VALUES (2)").ok());
  ASSERT_EQ(kill(process, SIGSTOP), 0);
  EXPECT_TRUE(absl::IsUnknown(connection->Commit()));
  EXPECT_FALSE(connection->InTransaction());
  // The next writer waits until the one before is over.
  std::thread waker([&] { kill(process, SIGCONT); });
  auto other = Connect();
  ASSERT_TRUE(other->Begin(sql::TransactionMode::kWrite).ok());
  EXPECT_EQ(Number(*other, "SELECT COUNT(*) FROM t"), 2);
  waker.join();
}

TEST_F(PostgresTest, FindsItsWayBackAfterARestartOfTheServer) {
  test::RealPostgres server;
  auto database = sql::OpenPostgres(server.NewDatabase());
  ASSERT_TRUE(database.ok()) << database.status();
  auto idle = *(*database)->Connect();
  auto busy = *(*database)->Connect();
  ASSERT_TRUE(busy->Run("CREATE TABLE t (a INTEGER)").ok());
  ASSERT_TRUE(busy->Begin(sql::TransactionMode::kWrite).ok());
  ASSERT_TRUE(busy->Run("INSERT INTO t VALUES (1)").ok());
  server.Kill();
  EXPECT_TRUE(absl::IsUnavailable(busy->Run("INSERT INTO t VALUES (2)")));
  EXPECT_TRUE(absl::IsUnavailable(busy->Commit()));  // for certain: it broke before
  EXPECT_TRUE(absl::IsUnavailable(idle->Begin(sql::TransactionMode::kRead)));
  server.Start();
  EXPECT_EQ(Number(*idle, "SELECT COUNT(*) FROM t"), 0);
  EXPECT_EQ(Number(*busy, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(PostgresTest, AFullServerIsUnavailable) {
  test::RealPostgres server({"max_connections=6", "superuser_reserved_connections=3"});
  const std::string address = server.NewDatabase();
  auto database = sql::OpenPostgres(address);
  std::vector<std::unique_ptr<sql::Connection>> connections;
  absl::Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) {
    auto connection = (*database)->Connect();
    status = connection.status();
    if (connection.ok()) connections.push_back(*std::move(connection));
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(Number(*connections.front(), "SELECT 1"), 1);
}

TEST_F(PostgresTest, SaysThatThereIsNoSuchServerOrDatabase) {
  EXPECT_TRUE(absl::IsUnavailable(sql::OpenPostgres(server_.address("nowhere")).status()));
  EXPECT_TRUE(absl::IsUnavailable(sql::OpenPostgres("postgresql:///article?host=/nowhere").status()));
}

TEST_F(PostgresTest, RefusesTheDatabaseOfAnotherApplication) {
  const std::string address = server_.NewDatabase();
  EXPECT_TRUE(sql::OpenPostgres(address).ok());
  EXPECT_EQ(server_.Command("CREATE TABLE invoice (a INTEGER)", address), "CREATE TABLE");
  EXPECT_EQ(sql::OpenPostgres(address).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(PostgresTest, KnowsItsOwnDatabaseAgain) { EXPECT_TRUE(sql::OpenPostgres(address_).ok()); }

TEST_F(PostgresTest, RefusesADatabaseThatIsNotInUtf8) {
  server_.Command(
      "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0");
  EXPECT_EQ(sql::OpenPostgres(server_.address("latin")).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(PostgresTest, ShowsNoPassword) {
  auto shown = sql::DescribePostgres("postgresql://desk:hush@db.example:5433/news?sslpassword=hush");
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(*shown, "postgresql://desk@db.example:5433/news");
  for (const char* unreadable : {"postgresql://desk:hush@[db/news", "password=hush dbname", "hush"}) {
    const absl::Status status = sql::OpenPostgres(unreadable).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush")));
  }
  EXPECT_THAT(sql::OpenPostgres("postgresql://desk:hush@/nowhere?host=/nowhere").status().ToString(),
              Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace broadsheet::article
