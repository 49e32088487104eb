#ifndef BROADSHEET_SERVICES_ARTICLE_ENGINE_TESTING_H_
#define BROADSHEET_SERVICES_ARTICLE_ENGINE_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "libs/testing/real_postgres.h"
#include "libs/testing/temp_dir.h"
#include "services/article/sql.h"

namespace broadsheet::article {

// The engines that the article service runs on; what is general is tested on each:
//
//   INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, AllEngines(), EngineName);
enum class Engine { kSqlite, kPostgres };
void PrintTo(Engine engine, std::ostream* out);
inline auto AllEngines() { return testing::Values(Engine::kSqlite, Engine::kPostgres); }
std::string EngineName(const testing::TestParamInfo<Engine>& engine);

// An empty database of a test's own, to be opened as often as the test likes.
class TestDatabase {
 public:
  explicit TestDatabase(Engine engine);
  // On a server of the test's own, which must outlive this.
  explicit TestDatabase(test::RealPostgres& server);

  absl::StatusOr<std::unique_ptr<sql::Database>> Open() const;
  // A connection to it, opened once; a mistake fails the test.
  std::unique_ptr<sql::Connection> Connect() const;
  // PostgreSQL's address of it; empty: SQLite.
  const std::string& address() const { return address_; }
  // The article program's flags for it, for a shell.
  std::string flags() const;

 private:
  test::TempDir folder_;
  std::string address_;  // of PostgreSQL
  mutable std::mutex mutex_;
  mutable std::unique_ptr<sql::Database> database_;  // that Connect connects to; under mutex_
};

// Takes a prepared, empty or full, database back to what programs of schema 4 made, but for bodies that are
// kept once. Their number is the caller's to store.
void UndoSchemasFrom5(Engine engine, sql::Connection& connection);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ENGINE_TESTING_H_
