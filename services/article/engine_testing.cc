#include "services/article/engine_testing.h"

#include "absl/strings/str_cat.h"
#include "services/article/postgres.h"
#include "services/article/sqlite.h"

namespace broadsheet::article {
namespace {

const char* Name(Engine engine) { return engine == Engine::kSqlite ? "Sqlite" : "Postgres"; }

}  // namespace

void PrintTo(Engine engine, std::ostream* out) { *out << Name(engine); }

std::string EngineName(const testing::TestParamInfo<Engine>& engine) { return Name(engine.param); }

TestDatabase::TestDatabase(Engine engine) {
  if (engine == Engine::kPostgres) address_ = test::RealPostgres::Shared().NewDatabase();
}

TestDatabase::TestDatabase(test::RealPostgres& server) : address_(server.NewDatabase()) {}

absl::StatusOr<std::unique_ptr<sql::Database>> TestDatabase::Open() const {
  if (address_.empty()) return sql::OpenSqlite(folder_.File("article.sqlite"));
  return sql::OpenPostgres(address_);
}

std::unique_ptr<sql::Connection> TestDatabase::Connect() const {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr) {
    auto database = Open();
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }
  auto connection = database_->Connect();
  EXPECT_TRUE(connection.ok()) << connection.status();
  return *std::move(connection);
}

std::string TestDatabase::flags() const {
  if (address_.empty()) return absl::StrCat("--data=", folder_.path());
  return absl::StrCat("'--database=", address_, "' --replica_timeout=1s");
}

void UndoSchemasFrom5(Engine engine, sql::Connection& connection) {
  if (engine == Engine::kSqlite) {  // schema 6 has taken away what is not needed there
    EXPECT_TRUE(connection.Run("CREATE INDEX public_entry_by_story ON public_entry (article_id)").ok());
  } else {
    for (const char* trigger : {"public_entry_added", "public_story_urgency"})
      EXPECT_TRUE(connection.Run(absl::StrCat("DROP FUNCTION ", trigger, " CASCADE")).ok());
  }
  for (const char* statement :
       {"ALTER TABLE public_story DROP COLUMN body_revision", "DROP INDEX public_entry_by_section",
        "DROP INDEX public_entry_urgent", "ALTER TABLE public_entry DROP COLUMN section",
        "ALTER TABLE public_entry DROP COLUMN urgency", "DROP TABLE curation"}) {
    const absl::Status run = connection.Run(statement);
    EXPECT_TRUE(run.ok()) << statement << ": " << run;
  }
}

}  // namespace broadsheet::article
