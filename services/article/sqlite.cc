#include "services/article/sqlite.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace broadsheet::article::sql {
namespace {

constexpr int kBusyMillis = 5000;
// Two pages hold a story of usual length with what is about it; fewer, larger pages are found and written
// with less work than those of 4 KiB.
constexpr int kPageBytes = 8192;
// Of the connection that writes, in KiB: enough for the pages of the indices that commits of many stories
// change again and again, and for what else such a commit writes, which would go to the log twice otherwise.
constexpr int kWriterCache = 64 << 10;
// How far the log grows until its pages are copied into the database, beside the commits: the farther, the
// more often a page that has changed several times is copied once.
constexpr int kCheckpointBytes = 32 << 20;
// And until a commit waits for it: where one follows the other, the log can begin anew at no other time.
constexpr int kLogBytes = 128 << 20;
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

// A statement, and which of its parameters is which: SQLite numbers them in the order in which they first
// appear, whatever they are called.
class PreparedStatement {
 public:
  PreparedStatement(const SQLite::Database& database, const std::string& text) : statement_(database, text) {
    for (int number = 1; number <= statement_.getBindParameterCount(); ++number)
      indices_.push_back(statement_.getIndex(absl::StrCat("$", number).c_str()));
  }

  // Blobs are not copied: they must live until the next Clear.
  void Bind(const std::vector<Value>& parameters) {
    if (texts_.size() < parameters.size()) texts_.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const int index = i < indices_.size() ? indices_[i] : 0;  // 0 is an error of the engine's
      if (const auto* number = std::get_if<std::int64_t>(&parameters[i])) {
        statement_.bind(index, *number);
      } else if (const auto* text = std::get_if<absl::string_view>(&parameters[i])) {
        texts_[i].assign(text->data(), text->size());
        statement_.bindNoCopy(index, texts_[i]);
      } else if (const auto* blob = std::get_if<Blob>(&parameters[i])) {
        const char* bytes = blob->bytes.data() == nullptr ? "" : blob->bytes.data();
        statement_.bindNoCopy(index, static_cast<const void*>(bytes), static_cast<int>(blob->bytes.size()));
      } else {
        statement_.bind(index);
      }
    }
  }

  void Clear() {
    statement_.reset();
    statement_.clearBindings();
  }

  // After an error, which reset would report once more.
  void Abandon() {
    statement_.tryReset();
    statement_.clearBindings();
  }

  SQLite::Statement& statement() { return statement_; }

 private:
  SQLite::Statement statement_;
  std::vector<int> indices_;        // of $1, $2, …
  std::vector<std::string> texts_;  // what is bound, in memory that is used again
};

