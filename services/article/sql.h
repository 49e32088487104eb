#ifndef BROADSHEET_SERVICES_ARTICLE_SQL_H_
#define BROADSHEET_SERVICES_ARTICLE_SQL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What the store needs of an SQL engine, and nothing else. One file per engine implements it; the statements
// are standard SQL with parameters `$1`, `$2`, …
//
// Errors: UNAVAILABLE: the engine cannot do it now (full or read-only disk, I/O error, busy, gone) and
// nothing was changed; ALREADY_EXISTS: a UNIQUE or PRIMARY KEY constraint; FAILED_PRECONDITION: another
// constraint; DATA_LOSS: the database is damaged; INTERNAL: a mistake in a statement; UNKNOWN, of Commit
// only: the connection broke before the answer came, so it may have been committed, or may be in a moment.
namespace broadsheet::article::sql {

struct Null {};
struct Blob {
  absl::string_view bytes;
};
// A parameter; text and blobs must live until Run returns.
using Value = std::variant<Null, std::int64_t, absl::string_view, Blob>;

// A row of a result, valid during the callback it is given to. Views end with it.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual std::int64_t Int64(int column) const = 0;
  virtual absl::string_view Text(int column) const = 0;  // text or blob; empty if null
};

enum class TransactionMode {
  kRead,  // one consistent snapshot, never blocks and is never blocked
  kWrite  // one at a time in the whole database, from here to the commit
};

// One connection; used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement and calls `on_row` for each row of its result. Keeps the prepared statement for next
  // time, so statements must come from a bounded set. `on_row` must not use the connection. After an error
  // the rows seen so far do not count, and a transaction must be rolled back, as a whole or to a savepoint,
  // before anything else is run in it. Outside a transaction UNAVAILABLE may come after the statement took
  // effect.
  virtual absl::Status Run(absl::string_view statement, const std::vector<Value>& parameters,
                           absl::FunctionRef<void(const Row&)> on_row) = 0;
  absl::Status Run(absl::string_view statement, const std::vector<Value>& parameters = {}) {
    return Run(statement, parameters, [](const Row&) {});
  }

  virtual absl::Status Begin(TransactionMode mode) = 0;
  // On an error but UNKNOWN the transaction is rolled back. After UNKNOWN the next write transaction, once it
  // has begun, sees whether it was: it begins when the one before is over.
  virtual absl::Status Commit() = 0;
  virtual void Rollback() = 0;  // does nothing outside a transaction
  // Whether a transaction is open: some errors end it.
  virtual bool InTransaction() const = 0;
};

// The words in which engines differ.
struct Dialect {
  std::string integer_type;  // of a column of 64-bit integers
  std::string blob_type;     // of a column of bytes
  std::string text_type;     // of a column of text compared by its bytes
  // Whether programs of different releases may use a database at the same time, as in a rolling upgrade.
  bool shared = false;
  // A statement for a connection that migrates, which may sort millions of rows; empty: none is needed.
  std::string before_migration;
  std::string clustered;  // after a table that is best stored in the order of its primary key
  // The statements that make a trigger which runs the statement `body` for each row: `when` is such as `AFTER
  // INSERT ON t FOR EACH ROW WHEN (NEW.a = 0)`.
  std::vector<std::string> (*trigger)(absl::string_view name, absl::string_view when, absl::string_view body);
};

// A database; thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  virtual const Dialect& dialect() const = 0;
  virtual absl::StatusOr<std::unique_ptr<Connection>> Connect() = 0;
};

// `statement` once, expecting at most one row; whether there was one.
absl::StatusOr<bool> QueryRow(Connection& connection, absl::string_view statement,
                              const std::vector<Value>& parameters,
                              absl::FunctionRef<void(const Row&)> on_row);

}  // namespace broadsheet::article::sql

#endif  // BROADSHEET_SERVICES_ARTICLE_SQL_H_
