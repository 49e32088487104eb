#ifndef BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_
#define BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/article/folder_lock.h"
#include "services/article/serving_lock.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {

// The store, open, and what makes this process the only one that serves it. Which engine it runs on is known
// here only.
struct ServedStore {
  std::unique_ptr<FolderLock> folder_lock;    // SQLite's
  std::unique_ptr<ServingLock> serving_lock;  // PostgreSQL's
  std::unique_ptr<SqlArticleStore> store;
  // For PublisherOptions::restart_grace.
  std::optional<absl::Duration> restart_grace;
};

// SQLite in the folder `data`. FAILED_PRECONDITION, UNAVAILABLE: as FolderLock, sql::OpenSqlite and
// SqlArticleStore say.
absl::StatusOr<ServedStore> OpenSqliteStore(const std::string& data, const SqlArticleStore::Options& options);

// PostgreSQL. Waits until the database can be reached and no other process serves it, and says in the log why
// it waits. CANCELLED: `give_up` said so. Other errors: as sql::OpenPostgres and SqlArticleStore say.
//
// If the right to serve is lost, this process ends at once with exit status 1 after a line in the log.
absl::StatusOr<ServedStore> OpenPostgresStore(const std::string& conninfo,
                                              const ServingLock::Options& lock_options,
                                              const SqlArticleStore::Options& options,
                                              const std::function<bool()>& give_up);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SERVED_STORE_H_
