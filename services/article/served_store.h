#ifndef BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_
#define BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/folder_lock.h"
#include "services/article/replica_group.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {

// The store, open, and what makes it safe to serve: this process the only one that does, or one of a group.
// Which engine it runs on is known here only.
struct ServedStore {
  std::unique_ptr<rpc::FolderLock> folder_lock;  // SQLite's
  std::unique_ptr<ReplicaGroup> replicas;        // PostgreSQL's, joined; not started
  std::unique_ptr<SqlArticleStore> store;
  // For PublisherOptions::restart_grace.
  std::optional<absl::Duration> restart_grace;
};

// SQLite in the folder `data`. FAILED_PRECONDITION, UNAVAILABLE: as rpc::FolderLock, sql::OpenSqlite and
// SqlArticleStore say.
absl::StatusOr<ServedStore> OpenSqliteStore(const std::string& data, SqlArticleStore::Options options);

// PostgreSQL. Waits until the database can be reached and no process of a release that knew no replicas
// serves it, and says in the log why it waits. CANCELLED: `give_up` said so. Other errors: as
// sql::OpenPostgres and SqlArticleStore say.
//
// If the database turns out to be another one later, this process ends at once with exit status 1 after a
// line in the log.
absl::StatusOr<ServedStore> OpenPostgresStore(const ReplicaGroup::Options& group_options,
                                              const SqlArticleStore::Options& options,
                                              const std::function<bool()>& give_up);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_