// Copies what is in the log into the database, on a thread of its own, so that editors need not wait for it.
// What goes wrong is not told: the log is kept, and is copied by a later one, or by a commit once it is long.
class Checkpoints {
 public:
  explicit Checkpoints(std::string path) : path_(std::move(path)), thread_([this] { Run(); }) {}
  ~Checkpoints() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Begin() {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = true;
    }
    changed_.notify_all();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return wanted_ || stopping_; });
      if (stopping_) return;
      wanted_ = false;
      lock.unlock();
      Copy();
      lock.lock();
    }
  }

  void Copy() {
    try {
      if (database_ == nullptr) {
        auto database =
            std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
        database->exec("PRAGMA synchronous = FULL");
        database->execAndGet("SELECT COUNT(*) FROM sqlite_master");  // finds the log
        database_ = std::move(database);
      }
      sqlite3_wal_checkpoint_v2(database_->getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    } catch (const SQLite::Exception& /*error*/) {
    }
  }

  const std::string path_;
  std::unique_ptr<SQLite::Database> database_;  // of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;  // the last: it uses the others
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const std::string& path, std::shared_ptr<Checkpoints> checkpoints)
      : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, kBusyMillis),
        checkpoints_(std::move(checkpoints)) {
    sqlite3_extended_result_codes(database_.getHandle(), 1);
    database_.exec(absl::StrCat("PRAGMA page_size = ", kPageBytes));  // of a file that is new
    UseWriteAheadLog();
    database_.exec("PRAGMA synchronous = FULL");
    database_.exec(absl::StrCat("PRAGMA journal_size_limit = ", kLogBytes + kLogBytes / 8));
    database_.exec("PRAGMA foreign_keys = ON");
    database_.exec("PRAGMA cache_size = -16000");
    page_bytes_ = database_.execAndGet("PRAGMA page_size").getInt();  // 4 KiB in older files
    sqlite3_wal_hook(database_.getHandle(), AfterCommit, this);
    database_.exec("PRAGMA trusted_schema = OFF");
  }

  using Connection::Run;
  absl::Status Run(absl::string_view text, const std::vector<Value>& parameters,
                   absl::FunctionRef<void(const Row&)> on_row) override {
    PreparedStatement* prepared = nullptr;
    try {
      prepared = &Prepare(text);
      prepared->Bind(parameters);
      const SqliteRow row(prepared->statement());
      while (prepared->statement().executeStep()) on_row(row);
      prepared->Clear();
      return absl::OkStatus();
    } catch (const SQLite::Exception& error) {
      const absl::Status status = ToStatus(error);
      if (prepared != nullptr) prepared->Abandon();
      return status;
    }
  }

  absl::Status Begin(TransactionMode mode) override {
    if (mode == TransactionMode::kRead) return Run("BEGIN");
    if (!std::exchange(writes_, true)) {
      absl::Status set = Run(absl::StrCat("PRAGMA cache_size = -", kWriterCache));
      set.Update(Run("PRAGMA temp_store = MEMORY"));  // what savepoints go back to, a few KiB a story
      if (!set.ok()) return set;
    }
    return Run("BEGIN IMMEDIATE");
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
  static int AfterCommit(void* self, sqlite3* handle, const char* schema, int pages) {
    auto& connection = *static_cast<SqliteConnection*>(self);
    const std::int64_t bytes = std::int64_t{pages} * connection.page_bytes_;
    if (bytes >= kLogBytes) {
      // Busy if the other thread is at it; then the next commit does it.
      sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    } else if (bytes >= kCheckpointBytes) {
      connection.checkpoints_->Begin();
    }
    return SQLITE_OK;
  }

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

  PreparedStatement& Prepare(absl::string_view text) {
    auto prepared = statements_.find(text);
    if (prepared == statements_.end()) {
      PreparedStatement statement(database_,
                                  std::string(text));  // throws, which must not leave half an entry
      prepared = statements_.emplace(std::string(text), std::move(statement)).first;
    }
    return prepared->second;
  }

  bool writes_ = false;
  int page_bytes_ = 0;
  SQLite::Database database_;
  const std::shared_ptr<Checkpoints> checkpoints_;
  // After database_: finalized before it closes.
  absl::node_hash_map<std::string, PreparedStatement> statements_;
};

std::vector<std::string> MakeTrigger(absl::string_view name, absl::string_view when, absl::string_view body) {
  return {absl::StrCat("CREATE TRIGGER ", name, " ", when, " BEGIN ", body, "; END")};
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path)
      : path_(std::move(path)), checkpoints_(std::make_shared<Checkpoints>(path_)) {}

  const Dialect& dialect() const override {
    static const Dialect* const dialect = new Dialect{.integer_type = "INTEGER",
                                                      .blob_type = "BLOB",
                                                      .text_type = "TEXT",
                                                      .shared = false,
                                                      .before_migration = "PRAGMA temp_store = FILE",
                                                      .clustered = " WITHOUT ROWID",
                                                      .trigger = MakeTrigger};
    return *dialect;
  }

  absl::StatusOr<std::unique_ptr<Connection>> Connect() override {
    try {
      return std::make_unique<SqliteConnection>(path_, checkpoints_);
    } catch (const SQLite::Exception& error) {
      return ToStatus(error);
    }
  }

 private:
  const std::string path_;
  const std::shared_ptr<Checkpoints> checkpoints_;  // connections may live longer than this
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
  // Nobody asks how much memory SQLite has, so its threads need not wait for each other to count it. Refused,
  // which is harmless, once SQLite is in use.
  static const int configured [[maybe_unused]] = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  auto database = std::make_unique<SqliteDatabase>(path);
  auto connection = database->Connect();
  if (!connection.ok()) return connection.status();
  if (absl::Status claimed = ClaimFile(**connection); !claimed.ok()) return claimed;
  return database;
}

}  // namespace broadsheet::article::sql
