#ifndef BROADSHEET_SERVICES_ARTICLE_SQL_ARTICLE_STORE_H_
#define BROADSHEET_SERVICES_ARTICLE_SQL_ARTICLE_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/change/change_log.h"
#include "services/article/article_store.h"
#include "services/article/edit_queue.h"
#include "services/article/reader_pool.h"
#include "services/article/sql.h"
#include "services/article/sql_schema.h"

namespace broadsheet::article {

class SqlEditTransaction;

// Whether an error of SqlArticleStore (CatchUp, Write, CheckHolds) means that the log lacks changes that it
// did hold.
bool HasLostChanges(const absl::Status& error);

// Both stores and the change log over one SQL database. Reads run on pooled connections, each in a snapshot
// of its own, those of the log and of what is due on connections of their own; edits run on one thread, which
// commits several at a time. Thread-safe.
//
// What the engine says when a read fails (it names hosts and users) goes to the log only: the error returned
// says that the store cannot be read, UNAVAILABLE or DATA_LOSS.
class SqlArticleStore final : public PublicStore, public EditStore, public change::ChangeLog {
 public:
  struct Options {
    int max_readers = 16;  // connections that read at a time; more reads wait, then UNAVAILABLE
    // Beside those, for the change log and for what is due: however many read stories, they must not end the
    // leases of followers, whose pages would then have to be made of more reads, nor hold up what time
    // brings.
    int log_readers = 3;
    absl::Duration reader_wait = absl::Seconds(2);
    EditQueue::Options edits = {};
    std::int64_t kept_changes = 1'000'000;  // how far back the change log goes
    // Where several processes share the database. Asked in each write transaction, on its connection, before
    // anything is written: whether this process may. An error ends the transaction and is what its edits
    // return. None: it may.
    std::function<absl::Status(sql::Connection&)> may_write = nullptr;
    // Last thing in a transaction that appends changes: lets the others know once it is committed. Errors as
    // above.
    std::function<absl::Status(sql::Connection&)> announce = nullptr;
  };
  static absl::StatusOr<std::unique_ptr<SqlArticleStore>> Open(std::unique_ptr<sql::Database> database,
                                                               Options options);
  // Finishes the edits begun. Nobody may be waiting in Write.
  ~SqlArticleStore() override;

  // Called after each commit that appended changes, in commit order, one call at a time, and before the edits
  // return; must be quick. Also told, before any later edit returns, is what other processes committed, and a
  // commit whose outcome was not known when it was made. Set before the first Write and CatchUp.
  using CommitListener =
      std::function<void(const std::vector<change::v1::Change>& changes, std::int64_t head)>;
  void SetCommitListener(CommitListener listener) { on_commit_ = std::move(listener); }

  // Tells the listener of what other processes have committed by now. DATA_LOSS: the database is damaged, or,
  // if HasLostChanges, what the listener was told of before is not there any more, so this is another one.
  absl::Status CatchUp();
  // Whether the database that `connection` is to holds what the listener was told of last: otherwise an error
  // that is HasLostChanges.
  absl::Status CheckHolds(sql::Connection& connection) const;
  // Reads and writes fail from now on, with UNAVAILABLE.
  void Close() { closed_ = true; }
  // The newest position the listener has been told of.
  std::int64_t told_position() const;

  // PublicStore
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindArticle(const ArticleKey& key, Body body,
                                                          const Clock& clock,
                                                          std::int64_t min_position) const override;
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindPastArticle(const ArticleKey& key, std::int64_t revision,
                                                              Body body, const Clock& clock,
                                                              std::int64_t min_position) const override;
  absl::StatusOr<SnapshotRead<std::vector<std::string>>> FindArticles(
      const std::vector<std::string>& ids, Body body, const Clock& clock,
      std::int64_t min_position) const override;
  absl::StatusOr<SnapshotRead<List>> ListArticles(const ListQuery& query, Body body, const Clock& clock,
                                                  std::int64_t min_position) const override;
  absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> FindAuthor(
      absl::string_view author_id, std::int64_t min_position) const override;
  absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> ListSections(
      std::int64_t min_position) const override;

