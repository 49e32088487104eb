#include "services/article/sql_edit_transaction.h"

#include <google/protobuf/io/coded_stream.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/article/story_body.h"

namespace broadsheet::article {

sql::Value MicrosOrNull(std::optional<absl::Time> time) {
  if (!time) return sql::Null{};
  return absl::ToUnixMicros(*time);
}

absl::StatusOr<std::int64_t> ReadHead(sql::Connection& connection) {
  std::int64_t head = 0;
  absl::Status read = connection.Run("SELECT COALESCE(MAX(position), 0) FROM change_log", {},
                                     [&](const sql::Row& row) { head = row.Int64(0); });
  if (!read.ok()) return read;
  return head;
}

absl::Status MergeBytes(absl::string_view bytes, google::protobuf::MessageLite& message) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  if (message.MergeFromCodedStream(&stream) && stream.ConsumedEntireMessage()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("a stored ", message.GetTypeName(), " cannot be read"));
}

absl::Status ParseDraft(const sql::Row& row, int column, v1::Draft& draft) {
  absl::Status parsed = MergeBytes(row.Text(column), draft);
  parsed.Update(MergeBytes(row.Text(column + 1), *draft.mutable_content()));
  if (row.IsNull(column + 2)) return parsed;
  absl::StatusOr<absl::string_view> content = ContentOfArticle(row.Text(column + 2));
  parsed.Update(content.ok() ? MergeBytes(*content, *draft.mutable_content()) : content.status());
  return parsed;
}

SqlEditTransaction::SqlEditTransaction(sql::Connection& connection, const std::string& log_id,
                                       bool keeps_bodies_once)
    : connection_(connection), log_id_(log_id), keeps_bodies_once_(keeps_bodies_once) {}

absl::Status SqlEditTransaction::Begin() {
  if (absl::Status begun = connection_.Begin(sql::TransactionMode::kWrite); !begun.ok()) return begun;
  absl::StatusOr<std::int64_t> head = ReadHead(connection_);
  if (!head.ok()) return head.status();
  position_ = *head;
  return absl::OkStatus();
}

absl::Status SqlEditTransaction::BeginEdit(bool revocable) {
  changes_before_edit_ = changes_.size();
  modified_ = false;
  absl::Status status;
  if (std::exchange(revocable_, revocable)) status = connection_.Run("RELEASE SAVEPOINT edit");
  if (status.ok() && revocable) status = connection_.Run("SAVEPOINT edit");
  return status;
}

absl::Status SqlEditTransaction::RevokeEdit() {
  added_entries_.clear();
  if (!connection_.InTransaction()) return absl::UnavailableError("the database ended the transaction");
  if (revocable_) {
    position_ -= static_cast<std::int64_t>(changes_.size() - changes_before_edit_);
    changes_.resize(changes_before_edit_);
    return connection_.Run("ROLLBACK TO SAVEPOINT edit");
  }
  // PostgreSQL runs nothing more after a statement that failed, also one that only reads.
  if (!modified_ && connection_.Run("SELECT 1").ok()) return absl::OkStatus();
  return absl::UnavailableError("an edit of the same commit failed");
}

absl::Status SqlEditTransaction::Modify(absl::string_view text, const std::vector<sql::Value>& parameters) {
  modified_ = true;
  return connection_.Run(text, parameters);
}

absl::StatusOr<std::optional<Story>> SqlEditTransaction::FindStory(absl::string_view article_id) {
  std::optional<Story> story;
  absl::Status parsed;
  absl::Status read = connection_.Run(
      absl::StrCat("SELECT s.visible, s.was_visible, s.path_claimed, ", kDraftColumns,
                   " FROM story s JOIN revision r ON r.article_id = s.article_id AND r.revision = s.revision"
                   " WHERE s.article_id = $1"),
      {article_id}, [&](const sql::Row& row) {
        story.emplace();
        story->visible = row.Int64(0) != 0;
        story->was_visible = row.Int64(1) != 0;
        story->path_claimed = row.Int64(2) != 0;
        parsed = ParseDraft(row, 3, story->draft);
      });
  read.Update(parsed);
  if (!read.ok()) return read;
  return story;
}

