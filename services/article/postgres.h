#ifndef BROADSHEET_SERVICES_ARTICLE_POSTGRES_H_
#define BROADSHEET_SERVICES_ARTICLE_POSTGRES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/article/sql.h"

namespace broadsheet::article::sql {

struct PostgresOptions {
  absl::Duration connect_timeout = absl::Seconds(3);     // for all addresses of the name together
  absl::Duration statement_timeout = absl::Seconds(10);  // then the server gives up a statement
  absl::Duration lock_timeout = absl::Seconds(5);        // then it gives up waiting for another writer
  // Then this side gives up a connection that owes an answer.
  absl::Duration answer_timeout = absl::Seconds(12);
  bool replace_broken = true;  // false: a connection that broke stays broken
};

// The PostgreSQL database (15 or later) that `conninfo` names: `postgresql://user@host/name` or `key=value
// …`, as libpq reads it. It must be writable, in UTF-8, and the article service's alone.
//
// Every call ends within the time-outs, but for the resolution of names, which the system bounds. A
// connection that broke is replaced by the next call outside a transaction; in a transaction, every call then
// fails until its end. What is committed is on the server's disk, whatever its default says. Text with a NUL
// byte, which PostgreSQL cannot store, equals no text, and is refused where NULL is.
//
// INVALID_ARGUMENT: `conninfo` cannot be read (the message does not repeat it: it may hold a password).
// FAILED_PRECONDITION: another encoding, or the tables of another application. UNAVAILABLE: no connection.
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& conninfo,
                                                       const PostgresOptions& options = {});

// A connection that also hears what other sessions, and other connections of this process, notify on the
// channels it listens to.
class ListeningConnection : public Connection {
 public:
  // Waits until something has been notified since the last call, the file `wake` is readable, or `timeout`
  // has passed. UNAVAILABLE: the connection broke.
  virtual absl::Status Await(absl::Duration timeout, int wake) = 0;
};

// A connection to the database `conninfo` names, on its own and never replaced when it breaks. Errors: as
// above.
absl::StatusOr<std::unique_ptr<ListeningConnection>> ConnectPostgres(const std::string& conninfo,
                                                                     PostgresOptions options);

// `conninfo` without what may be secret, for logs and people: `postgresql://user@host:port/name`.
// INVALID_ARGUMENT as above.
absl::StatusOr<std::string> DescribePostgres(const std::string& conninfo);

}  // namespace broadsheet::article::sql

#endif  // BROADSHEET_SERVICES_ARTICLE_POSTGRES_H_
