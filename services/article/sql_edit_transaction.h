#ifndef BROADSHEET_SERVICES_ARTICLE_SQL_EDIT_TRANSACTION_H_
#define BROADSHEET_SERVICES_ARTICLE_SQL_EDIT_TRANSACTION_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message_lite.h"
#include "services/article/article_store.h"
#include "services/article/sql.h"

namespace broadsheet::article {

// Edits in an SQL write transaction. Used by one thread, for one transaction.
class SqlEditTransaction final : public EditTransaction {
 public:
  // `keeps_bodies_once`: what a program before schema 6 cannot read may be written.
  SqlEditTransaction(sql::Connection& connection, const std::string& log_id, bool keeps_bodies_once);

  absl::Status Begin();
  // Begins the next edit. SQLite keeps a copy of every page that a revocable one changes.
  absl::Status BeginEdit(bool revocable);
  // After an edit that succeeded, writes what was kept to be written in order.
  absl::Status FinishEdit() { return AddEntries(); }
  // Takes back what the edit begun last has written. UNAVAILABLE: the whole transaction has to go, or is
  // gone.
  absl::Status RevokeEdit();
  // What was appended to the log.
  const std::vector<change::v1::Change>& changes() const { return changes_; }
  std::vector<change::v1::Change> TakeChanges() { return std::move(changes_); }

  absl::StatusOr<std::optional<Story>> FindStory(absl::string_view article_id) override;
  absl::StatusOr<std::optional<v1::Draft>> FindRevision(absl::string_view article_id, std::int64_t revision,
                                                        Body body) override;
  absl::Status SaveStory(Story& story, Action action, BodyPlace place) override;
  absl::Status SetNextEvent(absl::string_view article_id, std::optional<absl::Time> time) override;
  absl::Status SetReferences(absl::string_view article_id, const std::set<std::string>& tags,
                             Stored what) override;
  absl::StatusOr<bool> IsReferenced(absl::string_view tag) override;

