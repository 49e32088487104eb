#include "services/article/replica_table.h"

#include <algorithm>

namespace broadsheet::article {
namespace {

// "BSAT"; of this database, not of the server. Sole servers take it for themselves alone.
constexpr std::int64_t kServingLock = 0x42534154'00000002;

// `serving` is the sole servers' table: who took over last has the highest number, and the others then write
// no more. A row with `replicas` set says that replicas did, which have rows of their own.
absl::Status CreateTables(sql::Connection& connection) {
  for (const char* statement :
       {"CREATE TABLE IF NOT EXISTS serving (number BIGINT NOT NULL, outlasts_micros BIGINT NOT NULL)",
        "ALTER TABLE serving ADD COLUMN IF NOT EXISTS replicas BIGINT",
        "CREATE TABLE IF NOT EXISTS replica (replica_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
        " timeout_micros BIGINT NOT NULL, heartbeat BIGINT NOT NULL, settled BIGINT NOT NULL, acknowledged "
        "BIGINT NOT NULL,"
        " expired BIGINT NOT NULL)"}) {
    if (absl::Status created = connection.Run(statement); !created.ok()) return created;
  }
  return absl::OkStatus();
}

// Takes over from a sole server, if one served last.
absl::Status TakeOver(sql::Connection& connection, absl::Duration timeout, Joined& joined) {
  std::int64_t number = 0;
  bool replicas = false;
  absl::Duration outlasts;
  absl::StatusOr<bool> served = sql::QueryRow(
      connection, "SELECT number, outlasts_micros, replicas FROM serving", {}, [&](const sql::Row& row) {
        number = row.Int64(0);
        outlasts = absl::Microseconds(row.Int64(1));
        replicas = !row.IsNull(2);
      });
  if (!served.ok()) return served.status();
  if (*served && !replicas) joined.sole_server_outlasts = outlasts;
  absl::Status status = connection.Run("DELETE FROM serving");
  // For a sole server that comes after: it waits for the longest-lived of the replicas.
  outlasts = std::max(outlasts, timeout);
  status.Update(connection.Run("INSERT INTO serving (number, outlasts_micros, replicas) VALUES ($1, $2, 1)",
                               {replicas ? number : number + 1, absl::ToInt64Microseconds(outlasts)}));
  return status;
}

absl::Status AddReplica(sql::Connection& connection, const Replica& replica, Joined& joined) {
  absl::Status status = CreateTables(connection);
  if (status.ok()) status = TakeOver(connection, replica.timeout, joined);
  if (!status.ok()) return status;
  status = connection.Run("SELECT log_id, COALESCE((SELECT MAX(position) FROM change_log), 0) FROM log", {},
                          [&](const sql::Row& row) {
                            joined.log_id = std::string(row.Text(0));
                            joined.head = row.Int64(1);
                          });
  status.Update(
      connection.Run("DELETE FROM replica WHERE replica_id = $1", {absl::string_view(replica.replica_id)}));
  status.Update(connection.Run(
      "INSERT INTO replica (replica_id, name, timeout_micros, heartbeat, settled, acknowledged, expired)"
      " VALUES ($1, $2, $3, $4, $5, 0, 0)",
      {absl::string_view(replica.replica_id), absl::string_view(replica.name),
       absl::ToInt64Microseconds(replica.timeout), replica.heartbeat,
       joined.sole_server_outlasts ? std::int64_t{0} : joined.head}));
  if (!status.ok()) return status;
  return Announce(connection);
}

}  // namespace

absl::StatusOr<bool> LockAgainstSoleServers(sql::Connection& connection) {
  bool locked = false;
  absl::Status asked = connection.Run("SELECT pg_try_advisory_lock_shared($1)", {kServingLock},
                                      [&](const sql::Row& row) { locked = row.Int64(0) != 0; });
  if (!asked.ok()) return asked;
  return locked;
}

absl::StatusOr<Joined> Join(sql::Connection& connection, const Replica& replica) {
  Joined joined;
  // The write lock lets what has begun to be committed end first: what comes later knows of this replica.
  absl::Status status = connection.Begin(sql::TransactionMode::kWrite);
  if (status.ok()) status = connection.Run("SELECT set_config('synchronous_commit', 'on', true)");
  if (status.ok()) status = AddReplica(connection, replica, joined);
  if (status.ok()) status = connection.Commit();
  if (!status.ok()) {
    connection.Rollback();
    return status;
  }
  return joined;
}

absl::StatusOr<bool> Beat(sql::Connection& connection, const Replica& replica, absl::string_view log_id,
                          bool announce) {
  bool beaten = false;
  absl::Status status = connection.Run(
      "WITH beaten AS (UPDATE replica SET heartbeat = $2, settled = $3, acknowledged = $4, expired = $5"
      " WHERE replica_id = $1 AND EXISTS (SELECT 1 FROM serving WHERE replicas IS NOT NULL)"
      " AND EXISTS (SELECT 1 FROM log WHERE log_id = $6) RETURNING 1)"
      " SELECT CASE $7 WHEN 1 THEN pg_notify('broadsheet_article', '') END FROM beaten",
      {absl::string_view(replica.replica_id), replica.heartbeat, replica.settled, replica.acknowledged,
       replica.expired, log_id, std::int64_t{announce}},
      [&](const sql::Row&) { beaten = true; });
  if (!status.ok()) return status;
  return beaten;
}

absl::StatusOr<std::vector<Replica>> ListReplicas(sql::Connection& connection) {
  std::vector<Replica> replicas;
  absl::Status status = connection.Run(
      "SELECT replica_id, name, timeout_micros, heartbeat, settled, acknowledged, expired FROM replica", {},
      [&](const sql::Row& row) {
        replicas.push_back({.replica_id = std::string(row.Text(0)),
                            .name = std::string(row.Text(1)),
                            .timeout = absl::Microseconds(row.Int64(2)),
                            .heartbeat = row.Int64(3),
                            .settled = row.Int64(4),
                            .acknowledged = row.Int64(5),
                            .expired = row.Int64(6)});
      });
  if (!status.ok()) return status;
  return replicas;
}

absl::Status RemoveReplica(sql::Connection& connection, absl::string_view replica_id,
                           std::int64_t heartbeat) {
  return connection.Run(
      "WITH removed AS (DELETE FROM replica WHERE replica_id = $1 AND heartbeat <= $2 RETURNING 1)"
      " SELECT pg_notify('broadsheet_article', '') FROM removed",
      {replica_id, heartbeat});
}

absl::Status RenameLog(sql::Connection& writer, absl::string_view before, absl::string_view log_id) {
  absl::Status renamed = writer.Run("UPDATE log SET log_id = $2 WHERE log_id = $1", {before, log_id});
  if (!renamed.ok()) return renamed;
  absl::StatusOr<bool> is_there =
      sql::QueryRow(writer, "SELECT 1 FROM log WHERE log_id <> $1", {before}, [](const sql::Row&) {});
  if (!is_there.ok()) return is_there.status();
  return *is_there ? absl::OkStatus() : absl::UnavailableError("there is no log");
}

absl::Status CheckReplicasServe(sql::Connection& writer, absl::string_view log_id) {
  bool replicas_serve = false;
  bool is_log = false;
  absl::Status asked = writer.Run(
      "SELECT (SELECT COUNT(*) FROM serving WHERE replicas IS NOT NULL),"
      " (SELECT COUNT(*) FROM log WHERE log_id = $1)",
      {log_id}, [&](const sql::Row& row) {
        replicas_serve = row.Int64(0) != 0;
        is_log = row.Int64(1) != 0;
      });
  if (!asked.ok()) return asked;
  if (!replicas_serve)
    return absl::UnavailableError("an article service of an earlier release has taken over the database");
  if (!is_log) return absl::UnavailableError("the database holds another change log than before");
  return absl::OkStatus();
}

absl::Status Announce(sql::Connection& connection) {
  return connection.Run("SELECT pg_notify('broadsheet_article', '')");
}

absl::Status Listen(sql::Connection& connection) { return connection.Run("LISTEN broadsheet_article"); }

}  // namespace broadsheet::article