  // EditStore
  using EditStore::Write;
  absl::Status Write(EditKind kind, absl::FunctionRef<absl::Status(EditTransaction&)> edit) override {
    return edits_.Run(edit, kind);
  }
  absl::StatusOr<std::optional<v1::Draft>> FindDraft(const ArticleKey& key) const override;
  absl::Status ReadDrafts(const std::vector<std::string>& article_ids,
                          absl::FunctionRef<void(std::size_t, v1::Draft)> on_draft) const override;
  absl::StatusOr<Drafts> ListDrafts(const DraftQuery& query) const override;
  absl::StatusOr<Revisions> ListRevisions(absl::string_view article_id, std::int64_t before,
                                          int limit) const override;
  absl::StatusOr<std::optional<RevisionLookup>> FindRevision(absl::string_view article_id,
                                                             std::int64_t revision) const override;
  absl::StatusOr<std::optional<v1::Curation>> FindCuration(absl::string_view section_id) const override;
  absl::StatusOr<std::vector<DueStory>> ListDue(absl::Time until, int limit) const override;
  absl::StatusOr<bool> Prune(absl::Time now) override;
  const std::string& token_key() const override { return identity_.token_key; }
  absl::StatusOr<std::vector<Count>> CountStories() const override;

  // change::ChangeLog
  std::string log_id() const override { return identity_.log_id; }
  absl::StatusOr<std::int64_t> Head() const override;
  absl::StatusOr<std::int64_t> Floor() const override;
  absl::StatusOr<std::vector<change::v1::Change>> Read(std::int64_t after, int limit) const override;

 private:
  SqlArticleStore(std::unique_ptr<sql::Database> database, Options options, LogIdentity identity,
                  std::unique_ptr<sql::Connection> writer, change::v1::Change newest);

  // nullopt: the one that readers have.
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindReadable(const ArticleKey& key,
                                                           std::optional<std::int64_t> revision, Body body,
                                                           const Clock& clock,
                                                           std::int64_t min_position) const;
  // Runs `read` in a read transaction on one of these connections.
  absl::Status InSnapshot(ReaderPool& readers, absl::FunctionRef<absl::Status(sql::Connection&)> read) const;
  absl::Status InSnapshot(absl::FunctionRef<absl::Status(sql::Connection&)> read) const;
  // The same on those of the log.
  absl::Status InLogSnapshot(absl::FunctionRef<absl::Status(sql::Connection&)> read) const;
  // The same, with the position of the snapshot; UNAVAILABLE if that is below `min_position`.
  absl::Status InSnapshot(std::int64_t min_position, change::v1::Snapshot& snapshot,
                          absl::FunctionRef<absl::Status(sql::Connection&)> read) const;

  void WriteLoop();
  void CommitBatch(EditQueue::Batch batch);
  // Adds to the batch what it takes besides.
  absl::Status CommitEdits(EditQueue::Batch& batch);
  // An error is one of the whole transaction's.
  absl::Status RunEdits(SqlEditTransaction& transaction, EditQueue::Batch& batch);
  // Tells the listener what was committed up to `head` without its knowledge; reads it on `connection`.
  absl::Status TellMissed(sql::Connection& connection, std::int64_t head);
  static absl::Status CheckHolds(sql::Connection& connection, std::int64_t head,
                                 const change::v1::Change& told);
  change::v1::Change told() const;
  // Tells it of those it does not know yet; none must be missing before them.
  void Tell(std::vector<change::v1::Change> changes);

  const std::unique_ptr<sql::Database> database_;
  const Options options_;
  const LogIdentity identity_;
  const std::unique_ptr<sql::Connection> writer_;  // used by the writing thread only
  mutable std::mutex told_mutex_;                  // held while the listener is being told
  change::v1::Change told_;                        // the newest, under told_mutex_
  std::atomic<bool> closed_ = false;
  bool outcome_unknown_ = false;  // of the last commit; the writing thread's
  CommitListener on_commit_;

  mutable ReaderPool readers_;
  mutable ReaderPool log_readers_;

  EditQueue edits_;
  std::thread writing_thread_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SQL_ARTICLE_STORE_H_