absl::StatusOr<std::optional<v1::Draft>> SqlEditTransaction::FindRevision(absl::string_view article_id,
                                                                          std::int64_t revision, Body body) {
  std::optional<v1::Draft> draft;
  absl::Status parsed;
  absl::Status read = connection_.Run(
      absl::StrCat("SELECT ", body == Body::kWith ? kDraftColumns : "r.draft",
                   " FROM revision r WHERE r.article_id = $1 AND r.revision = $2"),
      {article_id, revision}, [&](const sql::Row& row) {
        draft.emplace();
        parsed = body == Body::kWith ? ParseDraft(row, 0, *draft) : MergeBytes(row.Text(0), *draft);
      });
  read.Update(parsed);
  if (!read.ok()) return read;
  return draft;
}

absl::Status SqlEditTransaction::SaveStory(Story& story, Action action, BodyPlace place) {
  v1::Draft& draft = story.draft;
  std::string body_bytes;
  if (!keeps_bodies_once_ || place == BodyPlace::kRevision) body_bytes = SerializeBody(draft.content());
  std::string draft_bytes;
  {
    const WithoutBody without_body(*draft.mutable_content());
    draft_bytes = draft.SerializeAsString();
  }
  const std::int64_t update_time = absl::ToUnixMicros(FromTimestamp(draft.update_time()));
  const absl::string_view article_id = draft.article_id();
  absl::Status saved = Modify(
      "INSERT INTO story (article_id, revision, edit_state, pub_status, section_id, update_time, next_event, "
      "visible,"
      " was_visible, path_claimed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
      " ON CONFLICT (article_id) DO UPDATE SET revision = $2, edit_state = $3, pub_status = $4, section_id = "
      "$5,"
      " update_time = $6, next_event = $7, visible = $8, was_visible = $9, path_claimed = $10",
      {article_id, draft.revision(), std::int64_t{draft.edit_state()}, std::int64_t{draft.pub_status()},
       absl::string_view(draft.content().section_id()), update_time,
       MicrosOrNull(NextEvent(story, FromTimestamp(draft.update_time()))), std::int64_t{story.visible},
       std::int64_t{story.was_visible}, std::int64_t{story.path_claimed}});
  if (!saved.ok()) return saved;
  return Modify(
      "INSERT INTO revision (article_id, revision, create_time, action, headline, pub_status, draft, body)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {article_id, draft.revision(), update_time, ActionName(action),
       absl::string_view(draft.content().headline()), std::int64_t{draft.pub_status()},
       sql::Blob{draft_bytes}, sql::Blob{body_bytes}});
}

absl::Status SqlEditTransaction::SetNextEvent(absl::string_view article_id, std::optional<absl::Time> time) {
  return Modify("UPDATE story SET next_event = $2 WHERE article_id = $1", {article_id, MicrosOrNull(time)});
}

absl::Status SqlEditTransaction::SetReferences(absl::string_view article_id,
                                               const std::set<std::string>& tags, Stored what) {
  std::set<std::string> stored;
  absl::Status status;
  if (what == Stored::kPerhaps) {
    status = connection_.Run("SELECT tag FROM story_reference WHERE article_id = $1", {article_id},
                             [&](const sql::Row& row) { stored.emplace(row.Text(0)); });
  }
  for (const std::string& tag : stored) {
    if (!status.ok() || tags.count(tag) != 0) continue;
    status = Modify("DELETE FROM story_reference WHERE tag = $1 AND article_id = $2",
                    {absl::string_view(tag), article_id});
  }
  for (const std::string& tag : tags) {
    if (!status.ok() || stored.count(tag) != 0) continue;
    status = Modify("INSERT INTO story_reference (tag, article_id) VALUES ($1, $2)",
                    {absl::string_view(tag), article_id});
  }
  return status;
}

absl::StatusOr<bool> SqlEditTransaction::IsReferenced(absl::string_view tag) {
  return sql::QueryRow(connection_, "SELECT 1 FROM story_reference WHERE tag = $1 LIMIT 1", {tag},
                       [](const sql::Row&) {});
}

absl::StatusOr<std::optional<v1::Author>> SqlEditTransaction::FindAuthor(absl::string_view author_id) {
  return FindMessage<v1::Author>("SELECT author FROM author WHERE author_id = $1", author_id);
}

absl::Status SqlEditTransaction::SaveAuthor(const v1::Author& author) {
  const std::string bytes = author.SerializeAsString();
  return Modify(
      "INSERT INTO author (author_id, author) VALUES ($1, $2) ON CONFLICT (author_id) DO UPDATE SET author = "
      "$2",
      {absl::string_view(author.author_id()), sql::Blob{bytes}});
}

absl::Status SqlEditTransaction::RemoveAuthor(absl::string_view author_id) {
  return Modify("DELETE FROM author WHERE author_id = $1", {author_id});
}

