#include "services/article/serving_lock.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"

namespace broadsheet::article {
namespace {

constexpr std::int64_t kServingLock = 0x42534154'00000002;  // "BSAT"; of this database, not of the server
constexpr absl::Duration kRetry = absl::Milliseconds(100);

absl::StatusOr<bool> TryLock(sql::Connection& connection) {
  bool locked = false;
  absl::Status asked = connection.Run("SELECT pg_try_advisory_lock($1)", {kServingLock},
                                      [&](const sql::Row& row) { locked = row.Int64(0) != 0; });
  if (!asked.ok()) return asked;
  return locked;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServingLock>> ServingLock::Take(std::unique_ptr<sql::Connection> connection,
                                                               Options options,
                                                               const std::function<bool()>& give_up,
                                                               LostCallback on_lost) {
  telemetry::LimitedLog log;
  while (!give_up()) {
    absl::StatusOr<bool> locked = TryLock(*connection);
    if (!locked.ok()) return locked.status();
    if (*locked) {
      return std::unique_ptr<ServingLock>(
          new ServingLock(std::move(connection), options, std::move(on_lost)));
    }
    log.Log("held", telemetry::Severity::kInfo,
            "not ready: another article service serves the database; waiting until it ends");
    absl::SleepFor(kRetry);
  }
  return absl::CancelledError("stopped while another article service serves the database");
}

ServingLock::ServingLock(std::unique_ptr<sql::Connection> connection, Options options, LostCallback on_lost)
    : options_(options), on_lost_(std::move(on_lost)), connection_(std::move(connection)) {}

ServingLock::~ServingLock() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
  if (!watch_.joinable()) return;
  watch_.join();
  // Nothing is granted any more.
  connection_
      ->Run("UPDATE serving SET outlasts_micros = $2 WHERE number = $1",
            {number_, absl::ToInt64Microseconds(Outlasts())})
      .IgnoreError();
}

// The leases granted here, and those of a predecessor that may not know yet that it is one.
absl::Duration ServingLock::Outlasts() const {
  const absl::Duration since = absl::FromChrono(std::chrono::steady_clock::now() - entered_);
  return std::max(options_.lease, predecessor_outlasts_.value_or(absl::ZeroDuration()) - since);
}

absl::Status ServingLock::Enter() {
  // The write lock lets what the predecessor has begun to commit end first.
  absl::Status entered = connection_->Begin(sql::TransactionMode::kWrite);
  if (entered.ok()) entered = TakeNumber();
  if (entered.ok()) entered = connection_->Commit();
  if (!entered.ok()) {
    connection_->Rollback();
    return entered;
  }
  entered_ = std::chrono::steady_clock::now();
  watch_ = std::thread([this] { Watch(); });
  return absl::OkStatus();
}

// The table is not part of the schema: it says nothing about stories, and only this file knows it.
absl::Status ServingLock::TakeNumber() {
  absl::Status status = connection_->Run(
      "CREATE TABLE IF NOT EXISTS serving (number BIGINT NOT NULL, outlasts_micros BIGINT NOT NULL)");
  status.Update(
      connection_->Run("SELECT number, outlasts_micros FROM serving", {}, [this](const sql::Row& row) {
        number_ = row.Int64(0);
        predecessor_outlasts_ = absl::Microseconds(row.Int64(1));
      }));
  if (!status.ok()) return status;
  ++number_;
  status = connection_->Run("DELETE FROM serving");
  if (!status.ok()) return status;
  // Whether this process comes to wait for its predecessor is not known: what that left is handed on.
  const absl::Duration outlasts =
      std::max(options_.timeout + options_.lease, predecessor_outlasts_.value_or(absl::ZeroDuration()));
  return connection_->Run("INSERT INTO serving (number, outlasts_micros) VALUES ($1, $2)",
                          {number_, absl::ToInt64Microseconds(outlasts)});
}

absl::Status ServingLock::Check(sql::Connection& writer) {
  std::int64_t number = 0;
  absl::Status read =
      writer.Run("SELECT number FROM serving", {}, [&](const sql::Row& row) { number = row.Int64(0); });
  if (!read.ok() || number == number_) return read;
  Lose("another article service has taken over the database");
  return absl::UnavailableError("another article service has taken over the database");
}

void ServingLock::Watch() {
  // Two answers and a pause take less than the time-out, so the lock counts as lost in time.
  const absl::Duration period = options_.timeout / 6;
  while (true) {
    if (absl::Status confirmed = connection_->Run("SELECT 1"); !confirmed.ok()) {
      Lose(absl::StrCat("the session that held the database's lock is gone: ", confirmed.message()));
      return;
    }
    std::unique_lock lock(mutex_);
    if (stop_requested_.wait_for(lock, absl::ToChronoMilliseconds(period), [this] { return stopping_; })) {
      return;
    }
  }
}

void ServingLock::Lose(const std::string& reason) {
  std::call_once(lost_, [&] { on_lost_(reason); });
}

}  // namespace broadsheet::article
