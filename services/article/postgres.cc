#include "services/article/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/article/postgres_binary.h"

namespace broadsheet::article::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWriteLock = 0x42534154'00000001;  // "BSAT"; of this database, not of the server

struct Free {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

absl::Status ToStatus(absl::string_view state, absl::string_view text) {
  const std::string message = absl::StrCat("postgresql: ", absl::StripAsciiWhitespace(text));
  if (state == "23505") return absl::AlreadyExistsError(message);  // unique_violation
  if (absl::StartsWith(state, "23")) return absl::FailedPreconditionError(message);
  if (state == "XX001" || state == "XX002") return absl::DataLossError(message);  // data or index corrupted
  // None: libpq's own. Otherwise: connection, rollback, resources, operator, system; lock, read-only, idle.
  if (state.empty()) return absl::UnavailableError(message);
  for (const char* prefix : {"08", "40", "53", "57", "58", "55P03", "25006", "25P03"}) {
    if (absl::StartsWith(state, prefix)) return absl::UnavailableError(message);
  }
  return absl::InternalError(message);
}

absl::Status ToStatus(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // The message's detail would repeat values: stories.
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return ToStatus(state == nullptr ? "" : state, text == nullptr ? PQresultErrorMessage(result) : text);
}

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* result) : result_(result) {}
  bool IsNull(int column) const override { return PQgetisnull(result_, 0, column) != 0; }
  std::int64_t Int64(int column) const override { return DecodeNumber(Text(column)); }
  absl::string_view Text(int column) const override {
    return {PQgetvalue(result_, 0, column), static_cast<std::size_t>(PQgetlength(result_, 0, column))};
  }

 private:
  const PGresult* result_;
};

class PostgresConnection final : public ListeningConnection {
 public:
  PostgresConnection(std::string conninfo, const PostgresOptions& options)
      : conninfo_(std::move(conninfo)), options_(options) {}

  // Replaces the connection that there is.
  absl::Status Connect() {
    Drop();
    absl::Status connected = Negotiate();
    if (connected.ok()) connected = ConfigureSession();
    if (!connected.ok()) Drop();
    return connected;
  }

  using Connection::Run;
  absl::Status Run(absl::string_view statement, const std::vector<Value>& parameters,
                   absl::FunctionRef<void(const Row&)> on_row) override {
    if (in_transaction_ && handle_ == nullptr) {
      return absl::UnavailableError("postgresql: the connection broke during the transaction");
    }
    if (!in_transaction_ && !IsAlive()) {
      if (!options_.replace_broken) return Lose("the connection is broken");
      if (absl::Status connected = Connect(); !connected.ok()) return connected;
    }
    return Execute(statement, parameters, on_row);
  }