absl::StatusOr<std::optional<v1::Section>> SqlEditTransaction::FindSection(absl::string_view section_id) {
  return FindMessage<v1::Section>("SELECT section FROM section WHERE section_id = $1", section_id);
}

absl::StatusOr<int> SqlEditTransaction::CountSections() {
  int count = 0;
  absl::Status read = connection_.Run("SELECT COUNT(*) FROM section", {},
                                      [&](const sql::Row& row) { count = static_cast<int>(row.Int64(0)); });
  if (!read.ok()) return read;
  return count;
}

absl::Status SqlEditTransaction::SaveSection(const v1::Section& section) {
  const std::string bytes = section.SerializeAsString();
  return Modify(
      "INSERT INTO section (section_id, section) VALUES ($1, $2) ON CONFLICT (section_id) DO UPDATE SET "
      "section = $2",
      {absl::string_view(section.section_id()), sql::Blob{bytes}});
}

absl::Status SqlEditTransaction::RemoveSection(absl::string_view section_id) {
  if (absl::Status removed = Modify("DELETE FROM curation WHERE section_id = $1", {section_id});
      !removed.ok())
    return removed;
  return Modify("DELETE FROM section WHERE section_id = $1", {section_id});
}

absl::StatusOr<std::optional<v1::Curation>> SqlEditTransaction::FindCuration(absl::string_view section_id) {
  return FindMessage<v1::Curation>("SELECT curation FROM curation WHERE section_id = $1", section_id);
}

absl::Status SqlEditTransaction::SaveCuration(const v1::Curation& curation) {
  const std::string bytes = curation.SerializeAsString();
  return Modify(
      "INSERT INTO curation (section_id, curation) VALUES ($1, $2) ON CONFLICT (section_id) DO UPDATE SET "
      "curation = $2",
      {absl::string_view(curation.section_id()), sql::Blob{bytes}});
}

absl::Status SqlEditTransaction::AppendChange(change::v1::Change change, absl::Time now) {
  change.set_position(position_ + 1);
  *change.mutable_commit_time() = ToTimestamp(now);
  const std::string bytes = change.SerializeAsString();
  if (absl::Status appended = Modify("INSERT INTO change_log (position, change) VALUES ($1, $2)",
                                     {change.position(), sql::Blob{bytes}});
      !appended.ok()) {
    return appended;
  }
  ++position_;
  changes_.push_back(std::move(change));
  return absl::OkStatus();
}

change::v1::Snapshot SqlEditTransaction::snapshot() const {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(log_id_);
  snapshot.set_position(position_);
  return snapshot;
}

absl::StatusOr<std::optional<StoredRequest>> SqlEditTransaction::FindRequest(absl::string_view request_id,
                                                                             absl::Time now) {
  std::optional<StoredRequest> found;
  absl::Status read = connection_.Run(
      "SELECT digest, response, article_id, revision, position FROM request WHERE request_id = $1 AND "
      "expires_at > $2",
      {request_id, absl::ToUnixMicros(now)}, [&](const sql::Row& row) {
        found = StoredRequest{std::string(row.Text(0)), std::string(row.Text(1)), std::string(row.Text(2)),
                              row.Int64(3), row.Int64(4)};
      });
  if (!read.ok()) return read;
  return found;
}

absl::Status SqlEditTransaction::SaveRequest(absl::string_view request_id, const StoredRequest& request,
                                             absl::Time expires_at) {
  return Modify(
      "INSERT INTO request (request_id, digest, response, article_id, revision, position, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)"
      " ON CONFLICT (request_id) DO UPDATE SET digest = $2, response = $3, article_id = $4, revision = $5,"
      " position = $6, expires_at = $7",
      {request_id, sql::Blob{request.digest}, sql::Blob{request.response},
       absl::string_view(request.article_id), request.revision, request.position,
       absl::ToUnixMicros(expires_at)});
}

absl::Status SqlEditTransaction::Prune(absl::Time now, std::int64_t kept_changes, int limit) {
  absl::Status status = Modify(
      "DELETE FROM request WHERE request_id IN (SELECT request_id FROM request WHERE expires_at <= $1 LIMIT "
      "$2)",
      {absl::ToUnixMicros(now), std::int64_t{limit}});
  status.Update(
      Modify("DELETE FROM change_log WHERE position IN"
             " (SELECT position FROM change_log WHERE position <= $1 ORDER BY position LIMIT $2)",
             {position_ - kept_changes, std::int64_t{limit}}));
  return status;
}

}  // namespace broadsheet::article
