#include "services/article/sql_article_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/article/sql_edit_transaction.h"

namespace broadsheet::article {
namespace {

// How long until the outcome of a commit that broke off is asked for again.
constexpr std::chrono::milliseconds kOutcomeRetry(100);
constexpr std::int64_t kMissedAtATime = 1000;  // changes of other processes in memory at a time

// Told as 0 from the start: rate() does not see the first of a series that was not there.
telemetry::Counter& CommitFailures() {
  static auto& failures = *new telemetry::Counter(
      "broadsheet_article_commit_failures_total",
      "Commits that the storage did not make: disk full, database away or read-only.");
  return failures;
}

// Edits are refused in other words; a story that is damaged is its own fault, not that of commits.
bool IsStoragesFault(const absl::Status& status) { return absl::IsUnavailable(status); }

// What failed of a batch, of the first edit that did.
absl::Status StoragesFault(const EditQueue::Batch& batch) {
  const auto failed = std::find_if(batch.begin(), batch.end(),
                                   [](const PendingEdit* edit) { return IsStoragesFault(edit->result); });
  return failed == batch.end() ? absl::OkStatus() : (*failed)->result;
}

void NoteFailedCommit(const absl::Status& error) {
  static auto* const log = new telemetry::LimitedLog;
  CommitFailures().Increment();
  log->Log("commit", telemetry::Severity::kError, "edits could not be committed",
           {{"error", error.ToString()}});
}

// What callers are told of an engine's error.
absl::Status ReadError(const absl::Status& error) {
  static auto* const log = new telemetry::LimitedLog;
  log->Log("read", telemetry::Severity::kWarning, "the store cannot be read", {{"error", error.ToString()}});
  const auto code = absl::IsDataLoss(error) ? absl::StatusCode::kDataLoss : absl::StatusCode::kUnavailable;
  return absl::Status(code, "the store cannot be read");
}

constexpr absl::string_view kLostChanges = "broadsheet.article/lost_changes";

absl::Status LostChanges(absl::string_view message) {
  absl::Status status = absl::DataLossError(message);
  status.SetPayload(kLostChanges, absl::Cord());
  return status;
}

absl::Status LogWentBack(std::int64_t head, std::int64_t told) {
  return LostChanges(absl::StrCat("the log ends at ", head, " but did hold the change ", told));
}

bool IsSame(const change::v1::Change& one, const change::v1::Change& other) {
  return one.subject() == other.subject() && one.commit_time().seconds() == other.commit_time().seconds() &&
         one.commit_time().nanos() == other.commit_time().nanos();
}

// The newest change; position 0: there is none.
absl::StatusOr<change::v1::Change> ReadNewest(sql::Connection& connection) {
  absl::StatusOr<std::int64_t> head = ReadHead(connection);
  if (!head.ok()) return head.status();
  absl::StatusOr<std::vector<change::v1::Change>> newest = ReadChanges(connection, *head - 1, 1);
  if (!newest.ok()) return newest.status();
  return newest->empty() ? change::v1::Change() : std::move(newest->front());
}

}  // namespace

bool HasLostChanges(const absl::Status& error) { return error.GetPayload(kLostChanges).has_value(); }

absl::StatusOr<std::unique_ptr<SqlArticleStore>> SqlArticleStore::Open(
    std::unique_ptr<sql::Database> database, Options options) {
  absl::StatusOr<LogIdentity> identity = PrepareSchema(*database);
  if (!identity.ok()) return identity.status();
  auto writer = database->Connect();
  if (!writer.ok()) return writer.status();
  absl::StatusOr<change::v1::Change> newest = ReadNewest(**writer);
  if (!newest.ok()) return newest.status();
  return std::unique_ptr<SqlArticleStore>(new SqlArticleStore(
      std::move(database), std::move(options), *std::move(identity), *std::move(writer), *std::move(newest)));
}

SqlArticleStore::SqlArticleStore(std::unique_ptr<sql::Database> database, Options options,
                                 LogIdentity identity, std::unique_ptr<sql::Connection> writer,
                                 change::v1::Change newest)
    : database_(std::move(database)),
      options_(std::move(options)),
      identity_(std::move(identity)),
      writer_(std::move(writer)),
      told_(std::move(newest)),
      readers_(*database_, options_.max_readers, options_.reader_wait),
      log_readers_(*database_, options_.log_readers, options_.reader_wait),
      edits_(options_.edits),
      writing_thread_([this] { WriteLoop(); }) {
  CommitFailures();
}

SqlArticleStore::~SqlArticleStore() {
  edits_.Stop();
  writing_thread_.join();
}

absl::Status SqlArticleStore::InSnapshot(ReaderPool& readers,
                                         absl::FunctionRef<absl::Status(sql::Connection&)> read) const {
  if (closed_) return absl::UnavailableError("the store is closed: its database is another one than it was");
  absl::Status status = readers.Run(read);
  // NOT_FOUND is an answer, and the callers' own.
  if (status.ok() || absl::IsNotFound(status)) return status;
  return absl::IsResourceExhausted(status) ? absl::UnavailableError(status.message()) : ReadError(status);
}

absl::Status SqlArticleStore::InSnapshot(absl::FunctionRef<absl::Status(sql::Connection&)> read) const {
  return InSnapshot(readers_, read);
}

absl::Status SqlArticleStore::InLogSnapshot(absl::FunctionRef<absl::Status(sql::Connection&)> read) const {
  return InSnapshot(log_readers_, read);
}

absl::Status SqlArticleStore::InSnapshot(std::int64_t min_position, change::v1::Snapshot& snapshot,
                                         absl::FunctionRef<absl::Status(sql::Connection&)> read) const {
  bool behind = false;
  absl::Status status = InSnapshot([&](sql::Connection& connection) {
    // The first statement fixes the snapshot all later ones read from.
    absl::StatusOr<std::int64_t> head = ReadHead(connection);
    if (!head.ok()) return head.status();
    snapshot.set_log_id(identity_.log_id);
    snapshot.set_position(*head);
    behind = *head < min_position;
    return behind ? absl::OkStatus() : read(connection);
  });
  if (!status.ok() || !behind) return status;
  return absl::UnavailableError(absl::StrCat("the change log is at position ", snapshot.position(),
                                             ", before min_position ", min_position));
}

void SqlArticleStore::WriteLoop() {
  while (true) {
    // An empty batch finds out what became of the last commit.
    std::optional<EditQueue::Batch> batch =
        edits_.Take(outcome_unknown_ ? std::optional(kOutcomeRetry) : std::nullopt);
    if (!batch) return;
    CommitBatch(*std::move(batch));
  }
}

std::int64_t SqlArticleStore::told_position() const {
  const std::lock_guard lock(told_mutex_);
  return told_.position();
}

change::v1::Change SqlArticleStore::told() const {
  const std::lock_guard lock(told_mutex_);
  return told_;
}

void SqlArticleStore::Tell(std::vector<change::v1::Change> changes) {
  const std::lock_guard lock(told_mutex_);
  // Another thread may have read them from the log before they are told here.
  std::erase_if(changes,
                [this](const change::v1::Change& change) { return change.position() <= told_.position(); });
  if (changes.empty()) return;
  told_ = changes.back();
  if (on_commit_) on_commit_(changes, told_.position());
}

// What has been written in the place of what is lost may be as long by now.
absl::Status SqlArticleStore::CheckHolds(sql::Connection& connection, std::int64_t head,
                                         const change::v1::Change& told) {
  if (head < told.position()) return LogWentBack(head, told.position());
  if (told.position() == 0) return absl::OkStatus();
  absl::StatusOr<std::vector<change::v1::Change>> there = ReadChanges(connection, told.position() - 1, 1);
  if (!there.ok()) return there.status();
  const bool is_there = !there->empty() && there->front().position() == told.position();
  if (!is_there || IsSame(there->front(), told)) return absl::OkStatus();
  return LostChanges(absl::StrCat("the log holds another change ", told.position(), " than it did"));
}

absl::Status SqlArticleStore::CheckHolds(sql::Connection& connection) const {
  const change::v1::Change told = this->told();
  absl::StatusOr<std::int64_t> head = ReadHead(connection);
  return head.ok() ? CheckHolds(connection, *head, told) : head.status();
}

absl::Status SqlArticleStore::TellMissed(sql::Connection& connection, std::int64_t head) {
  while (true) {
    const std::int64_t told = told_position();
    if (told >= head) return absl::OkStatus();
    absl::StatusOr<std::vector<change::v1::Change>> missed =
        ReadChanges(connection, told, std::min(head - told, kMissedAtATime));
    if (!missed.ok()) return missed.status();
    if (missed->empty() || missed->front().position() != told + 1) {
      return absl::DataLossError(absl::StrCat("the change after ", told, " is not in the log any more"));
    }
    Tell(*std::move(missed));
  }
}

absl::Status SqlArticleStore::CatchUp() {
  return log_readers_.Run([&, told = this->told()](sql::Connection& connection) -> absl::Status {
    absl::StatusOr<std::int64_t> head = ReadHead(connection);
    if (!head.ok()) return head.status();
    if (absl::Status holds = CheckHolds(connection, *head, told); !holds.ok()) return holds;
    return TellMissed(connection, *head);
  });
}

absl::Status SqlArticleStore::RunEdits(SqlEditTransaction& transaction, EditQueue::Batch& batch) {
  // Each edit stands by itself: one that fails leaves no trace in the commit of the others. Alone it is
  // rolled back with its transaction. What a bulk edit would keep for that is as much as it writes.
  const auto is_revocable = [&](const PendingEdit& edit) {
    return edit.kind == EditKind::kOrdinary && batch.size() > 1;
  };
  std::size_t next = 0;
  do {
    for (; next < batch.size(); ++next) {
      PendingEdit& edit = *batch[next];
      if (absl::Status begun = transaction.BeginEdit(is_revocable(edit)); !begun.ok()) return begun;
      edit.result = edit.edit(transaction);
      if (edit.result.ok()) edit.result = transaction.FinishEdit();
      if (edit.result.ok()) continue;
      // A full disk, for example, ends the whole transaction.
      if (absl::Status revoked = transaction.RevokeEdit(); !revoked.ok()) {
        edit.ended_commit = true;
        return revoked;
      }
    }
  } while (edits_.TakeMore(batch));
  return absl::OkStatus();
}

absl::Status SqlArticleStore::CommitEdits(EditQueue::Batch& batch) {
  SqlEditTransaction transaction(*writer_, identity_.log_id, !database_->dialect().shared);
  absl::Status status = transaction.Begin();
  if (status.ok() && closed_) status = absl::UnavailableError("the store is closed");
  if (status.ok() && options_.may_write) status = options_.may_write(*writer_);
  if (status.ok()) status = CheckHolds(*writer_, transaction.snapshot().position(), told());
  if (status.ok()) status = TellMissed(*writer_, transaction.snapshot().position());
  if (status.ok()) outcome_unknown_ = false;
  if (status.ok()) status = RunEdits(transaction, batch);
  if (!status.ok() || batch.empty()) {
    writer_->Rollback();
    return status;
  }
  if (options_.announce && !transaction.changes().empty()) status = options_.announce(*writer_);
  if (!status.ok()) {
    writer_->Rollback();
    return status;
  }
  status = writer_->Commit();
  if (absl::IsUnknown(status)) {
    // The callers are told what they would see had this process died: no answer. Whether they find it done
    // is for their request ids to say, as after a crash. What reads from memory must find out, though.
    outcome_unknown_ = true;
    return absl::UnavailableError(
        "the database broke off during the commit: it may have been made; ask again with the same "
        "request_id");
  }
  if (!status.ok() || transaction.changes().empty()) return status;
  Tell(transaction.TakeChanges());
  return status;
}

void SqlArticleStore::CommitBatch(EditQueue::Batch batch) {
  static telemetry::Histogram seconds(
      "broadsheet_article_commit_seconds",
      "Time a commit takes, with its edits and what bulk edits wait for each other.");
  static telemetry::Counter edits("broadsheet_article_edits_total", "Edits; several may share a commit.");
  const absl::Time begun = absl::Now();
  const absl::Status status = CommitEdits(batch);
  if (status.ok() && !batch.empty()) {
    seconds.Observe(absl::ToDoubleSeconds(absl::Now() - begun));
    edits.Increment(static_cast<double>(batch.size()));
  }
  // A refusal by what an edit before it had written says nothing true once that is not committed.
  for (PendingEdit* pending : batch) {
    const bool is_own = pending == batch.front() || pending->ended_commit;
    if (pending->result.ok() || (!status.ok() && !is_own)) pending->result = status;
  }
  const absl::Status fault = StoragesFault(batch);
  edits_.Finish(batch);
  // Editors have their answer by now: a log that nobody reads keeps only those that come.
  if (!fault.ok()) NoteFailedCommit(fault);
}

}  // namespace broadsheet::article
