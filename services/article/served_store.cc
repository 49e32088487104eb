#include "services/article/served_store.h"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"
#include "services/article/postgres.h"
#include "services/article/sqlite.h"

namespace broadsheet::article {
namespace {

// Several times what it takes to make an import's next call ready.
constexpr std::chrono::milliseconds kBulkCompany(20);
constexpr absl::Duration kReopenPause = absl::Milliseconds(200);
constexpr absl::Duration kLogTime = absl::Milliseconds(250);

// Not in good order: what is under way must not be answered, and no lease be granted, from now on. As after a
// crash, what was committed is there, and what was not acknowledged is to be asked for again.
//
// The line in the log may wait for whoever reads it, a full pipe even for ever: the alarm ends the process
// whatever the line does.
[[noreturn]] void EndProcess(const std::string& reason) {
  std::signal(SIGALRM, [](int) { _exit(EXIT_FAILURE); });
  itimerval alarm{};
  alarm.it_value = absl::ToTimeval(kLogTime);
  setitimer(ITIMER_REAL, &alarm, nullptr);
  telemetry::Log(telemetry::Severity::kError,
                 "ending: the database is not the one this process has served; it must be started again",
                 {{"reason", reason}});
  std::_Exit(EXIT_FAILURE);
}

absl::StatusOr<ServedStore> TryPostgresStore(const ReplicaGroup::Options& group_options,
                                             SqlArticleStore::Options options,
                                             const std::function<bool()>& give_up) {
  ServedStore served;
  auto database = sql::OpenPostgres(group_options.conninfo);
  if (!database.ok()) return database.status();
  auto group = ReplicaGroup::Enter(group_options, give_up, EndProcess);
  if (!group.ok()) return group.status();
  served.replicas = *std::move(group);
  // Other processes wait for the lock meanwhile: each call of an import is a commit.
  options.edits.max_bulk = 1;
  options.may_write = [replicas = served.replicas.get()](sql::Connection& writer) {
    return replicas->MayWrite(writer);
  };
  options.announce = [replicas = served.replicas.get()](sql::Connection& writer) {
    return replicas->Announce(writer);
  };
  auto store = SqlArticleStore::Open(*std::move(database), std::move(options));
  if (!store.ok()) return store.status();
  served.store = *std::move(store);
  if (absl::Status joined = served.replicas->Join(); !joined.ok()) return joined;
  if (served.replicas->log_id() != served.store->log_id())
    return absl::UnavailableError("the log has been given a new id just now");
  // What was committed between the store's opening and now, others have not waited to tell this process.
  if (absl::Status caught = served.store->CatchUp(); !caught.ok()) return caught;
  served.restart_grace = served.replicas->restart_grace();
  return served;
}

}  // namespace

absl::StatusOr<ServedStore> OpenSqliteStore(const std::string& data, SqlArticleStore::Options options) {
  ServedStore served;
  // Nobody else waits for the database meanwhile.
  options.edits.company = kBulkCompany;
  // Only the process that commits can tell the followers.
  absl::StatusOr<std::unique_ptr<rpc::FolderLock>> lock =
      rpc::FolderLock::Take(data, "article.lock", "article");
  if (!lock.ok()) return lock.status();
  served.folder_lock = *std::move(lock);
  auto database = sql::OpenSqlite(absl::StrCat(data, "/article.sqlite"));
  if (!database.ok()) return database.status();
  auto store = SqlArticleStore::Open(*std::move(database), std::move(options));
  if (!store.ok()) return store.status();
  served.store = *std::move(store);
  return served;
}

absl::StatusOr<ServedStore> OpenPostgresStore(const ReplicaGroup::Options& group_options,
                                              const SqlArticleStore::Options& options,
                                              const std::function<bool()>& give_up) {
  telemetry::LimitedLog log;
  while (!give_up()) {
    absl::StatusOr<ServedStore> served = TryPostgresStore(group_options, options, give_up);
    if (!absl::IsUnavailable(served.status()) && !absl::IsUnknown(served.status())) return served;
    log.Log("unavailable", telemetry::Severity::kWarning, "not ready: waiting for the database",
            {{"error", served.status().ToString()}});
    absl::SleepFor(kReopenPause);
  }
  return absl::CancelledError("stopped while waiting for the database");
}

}  // namespace broadsheet::article
