#include "services/article/served_store.h"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
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

constexpr absl::Duration kRetry = absl::Milliseconds(200);

// Not in good order: what is under way must not be answered, and no lease be granted, from now on. As after a
// crash, what was committed is there, and what was not acknowledged is to be asked for again.
//
// The line in the log may wait for whoever reads it, a full pipe even for ever, while leases go on being
// granted: the alarm ends the process after `log_time`, whatever the line does.
[[noreturn]] void EndProcess(absl::Duration log_time, const std::string& reason) {
  std::signal(SIGALRM, [](int) { _exit(EXIT_FAILURE); });
  itimerval alarm{};
  alarm.it_value = absl::ToTimeval(std::max(log_time, absl::Milliseconds(1)));  // zero would be never
  setitimer(ITIMER_REAL, &alarm, nullptr);
  telemetry::Log(telemetry::Severity::kError,
                 "ending: this process may no longer serve the database; it must be started again",
                 {{"reason", reason}});
  std::_Exit(EXIT_FAILURE);
}

absl::StatusOr<ServedStore> TryPostgresStore(const std::string& conninfo,
                                             const ServingLock::Options& lock_options,
                                             SqlArticleStore::Options options,
                                             const std::function<bool()>& give_up) {
  ServedStore served;
  auto database = sql::OpenPostgres(conninfo);
  if (!database.ok()) return database.status();
  sql::PostgresOptions quick;  // an answer that comes later is none
  quick.answer_timeout = lock_options.timeout / 3;
  quick.replace_broken = false;
  auto lock_database = sql::OpenPostgres(conninfo, quick);
  if (!lock_database.ok()) return lock_database.status();
  auto connection = (*lock_database)->Connect();
  if (!connection.ok()) return connection.status();
  // Two thirds of the time-out at most have passed when it ends: see ServingLock::Watch.
  const absl::Duration log_time = lock_options.timeout / 6;
  auto lock = ServingLock::Take(*std::move(connection), lock_options, give_up,
                                [log_time](const std::string& reason) { EndProcess(log_time, reason); });
  if (!lock.ok()) return lock.status();
  served.serving_lock = *std::move(lock);
  options.may_write = [lock = served.serving_lock.get()](sql::Connection& writer) {
    return lock->Check(writer);
  };
  auto store = SqlArticleStore::Open(*std::move(database), std::move(options));
  if (!store.ok()) return store.status();
  served.store = *std::move(store);
  if (absl::Status entered = served.serving_lock->Enter(); !entered.ok()) return entered;
  served.restart_grace = served.serving_lock->predecessor_outlasts();
  return served;
}

}  // namespace

absl::StatusOr<ServedStore> OpenSqliteStore(const std::string& data,
                                            const SqlArticleStore::Options& options) {
  ServedStore served;
  absl::StatusOr<std::unique_ptr<FolderLock>> lock = FolderLock::Take(data);
  if (!lock.ok()) return lock.status();
  served.folder_lock = *std::move(lock);
  auto database = sql::OpenSqlite(absl::StrCat(data, "/article.sqlite"));
  if (!database.ok()) return database.status();
  auto store = SqlArticleStore::Open(*std::move(database), options);
  if (!store.ok()) return store.status();
  served.store = *std::move(store);
  return served;
}

absl::StatusOr<ServedStore> OpenPostgresStore(const std::string& conninfo,
                                              const ServingLock::Options& lock_options,
                                              const SqlArticleStore::Options& options,
                                              const std::function<bool()>& give_up) {
  telemetry::LimitedLog log;
  while (!give_up()) {
    absl::StatusOr<ServedStore> served = TryPostgresStore(conninfo, lock_options, options, give_up);
    if (!absl::IsUnavailable(served.status()) && !absl::IsUnknown(served.status())) return served;
    log.Log("unavailable", telemetry::Severity::kWarning, "not ready: waiting for the database",
            {{"error", served.status().ToString()}});
    absl::SleepFor(kRetry);
  }
  return absl::CancelledError("stopped while waiting for the database");
}

}  // namespace broadsheet::article