  absl::Status Begin(TransactionMode mode) override {
    Rollback();
    const bool write = mode == TransactionMode::kWrite;
    // Writers must see what was committed while they waited for the lock, so their statements do not share
    // one snapshot, which the statement that waits would take before it waits.
    absl::Status begun = Run(write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                   : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (!begun.ok()) return begun;
    in_transaction_ = true;
    // Held until the commit is visible: so positions are assigned in the order of commits, without gaps.
    if (write) begun = Run("SELECT pg_advisory_xact_lock($1)", {kWriteLock});
    if (!begun.ok()) Rollback();
    return begun;
  }

  absl::Status Commit() override {
    const bool broken = handle_ == nullptr;
    absl::Status committed = Run("COMMIT");
    in_transaction_ = false;
    if (broken) return committed;  // it broke earlier, and the server has rolled back
    if (committed.ok()) {
      // A transaction in which a statement failed is rolled back by COMMIT, without an error.
      return command_ == "COMMIT" ? absl::OkStatus()
                                  : absl::InternalError("postgresql: the transaction had failed");
    }
    if (handle_ != nullptr && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE && !interrupted_) {
      return committed;
    }
    // No answer, or one that may have come after the commit: the server says that it is stopping, or that
    // somebody cancelled the statement.
    Drop();
    return absl::UnknownError(absl::StrCat(committed.message(), ", while committing"));
  }

  void Rollback() override {
    if (!in_transaction_) return;
    in_transaction_ = false;
    if (handle_ == nullptr) return;
    Execute("ROLLBACK", {}, [](const Row&) {}).IgnoreError();
    if (handle_ != nullptr && PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) Drop();
  }

  absl::Status Await(absl::Duration timeout, int wake) override {
    const Clock::time_point deadline = After(timeout);
    while (handle_ != nullptr) {
      if (PQconsumeInput(handle_.get()) != 1) return Lose(PQerrorMessage(handle_.get()));
      bool notified = false;
      while (PGnotify* notification = PQnotifies(handle_.get())) {
        notified = true;
        PQfreemem(notification);
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (notified || left <= 0) return absl::OkStatus();
      std::array<pollfd, 2> files{pollfd{PQsocket(handle_.get()), POLLIN, 0}, pollfd{wake, POLLIN, 0}};
      if (poll(files.data(), files.size(), static_cast<int>(left)) > 0 && files[1].revents != 0) {
        return absl::OkStatus();
      }
    }
    return absl::UnavailableError("postgresql: the connection is broken");
  }

  bool InTransaction() const override { return in_transaction_ && handle_ != nullptr; }

 private:
  void Drop() {
    handle_.reset();
    statements_.clear();
  }

  // Waits until the socket is ready for `events`; false: not in time.
  bool Await(short events, Clock::time_point deadline) {
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left < 0) return false;
      pollfd socket{PQsocket(handle_.get()), events, 0};
      const int ready = poll(&socket, 1, static_cast<int>(left) + 1);
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  static Clock::time_point After(absl::Duration time) {
    return Clock::now() + absl::ToChronoNanoseconds(time);
  }

  // The connection cannot be used any more.
  absl::Status Lose(absl::string_view reason) {
    absl::Status status = ToStatus("", reason);
    Drop();
    return status;
  }

  absl::Status Negotiate() {
    // What comes before `dbname` are defaults that the conninfo may change.
    static constexpr std::array<const char*, 9> kKeywords = {"fallback_application_name",
                                                             "target_session_attrs",
                                                             "keepalives_idle",
                                                             "keepalives_interval",
                                                             "keepalives_count",
                                                             "tcp_user_timeout",
                                                             "dbname",
                                                             "client_encoding",
                                                             nullptr};
    const std::array<const char*, 9> values = {"broadsheet-article", "read-write", "5",    "2", "3", "10000",
                                               conninfo_.c_str(),    "UTF8",       nullptr};
    handle_.reset(PQconnectStartParams(kKeywords.data(), values.data(), 1));
    if (handle_ == nullptr) return absl::UnavailableError("postgresql: out of memory");
    PQsetNoticeReceiver(
        handle_.get(), [](void*, const PGresult*) {}, nullptr);
    const Clock::time_point deadline = After(options_.connect_timeout);
    PostgresPollingStatusType next =
        PQstatus(handle_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
      if (next == PGRES_POLLING_FAILED) return Lose(PQerrorMessage(handle_.get()));
      if (!Await(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
        return Lose("no connection in time");
      }
      next = PQconnectPoll(handle_.get());
    }
    if (PQsetnonblocking(handle_.get(), 1) != 0) return Lose(PQerrorMessage(handle_.get()));
    return absl::OkStatus();
  }

  // The keepalives let the server notice that this machine is gone, and end what it has begun.
  absl::Status ConfigureSession() {
    const std::string statement_timeout = absl::StrCat(absl::ToInt64Milliseconds(options_.statement_timeout));
    const std::string lock_timeout = absl::StrCat(absl::ToInt64Milliseconds(options_.lock_timeout));
    return Execute(
        "SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
        " set_config('idle_in_transaction_session_timeout', '30s', false),"
        " set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),"
        " set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '10s', false),"
        " set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
        " ELSE current_setting('synchronous_commit') END, false)",
        {absl::string_view(statement_timeout), absl::string_view(lock_timeout)}, [](const Row&) {});
  }

  // Whether there is a connection, as far as can be told without asking the server. One that has something to
  // say of its own accord is about to end.
  bool IsAlive() {
    if (handle_ == nullptr || PQstatus(handle_.get()) != CONNECTION_OK) return false;
    pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
    if (poll(&socket, 1, 0) == 0) return true;
    return PQconsumeInput(handle_.get()) == 1 && poll(&socket, 1, 0) == 0 &&
           PQstatus(handle_.get()) == CONNECTION_OK;
  }

  absl::Status Execute(absl::string_view statement, const std::vector<Value>& values,
                       absl::FunctionRef<void(const Row&)> on_row) {
    const Clock::time_point deadline = After(options_.answer_timeout);
    const PostgresParameters parameters(values);
    auto prepared = statements_.find(statement);
    if (prepared == statements_.end()) {
      const std::string text(statement);
      const std::string name = absl::StrCat("s", statements_.size());
      const int sent =
          PQsendPrepare(handle_.get(), name.c_str(), text.c_str(), parameters.count(), parameters.types());
      if (absl::Status done = Finish(sent, deadline, on_row); !done.ok()) return done;
      prepared = statements_.emplace(text, name).first;
    }
    const int sent =
        PQsendQueryPrepared(handle_.get(), prepared->second.c_str(), parameters.count(), parameters.values(),
                            parameters.lengths(), parameters.formats(), /*resultFormat=*/1);
    return Finish(sent, deadline, on_row);
  }

  // Sends what is to be sent, and takes the answer row by row.
  absl::Status Finish(int sent, Clock::time_point deadline, absl::FunctionRef<void(const Row&)> on_row) {
    if (sent != 1) return Lose(PQerrorMessage(handle_.get()));
    PQsetSingleRowMode(handle_.get());
    while (const int more = PQflush(handle_.get())) {
      if (more < 0) break;  // the answer says why
      if (!Await(POLLIN | POLLOUT, deadline)) return Lose("the server does not take a statement in time");
      if (PQconsumeInput(handle_.get()) != 1) break;
    }
    absl::Status status;
    interrupted_ = false;
    while (true) {
      while (PQisBusy(handle_.get()) != 0) {
        if (!Await(POLLIN, deadline)) return Lose("no answer in time");
        if (PQconsumeInput(handle_.get()) != 1) return Lose(PQerrorMessage(handle_.get()));
      }
      const std::unique_ptr<PGresult, Free> result(PQgetResult(handle_.get()));
      if (result == nullptr) break;
      status.Update(Take(result.get(), on_row));
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK) Drop();
    return status;
  }

  absl::Status Take(const PGresult* result, absl::FunctionRef<void(const Row&)> on_row) {
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
        for (int column = 0; column < PQnfields(result); ++column) {
          if (IsReadable(PQftype(result, column))) continue;
          return absl::InternalError(absl::StrCat("postgresql: column ", column, " is of another type"));
        }
        on_row(PostgresRow(result));
        return absl::OkStatus();
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        command_ = PQcmdStatus(const_cast<PGresult*>(result));
        return absl::OkStatus();
      default:
        const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        interrupted_ = state == nullptr || absl::StartsWith(state, "57");
        return ToStatus(result);
    }
  }

  const std::string conninfo_;
  const PostgresOptions options_;
  std::unique_ptr<PGconn, Free> handle_;                        // none: broken
  std::map<std::string, std::string, std::less<>> statements_;  // text -> name of what is prepared
  bool in_transaction_ = false;  // for the caller; the server may have ended it
  std::string command_;          // what the last statement did
  bool interrupted_ = false;     // the last error says when, not what, failed
};

std::vector<std::string> MakeTrigger(absl::string_view name, absl::string_view when, absl::string_view body) {
  return {absl::StrCat("CREATE FUNCTION ", name, "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ", body,
                       "; RETURN NULL; END $$"),
          absl::StrCat("CREATE TRIGGER ", name, " ", when, " EXECUTE FUNCTION ", name, "()")};
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string conninfo, const PostgresOptions& options)
      : conninfo_(std::move(conninfo)), options_(options) {}

  const Dialect& dialect() const override {
    static const Dialect* const dialect = new Dialect{.integer_type = "BIGINT",
                                                      .blob_type = "BYTEA",
                                                      .text_type = "TEXT COLLATE \"C\"",
                                                      .shared = true,
                                                      .before_migration = "",
                                                      .clustered = "",
                                                      .trigger = MakeTrigger};
    return *dialect;
  }

  absl::StatusOr<std::unique_ptr<Connection>> Connect() override {
    auto connection = std::make_unique<PostgresConnection>(conninfo_, options_);
    if (absl::Status connected = connection->Connect(); !connected.ok()) return connected;
    return connection;
  }

 private:
  const std::string conninfo_;
  const PostgresOptions options_;
};

absl::Status CheckDatabase(Connection& connection) {
  std::string encoding;
  bool foreign = false;
  absl::Status read = connection.Run(
      "SELECT current_setting('server_encoding'), COUNT(*) > 0 AND COUNT(*) FILTER"
      " (WHERE relname = 'public_story') = 0 FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace ="
      " to_regnamespace(quote_ident(current_schema()))",
      {}, [&](const Row& row) {
        encoding = std::string(row.Text(0));
        foreign = row.Int64(1) != 0;
      });
  if (!read.ok()) return read;
  if (encoding != "UTF8") {
    return absl::FailedPreconditionError(absl::StrCat("the database is in ", encoding, ", not in UTF8"));
  }
  if (foreign) {
    return absl::FailedPreconditionError("the database holds the tables of another application");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ListeningConnection>> ConnectPostgres(const std::string& conninfo,
                                                                     PostgresOptions options) {
  if (absl::Status readable = DescribePostgres(conninfo).status(); !readable.ok()) return readable;
  options.replace_broken = false;
  auto connection = std::make_unique<PostgresConnection>(conninfo, options);
  if (absl::Status connected = connection->Connect(); !connected.ok()) return connected;
  return connection;
}

absl::StatusOr<std::string> DescribePostgres(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, Free> parsed(PQconninfoParse(conninfo.c_str(), nullptr));
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "the database is not named as PostgreSQL expects: postgresql://user@host/name");
  }
  std::map<std::string, std::string> parts;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parts[option->keyword] = option->val;
  }
  const std::string& host = parts["host"].empty() ? parts["hostaddr"] : parts["host"];
  return absl::StrCat("postgresql://", parts["user"], parts["user"].empty() ? "" : "@", host,
                      parts["port"].empty() ? "" : ":", parts["port"], "/", parts["dbname"]);
}

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& conninfo,
                                                       const PostgresOptions& options) {
  if (absl::Status readable = DescribePostgres(conninfo).status(); !readable.ok()) return readable;
  auto database = std::make_unique<PostgresDatabase>(conninfo, options);
  auto connection = database->Connect();
  if (!connection.ok()) return connection.status();
  if (absl::Status ours = CheckDatabase(**connection); !ours.ok()) return ours;
  return database;
}

}  // namespace broadsheet::article::sql
