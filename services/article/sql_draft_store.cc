// What the newsroom reads, and the change log.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/article/sql_article_store.h"
#include "services/article/sql_edit_transaction.h"

namespace broadsheet::article {
namespace {

constexpr int kPrunedAtATime = 500;

absl::Time FromMicros(std::int64_t micros) { return absl::FromUnixMicros(micros); }

// ` AND column IN (…)` for the numbers of an enum; nothing for none.
template <class Enums>
std::string In(absl::string_view column, const Enums& enums) {
  if (enums.empty()) return {};
  return absl::StrCat(
      " AND ", column, " IN (",
      absl::StrJoin(enums, ", ",
                    [](std::string* out, auto value) { absl::StrAppend(out, static_cast<int>(value)); }),
      ")");
}

v1::Revision ToRevision(const sql::Row& row) {
  v1::Revision revision;
  revision.set_revision(row.Int64(0));
  *revision.mutable_create_time() = ToTimestamp(FromMicros(row.Int64(1)));
  revision.set_action(std::string(row.Text(2)));
  revision.set_headline(std::string(row.Text(3)));
  revision.set_pub_status(static_cast<v1::PubStatus>(row.Int64(4)));
  return revision;
}

// Of which story is to follow.
std::string SelectNewest() {
  return absl::StrCat("SELECT ", kDraftColumns,
                      " FROM story s JOIN revision r ON r.article_id = s.article_id"
                      " AND r.revision = s.revision WHERE ");
}

constexpr absl::string_view kRevisionColumns = "revision, create_time, action, headline, pub_status";

}  // namespace

absl::StatusOr<std::optional<v1::Draft>> SqlArticleStore::FindDraft(const ArticleKey& key) const {
  std::optional<v1::Draft> draft;
  absl::Status parsed;
  const absl::string_view where = key.kind == ArticleKey::Kind::kId
                                      ? "s.article_id = $1"
                                      : "s.article_id = (SELECT article_id FROM story_path WHERE path = $1)";
  absl::Status read = InSnapshot([&](sql::Connection& connection) {
    return connection.Run(absl::StrCat(SelectNewest(), where), {absl::string_view(key.value)},
                          [&](const sql::Row& row) { parsed = ParseDraft(row, 0, draft.emplace()); });
  });
  read.Update(parsed);
  if (!read.ok()) return read;
  return draft;
}

absl::StatusOr<std::optional<v1::Curation>> SqlArticleStore::FindCuration(
    absl::string_view section_id) const {
  std::optional<v1::Curation> curation;
  absl::Status parsed;
  absl::Status read = InSnapshot([&](sql::Connection& connection) {
    return connection.Run("SELECT curation FROM curation WHERE section_id = $1", {section_id},
                          [&](const sql::Row& row) { parsed = MergeBytes(row.Text(0), curation.emplace()); });
  });
  read.Update(parsed);
  if (!read.ok()) return read;
  return curation;
}

absl::Status SqlArticleStore::ReadDrafts(const std::vector<std::string>& article_ids,
                                         absl::FunctionRef<void(std::size_t, v1::Draft)> on_draft) const {
  const std::string statement = absl::StrCat(SelectNewest(), "s.article_id = $1");
  return InSnapshot([&](sql::Connection& connection) {
    absl::Status status;
    for (std::size_t i = 0; i < article_ids.size() && status.ok(); ++i) {
      absl::Status parsed;
      status = connection.Run(statement, {absl::string_view(article_ids[i])}, [&](const sql::Row& row) {
        v1::Draft draft;
        parsed = ParseDraft(row, 0, draft);
        if (parsed.ok()) on_draft(i, std::move(draft));
      });
      status.Update(parsed);
    }
    return status;
  });
}

absl::StatusOr<EditStore::Drafts> SqlArticleStore::ListDrafts(const DraftQuery& query) const {
  std::string statement =
      "SELECT r.draft FROM story s JOIN revision r ON r.article_id = s.article_id AND r.revision = "
      "s.revision WHERE ";
  std::vector<sql::Value> values;
  if (query.after) {
    values = {query.after->micros, absl::string_view(query.after->article_id)};
    statement += "(s.update_time, s.article_id) < ($1, $2)";
  } else {
    statement += "1 = 1";
  }
  if (!query.section_id.empty()) {
    values.emplace_back(absl::string_view(query.section_id));
    absl::StrAppend(&statement, " AND s.section_id = $", values.size());
  }
  absl::StrAppend(&statement, In("s.edit_state", query.edit_states), In("s.pub_status", query.pub_statuses));
  values.emplace_back(std::int64_t{query.limit} + 1);
  absl::StrAppend(&statement, " ORDER BY s.update_time DESC, s.article_id DESC LIMIT $", values.size());

  Drafts result;
  std::size_t bytes = 0;
  absl::Status parsed;
  absl::Status read = InSnapshot([&](sql::Connection& connection) {
    return connection.Run(statement, values, [&](const sql::Row& row) {
      bytes += row.Text(0).size();
      result.more = result.more || result.drafts.size() == static_cast<std::size_t>(query.limit) ||
                    (bytes > kMaxListBytes && !result.drafts.empty());
      if (!result.more) parsed.Update(MergeBytes(row.Text(0), result.drafts.emplace_back()));
    });
  });
  read.Update(parsed);
  if (!read.ok()) return read;
  return result;
}

absl::StatusOr<EditStore::Revisions> SqlArticleStore::ListRevisions(absl::string_view article_id,
                                                                    std::int64_t before, int limit) const {
  Revisions result;
  absl::Status read = InSnapshot([&](sql::Connection& connection) -> absl::Status {
    absl::StatusOr<bool> known = sql::QueryRow(connection, "SELECT 1 FROM story WHERE article_id = $1",
                                               {article_id}, [](const sql::Row&) {});
    if (!known.ok()) return known.status();
    if (!*known) return absl::NotFoundError("no such story");
    return connection.Run(absl::StrCat("SELECT ", kRevisionColumns,
                                       " FROM revision WHERE article_id = $1"
                                       " AND revision < $2 ORDER BY revision DESC LIMIT $3"),
                          {article_id, before, std::int64_t{limit} + 1}, [&](const sql::Row& row) {
                            if (result.revisions.size() == static_cast<std::size_t>(limit)) {
                              result.more = true;
                            } else {
                              result.revisions.push_back(ToRevision(row));
                            }
                          });
  });
  if (!read.ok()) return read;
  return result;
}

absl::StatusOr<std::optional<EditStore::RevisionLookup>> SqlArticleStore::FindRevision(
    absl::string_view article_id, std::int64_t revision) const {
  std::optional<RevisionLookup> found;
  absl::Status parsed;
  absl::Status read = InSnapshot([&](sql::Connection& connection) {
    return connection.Run(absl::StrCat("SELECT ", kRevisionColumns, ", ", kDraftColumns,
                                       " FROM revision r WHERE r.article_id = $1 AND r.revision = $2"),
                          {article_id, revision}, [&](const sql::Row& row) {
                            found.emplace().revision = ToRevision(row);
                            parsed = ParseDraft(row, 5, found->draft);
                          });
  });
  read.Update(parsed);
  if (!read.ok()) return read;
  return found;
}

absl::StatusOr<std::vector<DueStory>> SqlArticleStore::ListDue(absl::Time until, int limit) const {
  std::vector<DueStory> due;
  absl::Status read = InLogSnapshot([&](sql::Connection& connection) {
    return connection.Run(
        "SELECT article_id, next_event FROM story WHERE next_event IS NOT NULL AND next_event <= $1"
        " ORDER BY next_event LIMIT $2",
        {absl::ToUnixMicros(until), std::int64_t{limit}}, [&](const sql::Row& row) {
          due.push_back({std::string(row.Text(0)), FromMicros(row.Int64(1))});
        });
  });
  if (!read.ok()) return read;
  return due;
}

absl::StatusOr<bool> SqlArticleStore::Prune(absl::Time now) {
  std::int64_t requests = 0;
  std::int64_t surplus = 0;
  absl::Status counted = InSnapshot([&](sql::Connection& connection) {
    absl::Status status =
        connection.Run("SELECT COUNT(*) FROM (SELECT 1 FROM request WHERE expires_at <= $1 LIMIT $2) r",
                       {absl::ToUnixMicros(now), std::int64_t{kPrunedAtATime}},
                       [&](const sql::Row& row) { requests = row.Int64(0); });
    status.Update(
        connection.Run("SELECT COALESCE(MAX(position) - MIN(position) + 1, 0) FROM change_log", {},
                       [&](const sql::Row& row) { surplus = row.Int64(0) - options_.kept_changes; }));
    return status;
  });
  if (!counted.ok()) return counted;
  if (requests == 0 && surplus <= 0) return false;
  absl::Status pruned = Write([&](EditTransaction& transaction) {
    return transaction.Prune(now, options_.kept_changes, kPrunedAtATime);
  });
  if (!pruned.ok()) return pruned;
  return requests == kPrunedAtATime || surplus > kPrunedAtATime;
}

absl::StatusOr<std::vector<EditStore::Count>> SqlArticleStore::CountStories() const {
  std::vector<Count> counts;
  absl::Status read = InSnapshot([&](sql::Connection& connection) {
    return connection.Run(
        "SELECT pub_status, edit_state, COUNT(*) FROM story GROUP BY pub_status, edit_state ORDER BY 1, 2",
        {}, [&](const sql::Row& row) {
          counts.push_back({static_cast<v1::PubStatus>(row.Int64(0)),
                            static_cast<v1::EditState>(row.Int64(1)), row.Int64(2)});
        });
  });
  if (!read.ok()) return read;
  return counts;
}

absl::StatusOr<std::int64_t> SqlArticleStore::Head() const {
  std::int64_t head = 0;
  absl::Status read = InLogSnapshot([&](sql::Connection& connection) -> absl::Status {
    absl::StatusOr<std::int64_t> position = ReadHead(connection);
    if (!position.ok()) return position.status();
    head = *position;
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return head;
}

absl::StatusOr<std::int64_t> SqlArticleStore::Floor() const {
  std::int64_t floor = 0;
  absl::Status read = InLogSnapshot([&](sql::Connection& connection) {
    return connection.Run("SELECT COALESCE(MIN(position), 1) - 1 FROM change_log", {},
                          [&](const sql::Row& row) { floor = row.Int64(0); });
  });
  if (!read.ok()) return read;
  return floor;
}

absl::StatusOr<std::vector<change::v1::Change>> ReadChanges(sql::Connection& connection, std::int64_t after,
                                                            std::int64_t limit) {
  std::vector<change::v1::Change> changes;
  absl::Status parsed;
  absl::Status read = connection.Run(
      "SELECT change FROM change_log WHERE position > $1 ORDER BY position LIMIT $2", {after, limit},
      [&](const sql::Row& row) { parsed.Update(MergeBytes(row.Text(0), changes.emplace_back())); });
  read.Update(parsed);
  if (!read.ok()) return read;
  return changes;
}

absl::StatusOr<std::vector<change::v1::Change>> SqlArticleStore::Read(std::int64_t after, int limit) const {
  std::vector<change::v1::Change> changes;
  absl::Status read = InLogSnapshot([&](sql::Connection& connection) -> absl::Status {
    absl::StatusOr<std::vector<change::v1::Change>> found = ReadChanges(connection, after, limit);
    if (!found.ok()) return found.status();
    changes = *std::move(found);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  if (!changes.empty() && changes.front().position() != after + 1) {
    return absl::OutOfRangeError(
        absl::StrCat("the log begins after position ", changes.front().position() - 1, ", not at ", after));
  }
  return changes;
}

}  // namespace broadsheet::article
