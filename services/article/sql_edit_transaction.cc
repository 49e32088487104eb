#include "services/article/sql_edit_transaction.h"

#include <google/protobuf/io/coded_stream.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/article/story_body.h"

namespace broadsheet::article {
namespace {

sql::Value MicrosOrNull(std::optional<absl::Time> time) {
  if (!time) return sql::Null{};
  return absl::ToUnixMicros(*time);
}

std::int64_t UrgencyOf(const v1::Article& article) {
  return article.content().urgency() == 0 ? kDefaultUrgency : article.content().urgency();
}

std::set<std::string> ListsOf(const v1::Article& article) {
  std::set<std::string> lists = {std::string(kLatestList), SectionList(article.content().section_id())};
  for (const std::string& author_id : article.content().author_ids()) lists.insert(AuthorList(author_id));
  for (const std::string& subject : article.content().subjects()) lists.insert(SubjectList(subject));
  return lists;
}

}  // namespace

std::string SectionList(absl::string_view section_id) { return absl::StrCat("section/", section_id); }
std::string AuthorList(absl::string_view author_id) { return absl::StrCat("author/", author_id); }
std::string SubjectList(absl::string_view subject) { return absl::StrCat("subject/", subject); }

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

SqlEditTransaction::SqlEditTransaction(sql::Connection& connection, const std::string& log_id)
    : connection_(connection), log_id_(log_id) {}

absl::Status SqlEditTransaction::Begin() {
  if (absl::Status begun = connection_.Begin(sql::TransactionMode::kWrite); !begun.ok()) return begun;
  absl::StatusOr<std::int64_t> head = ReadHead(connection_);
  if (!head.ok()) return head.status();
  position_ = *head;
  return absl::OkStatus();
}

absl::Status SqlEditTransaction::Mark() {
  changes_at_mark_ = changes_.size();
  if (std::exchange(marked_, true)) {
    if (absl::Status released = connection_.Run("RELEASE SAVEPOINT edit"); !released.ok()) return released;
  }
  return connection_.Run("SAVEPOINT edit");
}

absl::Status SqlEditTransaction::RollbackToMark() {
  if (!connection_.InTransaction()) return absl::UnavailableError("the database ended the transaction");
  position_ -= static_cast<std::int64_t>(changes_.size() - changes_at_mark_);
  changes_.resize(changes_at_mark_);
  return connection_.Run("ROLLBACK TO SAVEPOINT edit");
}

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

absl::StatusOr<std::optional<Story>> SqlEditTransaction::FindStory(absl::string_view article_id) {
  std::optional<Story> story;
  absl::Status parsed;
  absl::Status read = connection_.Run(
      "SELECT s.visible, s.was_visible, s.path_claimed, r.draft, r.body FROM story s"
      " JOIN revision r ON r.article_id = s.article_id AND r.revision = s.revision WHERE s.article_id = $1",
      {article_id}, [&](const sql::Row& row) {
        story.emplace();
        story->visible = row.Int64(0) != 0;
        story->was_visible = row.Int64(1) != 0;
        story->path_claimed = row.Int64(2) != 0;
        parsed = MergeBytes(row.Text(3), story->draft);
        parsed.Update(MergeBytes(row.Text(4), *story->draft.mutable_content()));
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
      body == Body::kWith ? "SELECT draft, body FROM revision WHERE article_id = $1 AND revision = $2"
                          : "SELECT draft FROM revision WHERE article_id = $1 AND revision = $2",
      {article_id, revision}, [&](const sql::Row& row) {
        parsed = MergeBytes(row.Text(0), draft.emplace());
        if (body == Body::kWith) parsed.Update(MergeBytes(row.Text(1), *draft->mutable_content()));
      });
  read.Update(parsed);
  if (!read.ok()) return read;
  return draft;
}

absl::Status SqlEditTransaction::SaveStory(Story& story, Action action) {
  v1::Draft& draft = story.draft;
  const std::string body_bytes = SerializeBody(draft.content());
  std::string draft_bytes;
  {
    const WithoutBody without_body(*draft.mutable_content());
    draft_bytes = draft.SerializeAsString();
  }
  const std::int64_t update_time = absl::ToUnixMicros(FromTimestamp(draft.update_time()));
  const absl::string_view article_id = draft.article_id();
  absl::Status saved = connection_.Run(
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
  return connection_.Run(
      "INSERT INTO revision (article_id, revision, create_time, action, headline, pub_status, draft, body)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {article_id, draft.revision(), update_time, ActionName(action),
       absl::string_view(draft.content().headline()), std::int64_t{draft.pub_status()},
       sql::Blob{draft_bytes}, sql::Blob{body_bytes}});
}

absl::Status SqlEditTransaction::SetNextEvent(absl::string_view article_id, std::optional<absl::Time> time) {
  return connection_.Run("UPDATE story SET next_event = $2 WHERE article_id = $1",
                         {article_id, MicrosOrNull(time)});
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
    status = connection_.Run("DELETE FROM story_reference WHERE tag = $1 AND article_id = $2",
                             {absl::string_view(tag), article_id});
  }
  for (const std::string& tag : tags) {
    if (!status.ok() || stored.count(tag) != 0) continue;
    status = connection_.Run("INSERT INTO story_reference (tag, article_id) VALUES ($1, $2)",
                             {absl::string_view(tag), article_id});
  }
  return status;
}

absl::StatusOr<bool> SqlEditTransaction::IsReferenced(absl::string_view tag) {
  return sql::QueryRow(connection_, "SELECT 1 FROM story_reference WHERE tag = $1 LIMIT 1", {tag},
                       [](const sql::Row&) {});
}

absl::StatusOr<std::optional<v1::Article>> SqlEditTransaction::FindPublic(absl::string_view article_id) {
  return FindMessage<v1::Article>("SELECT article FROM public_story WHERE article_id = $1", article_id);
}

absl::Status SqlEditTransaction::SavePublic(const v1::Article& article,
                                            std::optional<absl::Time> embargoed_until,
                                            const v1::ArticleContent* body, Stored what) {
  const absl::string_view article_id = article.article_id();
  const std::int64_t urgency = UrgencyOf(article);
  const std::int64_t published = absl::ToUnixMicros(FromTimestamp(article.first_published_at()));
  std::optional<absl::Time> expires_at;
  if (article.has_expires_at()) expires_at = FromTimestamp(article.expires_at());
  const std::string article_bytes = article.SerializeAsString();
  std::vector<sql::Value> values = {article_id,
                                    published,
                                    urgency,
                                    MicrosOrNull(embargoed_until),
                                    MicrosOrNull(expires_at),
                                    sql::Blob{article_bytes}};
  absl::Status status;
  std::string body_bytes;
  if (body != nullptr) {
    // So that the two columns, one after the other, are the whole story.
    body_bytes = SerializeArticleOf(SerializeBody(*body));
    values.emplace_back(sql::Blob{body_bytes});
    status = connection_.Run(
        "INSERT INTO public_story (article_id, first_published_at, urgency, embargoed_until, expires_at, "
        "article, body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (article_id) DO UPDATE SET first_published_at = $2,"
        " urgency = $3, embargoed_until = $4, expires_at = $5, article = $6, body = $7",
        values);
  } else {
    status = connection_.Run(
        "UPDATE public_story SET first_published_at = $2, urgency = $3, embargoed_until = $4, expires_at = "
        "$5,"
        " article = $6 WHERE article_id = $1",
        values);
  }
  if (!status.ok()) return status;

  return SaveEntries(article_id, published, SectionList(article.content().section_id()), urgency,
                     ListsOf(article), what);
}

absl::Status SqlEditTransaction::SaveEntries(absl::string_view article_id, std::int64_t published,
                                             absl::string_view section, std::int64_t urgency,
                                             std::set<std::string> lists, Stored what) {
  std::set<std::string> stale;
  bool moved = false;  // to another section
  absl::Status status;
  if (what == Stored::kPerhaps) {
    status =
        connection_.Run("SELECT list, first_published_at, section FROM public_entry WHERE article_id = $1",
                        {article_id}, [&](const sql::Row& row) {
                          std::string list(row.Text(0));
                          moved |= row.Text(2) != section && list != kLatestList;
                          if (row.Int64(1) != published || lists.erase(list) == 0)
                            stale.insert(std::move(list));
                        });
  }
  for (const std::string& list : stale) {
    status.Update(connection_.Run("DELETE FROM public_entry WHERE article_id = $1 AND list = $2",
                                  {article_id, absl::string_view(list)}));
  }
  if (moved) {
    status.Update(connection_.Run("UPDATE public_entry SET section = $2 WHERE article_id = $1 AND list <> $3",
                                  {article_id, section, kLatestList}));
  }
  for (const std::string& list : lists) {
    status.Update(
        connection_.Run("INSERT INTO public_entry (list, first_published_at, article_id, section, urgency)"
                        " VALUES ($1, $2, $3, $4, $5)",
                        {absl::string_view(list), published, article_id,
                         list == kLatestList ? absl::string_view() : section, urgency}));
  }
  return status;
}

absl::Status SqlEditTransaction::RemovePublic(absl::string_view article_id) {
  absl::Status status = connection_.Run("DELETE FROM public_entry WHERE article_id = $1", {article_id});
  status.Update(connection_.Run("DELETE FROM public_story WHERE article_id = $1", {article_id}));
  return status;
}

absl::Status SqlEditTransaction::KeepPublic(absl::string_view article_id, std::int64_t revision) {
  return connection_.Run(
      "INSERT INTO past_story (article_id, revision, article, body)"
      " SELECT article_id, CAST($2 AS BIGINT), article, body FROM public_story WHERE article_id = $1"
      " ON CONFLICT (article_id, revision) DO UPDATE SET article = excluded.article, body = excluded.body",
      {article_id, revision});
}

absl::Status SqlEditTransaction::RemovePast(absl::string_view article_id) {
  return connection_.Run("DELETE FROM past_story WHERE article_id = $1", {article_id});
}

absl::StatusOr<std::optional<v1::Withdrawal>> SqlEditTransaction::FindWithdrawn(
    absl::string_view article_id) {
  return FindMessage<v1::Withdrawal>("SELECT withdrawal FROM withdrawn WHERE article_id = $1", article_id);
}

absl::Status SqlEditTransaction::SetWithdrawn(absl::string_view article_id,
                                              const v1::Withdrawal* withdrawal) {
  if (withdrawal == nullptr)
    return connection_.Run("DELETE FROM withdrawn WHERE article_id = $1", {article_id});
  const std::string bytes = withdrawal->SerializeAsString();
  return connection_.Run(
      "INSERT INTO withdrawn (article_id, withdrawal) VALUES ($1, $2)"
      " ON CONFLICT (article_id) DO UPDATE SET withdrawal = $2",
      {article_id, sql::Blob{bytes}});
}

absl::StatusOr<std::optional<v1::Author>> SqlEditTransaction::FindAuthor(absl::string_view author_id) {
  return FindMessage<v1::Author>("SELECT author FROM author WHERE author_id = $1", author_id);
}

absl::Status SqlEditTransaction::SaveAuthor(const v1::Author& author) {
  const std::string bytes = author.SerializeAsString();
  return connection_.Run(
      "INSERT INTO author (author_id, author) VALUES ($1, $2) ON CONFLICT (author_id) DO UPDATE SET author = "
      "$2",
      {absl::string_view(author.author_id()), sql::Blob{bytes}});
}

absl::Status SqlEditTransaction::RemoveAuthor(absl::string_view author_id) {
  return connection_.Run("DELETE FROM author WHERE author_id = $1", {author_id});
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
  return connection_.Run(
      "INSERT INTO section (section_id, section) VALUES ($1, $2) ON CONFLICT (section_id) DO UPDATE SET "
      "section = $2",
      {absl::string_view(section.section_id()), sql::Blob{bytes}});
}

absl::Status SqlEditTransaction::RemoveSection(absl::string_view section_id) {
  return connection_.Run("DELETE FROM section WHERE section_id = $1", {section_id});
}

absl::Status SqlEditTransaction::AppendChange(change::v1::Change change, absl::Time now) {
  change.set_position(position_ + 1);
  *change.mutable_commit_time() = ToTimestamp(now);
  const std::string bytes = change.SerializeAsString();
  if (absl::Status appended = connection_.Run("INSERT INTO change_log (position, change) VALUES ($1, $2)",
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
  return connection_.Run(
      "INSERT INTO request (request_id, digest, response, article_id, revision, position, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)"
      " ON CONFLICT (request_id) DO UPDATE SET digest = $2, response = $3, article_id = $4, revision = $5,"
      " position = $6, expires_at = $7",
      {request_id, sql::Blob{request.digest}, sql::Blob{request.response},
       absl::string_view(request.article_id), request.revision, request.position,
       absl::ToUnixMicros(expires_at)});
}

absl::Status SqlEditTransaction::Prune(absl::Time now, std::int64_t kept_changes, int limit) {
  absl::Status status = connection_.Run(
      "DELETE FROM request WHERE request_id IN (SELECT request_id FROM request WHERE expires_at <= $1 LIMIT "
      "$2)",
      {absl::ToUnixMicros(now), std::int64_t{limit}});
  status.Update(
      connection_.Run("DELETE FROM change_log WHERE position IN"
                      " (SELECT position FROM change_log WHERE position <= $1 ORDER BY position LIMIT $2)",
                      {position_ - kept_changes, std::int64_t{limit}}));
  return status;
}

}  // namespace broadsheet::article