  absl::StatusOr<std::optional<std::string>> FindPathOwner(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> ListPaths(absl::string_view article_id) override;
  absl::Status ClaimPath(absl::string_view path, absl::string_view article_id) override;
  absl::StatusOr<std::optional<std::string>> FindReservation(absl::string_view path) override;
  absl::StatusOr<int> CountReservations(absl::string_view article_id) override;
  absl::Status ReservePath(absl::string_view path, absl::string_view article_id) override;
  absl::Status ReleasePath(absl::string_view path) override;
  absl::Status ReleasePaths(absl::string_view article_id) override;

  absl::StatusOr<std::optional<v1::Article>> FindPublic(absl::string_view article_id) override;
  absl::Status SavePublic(const v1::Article& article, const v1::Article* had,
                          std::optional<absl::Time> embargoed_until, const v1::ArticleContent* body,
                          BodyPlace place) override;
  absl::Status RemovePublic(const v1::Article& had) override;
  absl::Status KeepPublic(absl::string_view article_id, std::int64_t revision) override;
  absl::Status RemovePast(absl::string_view article_id) override;
  absl::StatusOr<std::optional<v1::Withdrawal>> FindWithdrawn(absl::string_view article_id) override;
  absl::Status SetWithdrawn(absl::string_view article_id, const v1::Withdrawal* withdrawal) override;

  absl::StatusOr<std::optional<v1::Author>> FindAuthor(absl::string_view author_id) override;
  absl::Status SaveAuthor(const v1::Author& author) override;
  absl::Status RemoveAuthor(absl::string_view author_id) override;
  absl::StatusOr<std::optional<v1::Section>> FindSection(absl::string_view section_id) override;
  absl::StatusOr<int> CountSections() override;
  absl::Status SaveSection(const v1::Section& section) override;
  absl::Status RemoveSection(absl::string_view section_id) override;
  absl::StatusOr<std::optional<v1::Curation>> FindCuration(absl::string_view section_id) override;
  absl::Status SaveCuration(const v1::Curation& curation) override;

  absl::Status AppendChange(change::v1::Change change, absl::Time now) override;
  change::v1::Snapshot snapshot() const override;

  absl::StatusOr<std::optional<StoredRequest>> FindRequest(absl::string_view request_id,
                                                           absl::Time now) override;
  absl::Status SaveRequest(absl::string_view request_id, const StoredRequest& request,
                           absl::Time expires_at) override;

  absl::Status Prune(absl::Time now, std::int64_t kept_changes, int limit) override;

 private:
  // The message in the one column of the row `statement` finds.
  template <class Message>
  absl::StatusOr<std::optional<Message>> FindMessage(absl::string_view statement, absl::string_view key);

  // Runs a statement that writes.
  absl::Status Modify(absl::string_view text, const std::vector<sql::Value>& parameters);
  // Gives the body that public_story alone keeps back to its revision: it is about to go.
  absl::Status ReturnBody(absl::string_view article_id);
  // Puts the story on its lists and no others. Where it is now is what its public side says, as that of every
  // story does.
  absl::Status SaveEntries(const v1::Article& article, const v1::Article* had);
  absl::Status RemoveEntry(const v1::Article& had, absl::string_view list);
  // Writes `added_entries_`.
  absl::Status AddEntries();

  // A row of public_entry.
  struct Entry {
    std::string list;
    std::int64_t published;
    std::string article_id;
    std::string section;
    std::int64_t urgency;
  };

  sql::Connection& connection_;
  const std::string& log_id_;
  const bool keeps_bodies_once_;
  std::int64_t position_ = 0;
  std::vector<change::v1::Change> changes_;
  // Of the edit begun last:
  std::vector<Entry> added_entries_;  // not written yet: in the order of the index many are written faster
  std::size_t changes_before_edit_ = 0;
  bool revocable_ = false;
  bool modified_ = false;
};

// What the parts of the store share.

// A page of a list ends before it would grow beyond this, whatever its limit, so that an answer fits into a
// message; it has one entry at least.
inline constexpr std::size_t kMaxListBytes = 3 << 20;

absl::StatusOr<std::int64_t> ReadHead(sql::Connection& connection);

// At most `limit` changes after position `after`, in order.
absl::StatusOr<std::vector<change::v1::Change>> ReadChanges(sql::Connection& connection, std::int64_t after,
                                                            std::int64_t limit);

// Adds the fields in `bytes` to `message`; DATA_LOSS if they cannot be read.
absl::Status MergeBytes(absl::string_view bytes, google::protobuf::MessageLite& message);

// The columns of a revision `r` that ParseDraft reads. A body that is kept with the public side of the story
// alone is empty in `revision`; the third column has it then, and is null otherwise.
inline constexpr absl::string_view kDraftColumns =
    "r.draft, r.body, CASE WHEN length(r.body) = 0 THEN (SELECT p.body FROM public_story p"
    " WHERE p.article_id = r.article_id AND p.body_revision = r.revision) END";
// From `column` on; DATA_LOSS if they cannot be read.
absl::Status ParseDraft(const sql::Row& row, int column, v1::Draft& draft);

sql::Value MicrosOrNull(std::optional<absl::Time> time);

// Names of the lists in public_entry.
std::string SectionList(absl::string_view section_id);
std::string AuthorList(absl::string_view author_id);
std::string SubjectList(absl::string_view subject);
inline constexpr absl::string_view kLatestList = "latest";
// Of a story that says none. What is more urgent has an index of its own, see version 5 of the schema.
inline constexpr int kDefaultUrgency = 5;
inline constexpr int kLowestUrgency = 9;

template <class Message>
absl::StatusOr<std::optional<Message>> SqlEditTransaction::FindMessage(absl::string_view statement,
                                                                       absl::string_view key) {
  std::optional<Message> found;
  absl::Status parsed;
  absl::Status read = connection_.Run(
      statement, {key}, [&](const sql::Row& row) { parsed = MergeBytes(row.Text(0), found.emplace()); });
  read.Update(parsed);
  if (!read.ok()) return read;
  return found;
}

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SQL_EDIT_TRANSACTION_H_
