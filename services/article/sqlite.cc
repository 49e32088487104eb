#include "services/article/sqlite.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace broadsheet::article::sql {
namespace {

constexpr int kBusyMillis = 5000;
constexpr int kApplicationId = 0x42534154;  // "BSAT"

absl::Status ToStatus(const SQLite::Exception& error) {
  const std::string message = absl::StrCat("sqlite: ", error.what());
  switch (error.getErrorCode() & 0xFF) {  // the rest of an extended code says more than is needed
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return absl::UnavailableError(message);
    case SQLITE_CONSTRAINT:
      if (error.getExtendedErrorCode() == SQLITE_CONSTRAINT_UNIQUE ||
          error.getExtendedErrorCode() == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return absl::AlreadyExistsError(message);
      }
      return absl::FailedPreconditionError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message);
    default:
      return absl::InternalError(message);
  }
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(SQLite::Statement& statement) : statement_(statement) {}
  bool IsNull(int column) const override { return statement_.isColumnNull(column); }
  std::int64_t Int64(int column) const override { return statement_.getColumn(column).getInt64(); }
  absl::string_view Text(int column) const override {
    const SQLite::Column value = statement_.getColumn(column);
    const auto* bytes = static_cast<const char*>(value.getBlob());
    return {bytes, static_cast<std::size_t>(value.getBytes())};
  }

 private:
  SQLite::Statement& statement_;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(const std::string& path)
      : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, kBusyMillis) {
    sqlite3_extended_result_codes(database_.getHandle(), 1);
    UseWriteAheadLog();
    database_.exec("PRAGMA synchronous = FULL");
    database_.exec("PRAGMA journal_size_limit = 67108864");
    database_.exec("PRAGMA foreign_keys = ON");
    database_.exec("PRAGMA cache_size = -16000");
    database_.exec("PRAGMA trusted_schema = OFF");
  }

  using Connection::Run;
  absl::Status Run(absl::string_view text, const std::vector<Value>& parameters,
                   absl::FunctionRef<void(const Row&)> on_row) override {
    try {
      SQLite::Statement& statement = Prepare(text);
      Bind(parameters, statement);
      const SqliteRow row(statement);
      while (statement.executeStep()) on_row(row);
      statement.reset();
      statement.clearBindings();
      return absl::OkStatus();
    } catch (const SQLite::Exception& error) {
      if (auto prepared = statements_.find(text); prepared != statements_.end()) {
        prepared->second.tryReset();
      }
      return ToStatus(error);
    }
  }

  absl::Status Begin(TransactionMode mode) override {
    return Run(mode == TransactionMode::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
  }

  absl::Status Commit() override {
    absl::Status committed = Run("COMMIT");
    if (!committed.ok()) Rollback();
    return committed;
  }

  void Rollback() override {
    if (InTransaction()) Run("ROLLBACK").IgnoreError();
  }

  bool InTransaction() const override { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

 private:
  // Needs a new file for itself for a moment; SQLite does not wait for that as it does for other locks.
  void UseWriteAheadLog() {
    const absl::Time deadline = absl::Now() + absl::Milliseconds(kBusyMillis);
    for (;;) {
      try {
        database_.exec("PRAGMA journal_mode = WAL");
        return;
      } catch (const SQLite::Exception& error) {
        if (error.getErrorCode() != SQLITE_BUSY || absl::Now() > deadline) throw;
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  SQLite::Statement& Prepare(absl::string_view text) {
    auto prepared = statements_.find(text);
    if (prepared == statements_.end()) {
      std::string key(text);
      SQLite::Statement statement(database_, key);
      prepared = statements_.emplace(std::move(key), std::move(statement)).first;
    }
    return prepared->second;
  }

  static void Bind(const std::vector<Value>& parameters, SQLite::Statement& statement) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const int index = statement.getIndex(absl::StrCat("$", i + 1).c_str());
      if (const auto* number = std::get_if<std::int64_t>(&parameters[i])) {
        statement.bind(index, *number);
      } else if (const auto* text = std::get_if<absl::string_view>(&parameters[i])) {
        statement.bind(index, std::string(*text));
      } else if (const auto* blob = std::get_if<Blob>(&parameters[i])) {
        const char* bytes = blob->bytes.data() == nullptr ? "" : blob->bytes.data();
        statement.bindNoCopy(index, static_cast<const void*>(bytes), static_cast<int>(blob->bytes.size()));
      } else {
        statement.bind(index);
      }
    }
  }

  SQLite::Database database_;
  std::map<std::string, SQLite::Statement, std::less<>>
      statements_;  // after database_: finalized before it closes
};

std::vector<std::string> MakeTrigger(absl::string_view name, absl::string_view when, absl::string_view body) {
  return {absl::StrCat("CREATE TRIGGER ", name, " ", when, " BEGIN ", body, "; END")};
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  const Dialect& dialect() const override {
    static const Dialect* const dialect = new Dialect{.integer_type = "INTEGER",
                                                      .blob_type = "BLOB",
                                                      .text_type = "TEXT",
                                                      .clustered = " WITHOUT ROWID",
                                                      .trigger = MakeTrigger};
    return *dialect;
  }

  absl::StatusOr<std::unique_ptr<Connection>> Connect() override {
    try {
      return std::make_unique<SqliteConnection>(path_);
    } catch (const SQLite::Exception& error) {
      return ToStatus(error);
    }
  }

 private:
  const std::string path_;
};

// Marks the file as ours, or finds that it is somebody else's.
absl::Status ClaimFile(Connection& connection) {
  std::int64_t application_id = 0;
  std::int64_t tables = 0;
  if (absl::Status begun = connection.Begin(TransactionMode::kWrite); !begun.ok()) return begun;
  absl::Status claimed =
      connection.Run("PRAGMA application_id", {}, [&](const Row& row) { application_id = row.Int64(0); });
  claimed.Update(connection.Run("SELECT COUNT(*) FROM sqlite_master", {},
                                [&](const Row& row) { tables = row.Int64(0); }));
  if (claimed.ok() && application_id != kApplicationId) {
    if (application_id != 0 || tables != 0) {
      claimed = absl::FailedPreconditionError("the file is the database of another application");
    } else {
      claimed = connection.Run(absl::StrCat("PRAGMA application_id = ", kApplicationId));
    }
  }
  if (claimed.ok()) return connection.Commit();
  connection.Rollback();
  return claimed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path) {
  auto database = std::make_unique<SqliteDatabase>(path);
  auto connection = database->Connect();
  if (!connection.ok()) return connection.status();
  if (absl::Status claimed = ClaimFile(**connection); !claimed.ok()) return claimed;
  return database;
}

}  // namespace broadsheet::article::sql
