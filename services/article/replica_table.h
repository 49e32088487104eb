#ifndef BROADSHEET_SERVICES_ARTICLE_REPLICA_TABLE_H_
#define BROADSHEET_SERVICES_ARTICLE_REPLICA_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/article/sql.h"

// What the processes that serve one PostgreSQL database write down for each other: that they live, and how
// far their followers are. Statements only; when to use them is for ReplicaGroup. The tables are not part of
// the schema: they say nothing about stories, and only this file knows them.
namespace broadsheet::article {

// One process.
struct Replica {
  std::string replica_id;         // drawn at random when it started
  std::string name;               // for operators
  absl::Duration timeout;         // how long it relies on a heartbeat
  std::int64_t heartbeat = 0;     // grows for as long as it lives
  std::int64_t settled = 0;       // it and its followers use no state before this position
  std::int64_t acknowledged = 0;  // followers that acknowledged `settled`
  std::int64_t expired = 0;       // followers that did not, and lost their lease
};

// Keeps processes of releases that knew no replicas, which serve alone, from serving for as long as the
// session of `connection` lives. False: one of them serves now.
absl::StatusOr<bool> LockAgainstSoleServers(sql::Connection& connection);

struct Joined {
  std::string log_id;
  std::int64_t head = 0;
  // How long from now on the followers of a process of such a release may rely on what it told them. None:
  // there are none.
  std::optional<absl::Duration> sole_server_outlasts;
};
// Adds `replica`, with the head as its settled position unless a sole server's followers are to be waited
// for, and tells the others. On the disk when it returns.
absl::StatusOr<Joined> Join(sql::Connection& connection, const Replica& replica);

// Writes a further heartbeat, and tells the others if `announce`. False: the replica has been removed, a sole
// server has served since it joined, or this is not the database with `log_id`.
absl::StatusOr<bool> Beat(sql::Connection& connection, const Replica& replica, absl::string_view log_id,
                          bool announce);

absl::StatusOr<std::vector<Replica>> ListReplicas(sql::Connection& connection);

// Removes the replica, unless its heart has beaten since `heartbeat`, and tells the others.
absl::Status RemoveReplica(sql::Connection& connection, absl::string_view replica_id, std::int64_t heartbeat);

// In a write transaction: the log `before` is `log_id` from here on; nothing happens if it is another one
// already. UNAVAILABLE: there is none, as while a backup is being restored.
absl::Status RenameLog(sql::Connection& writer, absl::string_view before, absl::string_view log_id);

// In a write transaction: UNAVAILABLE if a sole server has taken over, or the log is not `log_id`.
absl::Status CheckReplicasServe(sql::Connection& writer, absl::string_view log_id);

// Wakes whoever listens; in a transaction, once it is committed.
absl::Status Announce(sql::Connection& connection);
// From now on the connection hears of Announce.
absl::Status Listen(sql::Connection& connection);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_REPLICA_TABLE_H_
