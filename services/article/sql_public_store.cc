// What readers get: selects from public_story, past_story, public_entry, withdrawn, author and section only,
// none of which holds anything that was never published; curation names stories, of which it takes these.
#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/sql_article_store.h"
#include "services/article/sql_edit_transaction.h"

namespace broadsheet::article {
namespace {

// A batch of stories does not grow beyond this: an answer has 8 MiB at most.
constexpr std::size_t kMaxBatchBytes = 7 << 20;

// Of the clocks of the processes that serve one database. What is in public_story under an embargo is there
// because a commit found it to be over by its own process's clock; a process whose clock is behind that one's
// would say, at a position at which the story is public, that it is not. So an embargo counts as over this
// much earlier here, for stories that have been released, and for no others. One that lies further ahead
// hides its story again: then a clock was set, or was wrong.
constexpr absl::Duration kClockDifference = absl::Seconds(5);

// A story is unreadable from the instant its expiry says, also while the commit that takes it away is still
// to come.
const std::string& Readable() {
  static const auto* const condition = new std::string(absl::StrCat(
      " AND (p.embargoed_until IS NULL OR p.embargoed_until - ", absl::ToInt64Microseconds(kClockDifference),
      " <= $2) AND (p.expires_at IS NULL OR p.expires_at > $2)"));
  return *condition;
}

struct Columns {
  absl::string_view selected;
  int count;
};
Columns StoryColumns(Body body) {
  return body == Body::kWith ? Columns{"p.article, p.body", 2} : Columns{"p.article", 1};
}

absl::Status ParseStory(const sql::Row& row, int columns, v1::Article& article) {
  absl::Status parsed;
  for (int i = 0; i < columns; ++i) parsed.Update(MergeBytes(row.Text(i), article));
  return parsed;
}

// A story as it is stored, with or without its body.
struct StoredStory {
  std::string bytes;    // of a v1::Article
  v1::Article article;  // without its body
};

// A message that comes in two parts is merged by who reads it.
std::string BytesOfStory(const sql::Row& row, int columns) {
  return absl::StrCat(row.Text(0), columns > 1 ? row.Text(1) : "");
}

absl::Status TakeStory(const sql::Row& row, int columns, StoredStory& story) {
  story.bytes = BytesOfStory(row, columns);
  return MergeBytes(row.Text(0), story.article);
}

// `take` gets a row of StoryColumns.
absl::StatusOr<bool> ReadStory(sql::Connection& connection, absl::string_view article_id, Body body,
                               std::int64_t now_micros,
                               absl::FunctionRef<absl::Status(const sql::Row&)> take) {
  absl::Status taken;
  absl::StatusOr<bool> found =
      sql::QueryRow(connection,
                    absl::StrCat("SELECT ", StoryColumns(body).selected,
                                 " FROM public_story p WHERE p.article_id = $1", Readable()),
                    {article_id, now_micros}, [&](const sql::Row& row) { taken = take(row); });
  if (!taken.ok()) return taken;
  return found;
}

// A revision that readers had, of a story that they have now.
absl::StatusOr<bool> ReadPastStory(sql::Connection& connection, absl::string_view article_id,
                                   std::int64_t revision, Body body, std::int64_t now_micros,
                                   StoredStory& story) {
  absl::Status taken;
  absl::StatusOr<bool> found =
      sql::QueryRow(connection,
                    absl::StrCat(body == Body::kWith ? "SELECT q.article, q.body" : "SELECT q.article",
                                 " FROM public_story p JOIN past_story q ON q.article_id = p.article_id"
                                 " WHERE p.article_id = $1",
                                 Readable(), " AND q.revision = $3"),
                    {article_id, now_micros, revision},
                    [&](const sql::Row& row) { taken = TakeStory(row, StoryColumns(body).count, story); });
  if (!taken.ok()) return taken;
  return found;
}

// The story with its authors and section.
absl::StatusOr<std::shared_ptr<const FoundArticle>> WithCompany(sql::Connection& connection,
                                                                StoredStory story) {
  auto found = std::make_shared<FoundArticle>();
  found->Describe(story.article);
  found->SetArticle(std::move(story.bytes));
  for (const std::string& author_id : found->author_ids) {
    absl::Status read =
        connection.Run("SELECT author FROM author WHERE author_id = $1", {absl::string_view(author_id)},
                       [&](const sql::Row& row) { found->AddAuthor(row.Text(0)); });
    if (!read.ok()) return read;
  }
  absl::Status read = connection.Run("SELECT section FROM section WHERE section_id = $1",
                                     {absl::string_view(found->section_id)},
                                     [&](const sql::Row& row) { found->SetSection(row.Text(0)); });
  if (!read.ok()) return read;
  return found;
}

// What was chosen for a section's page, or for the front if that is empty, as far as readers may see it
// there.
absl::Status ReadCurated(sql::Connection& connection, absl::string_view section_id, std::int64_t now_micros,
                         std::vector<v1::Article>& articles) {
  v1::Curation curation;
  absl::Status parsed;
  absl::Status read =
      connection.Run("SELECT curation FROM curation WHERE section_id = $1", {section_id},
                     [&](const sql::Row& row) { parsed = MergeBytes(row.Text(0), curation); });
  read.Update(parsed);
  for (const std::string& article_id : curation.article_ids()) {
    if (!read.ok()) return read;
    v1::Article article;
    const absl::StatusOr<bool> found =
        ReadStory(connection, article_id, Body::kWithout, now_micros,
                  [&](const sql::Row& row) { return MergeBytes(row.Text(0), article); });
    read = found.status();
    if (!found.ok() || !*found) continue;
    if (section_id.empty() || article.content().section_id() == section_id)
      articles.push_back(std::move(article));
  }
  return read;
}

absl::Status ReadAuthor(sql::Connection& connection, absl::string_view author_id,
                        std::optional<v1::Author>& author) {
  absl::Status parsed;
  absl::Status read =
      connection.Run("SELECT author FROM author WHERE author_id = $1", {author_id},
                     [&](const sql::Row& row) { parsed = MergeBytes(row.Text(0), author.emplace()); });
  read.Update(parsed);
  return read;
}

// The story a path leads to. Also knows paths of stories that are not public: what follows must select from
// what is.
absl::StatusOr<std::string> ResolveKey(sql::Connection& connection, const ArticleKey& key) {
  if (key.kind == ArticleKey::Kind::kId) return key.value;
  std::string article_id;
  absl::Status read =
      connection.Run("SELECT article_id FROM story_path WHERE path = $1", {absl::string_view(key.value)},
                     [&](const sql::Row& row) { article_id = std::string(row.Text(0)); });
  if (!read.ok()) return read;
  return article_id;
}

// What readers see in the place of a story that is not readable, if it once was.
absl::Status ReadWithdrawal(sql::Connection& connection, absl::string_view article_id,
                            std::int64_t now_micros, std::optional<v1::Withdrawal>& withdrawal) {
  absl::Status parsed;
  absl::Status read =
      connection.Run("SELECT withdrawal FROM withdrawn WHERE article_id = $1", {article_id},
                     [&](const sql::Row& row) { parsed = MergeBytes(row.Text(0), withdrawal.emplace()); });
  read.Update(parsed);
  if (!read.ok() || withdrawal) return read;
  // Expired, but the commit that says so is still to come: it was public for certain. One that is under an
  // embargo by this clock is not gone: nobody may keep that.
  absl::StatusOr<bool> expired =
      sql::QueryRow(connection, "SELECT 1 FROM public_story WHERE article_id = $1 AND expires_at <= $2",
                    {article_id, now_micros}, [](const sql::Row&) {});
  if (!expired.ok()) return expired.status();
  if (*expired) withdrawal.emplace().set_mode(v1::WITHDRAWAL_MODE_GONE);
  return absl::OkStatus();
}

// The statement for a page of a list.
//
// The most selective list leads; a section beside an author or a subject is found in the entry itself, the
// third list by a look into the primary key. What is more urgent than most is merged from one list for each
// urgency, so that nothing else is read.
class ListSelect {
 public:
  // The query must outlive this.
  ListSelect(const ListQuery& query, absl::string_view columns, std::int64_t now_micros) {
    if (!query.author_id.empty()) lists_.push_back(AuthorList(query.author_id));
    if (!query.subject.empty()) lists_.push_back(SubjectList(query.subject));
    if (!query.section_id.empty())
      (lists_.empty() ? lists_.emplace_back() : section_) = SectionList(query.section_id);
    if (lists_.empty()) lists_.emplace_back(kLatestList);
    below_ = {std::numeric_limits<std::int64_t>::max(), ""};
    if (query.before) below_.micros = absl::ToUnixMicros(*query.before);
    if (query.after && query.after->micros < below_.micros) below_ = *query.after;
    values_ = {absl::string_view(lists_[0]),
               now_micros,
               below_.micros,
               absl::string_view(below_.article_id),
               query.since ? absl::ToUnixMicros(*query.since) : std::numeric_limits<std::int64_t>::min(),
               std::int64_t{query.limit} + 1};
    std::string where = absl::StrCat(
        "SELECT ", columns,
        ", e.first_published_at, e.article_id"
        " FROM public_entry e JOIN public_story p ON p.article_id = e.article_id WHERE e.list = $1",
        Readable(), " AND (e.first_published_at, e.article_id) < ($3, $4) AND e.first_published_at >= $5");
    if (!section_.empty()) {
      values_.emplace_back(absl::string_view(section_));
      absl::StrAppend(&where, " AND e.section = $", values_.size(),
                      " AND e.section <> '' AND e.list <> e.section");
    }
    if (lists_.size() > 1) {
      values_.emplace_back(absl::string_view(lists_[1]));
      absl::StrAppend(&where, " AND EXISTS (SELECT 1 FROM public_entry f WHERE f.list = $", values_.size(),
                      " AND f.first_published_at = e.first_published_at AND f.article_id = e.article_id)");
    }
    if (query.max_urgency >= kDefaultUrgency) {
      // The index by section does not hold the urgency: SQLite would read the whole list for it.
      if (query.max_urgency < kLowestUrgency)
        absl::StrAppend(&where, section_.empty() ? " AND e" : " AND p", ".urgency <= ", query.max_urgency);
      statement_ = absl::StrCat(where, kNewestFirst);
      return;
    }
    for (int urgency = 1; urgency <= query.max_urgency; ++urgency) {
      absl::StrAppend(&statement_, urgency == 1 ? "SELECT * FROM (" : " UNION ALL SELECT * FROM (", where,
                      " AND e.urgency = ", urgency, " AND e.urgency < 5", kNewestFirst, ") u", urgency);
    }
    absl::StrAppend(&statement_, " ORDER BY first_published_at DESC, article_id DESC LIMIT $6");
  }
  ListSelect(const ListSelect&) = delete;
  ListSelect& operator=(const ListSelect&) = delete;

  const std::string& statement() const { return statement_; }
  // As long as this lives.
  const std::vector<sql::Value>& values() const { return values_; }

 private:
  static constexpr absl::string_view kNewestFirst =
      " ORDER BY e.first_published_at DESC, e.article_id DESC LIMIT $6";

  std::vector<std::string> lists_;
  std::string section_;
  ListPlace below_;
  std::string statement_;
  std::vector<sql::Value> values_;
};

}  // namespace

absl::StatusOr<SnapshotRead<ArticleLookup>> SqlArticleStore::FindArticle(const ArticleKey& key, Body body,
                                                                         const Clock& clock,
                                                                         std::int64_t min_position) const {
  return FindReadable(key, std::nullopt, body, clock, min_position);
}

absl::StatusOr<SnapshotRead<ArticleLookup>> SqlArticleStore::FindPastArticle(
    const ArticleKey& key, std::int64_t revision, Body body, const Clock& clock,
    std::int64_t min_position) const {
  return FindReadable(key, revision, body, clock, min_position);
}

absl::StatusOr<SnapshotRead<ArticleLookup>> SqlArticleStore::FindReadable(
    const ArticleKey& key, std::optional<std::int64_t> revision, Body body, const Clock& clock,
    std::int64_t min_position) const {
  SnapshotRead<ArticleLookup> result;
  absl::Status read =
      InSnapshot(min_position, result.snapshot, [&](sql::Connection& connection) -> absl::Status {
        const std::int64_t now_micros = absl::ToUnixMicros(clock());
        absl::StatusOr<std::string> article_id = ResolveKey(connection, key);
        if (!article_id.ok() || article_id->empty()) return article_id.status();
        StoredStory story;
        absl::StatusOr<bool> found =
            ReadStory(connection, *article_id, body, now_micros,
                      [&](const sql::Row& row) { return TakeStory(row, StoryColumns(body).count, story); });
        if (!found.ok()) return found.status();
        if (!*found) {
          result.value.withdrawn_id = *article_id;
          return ReadWithdrawal(connection, *article_id, now_micros, result.value.withdrawal);
        }
        if (revision && story.article.revision() != *revision) {
          story = {};
          found = ReadPastStory(connection, *article_id, *revision, body, now_micros, story);
          if (!found.ok()) return found.status();
          result.value.no_such_revision = !*found;
          if (!*found) return absl::OkStatus();
        }
        auto with_company = WithCompany(connection, std::move(story));
        if (!with_company.ok()) return with_company.status();
        result.value.found = *std::move(with_company);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return result;
}

absl::StatusOr<SnapshotRead<std::vector<std::string>>> SqlArticleStore::FindArticles(
    const std::vector<std::string>& ids, Body body, const Clock& clock, std::int64_t min_position) const {
  SnapshotRead<std::vector<std::string>> result;
  std::size_t bytes = 0;
  bool too_large = false;
  absl::Status read =
      InSnapshot(min_position, result.snapshot, [&](sql::Connection& connection) -> absl::Status {
        const std::int64_t now_micros = absl::ToUnixMicros(clock());
        std::set<absl::string_view> seen;
        for (const std::string& id : ids) {
          if (!seen.insert(id).second) continue;
          absl::StatusOr<bool> found = ReadStory(connection, id, body, now_micros, [&](const sql::Row& row) {
            bytes += result.value.emplace_back(BytesOfStory(row, StoryColumns(body).count)).size();
            return absl::OkStatus();
          });
          if (!found.ok()) return found.status();
          too_large = bytes > kMaxBatchBytes && result.value.size() > 1;
          if (too_large) return absl::OkStatus();
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (too_large) {
    return rpc::ErrorInfo(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
                          "the stories have more than 7 MiB together: ask for fewer");
  }
  return result;
}

absl::StatusOr<SnapshotRead<PublicStore::List>> SqlArticleStore::ListArticles(
    const ListQuery& query, Body body, const Clock& clock, std::int64_t min_position) const {
  const Columns columns = StoryColumns(body);
  SnapshotRead<List> result;
  List& list = result.value;
  std::size_t bytes = 0;
  absl::Status parsed;
  absl::Status read =
      InSnapshot(min_position, result.snapshot, [&](sql::Connection& connection) -> absl::Status {
        const std::int64_t now_micros = absl::ToUnixMicros(clock());
        if (query.with_curated) {
          absl::Status chosen = ReadCurated(connection, query.section_id, now_micros, list.curated);
          if (!chosen.ok()) return chosen;
        }
        for (const v1::Article& article : list.curated) bytes += article.ByteSizeLong();
        const ListSelect select(query, columns.selected, now_micros);
        return connection.Run(select.statement(), select.values(), [&](const sql::Row& row) {
          for (int i = 0; i < columns.count; ++i) bytes += row.Text(i).size();
          list.more = list.more || list.articles.size() == static_cast<std::size_t>(query.limit) ||
                      (bytes > kMaxListBytes && !list.articles.empty());
          if (!list.more) parsed.Update(ParseStory(row, columns.count, list.articles.emplace_back()));
        });
      });
  read.Update(parsed);
  if (!read.ok()) return read;
  return result;
}

absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> SqlArticleStore::FindAuthor(
    absl::string_view author_id, std::int64_t min_position) const {
  SnapshotRead<std::optional<v1::Author>> result;
  absl::Status read = InSnapshot(min_position, result.snapshot, [&](sql::Connection& connection) {
    return ReadAuthor(connection, author_id, result.value);
  });
  if (!read.ok()) return read;
  return result;
}

absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> SqlArticleStore::ListSections(
    std::int64_t min_position) const {
  SnapshotRead<std::vector<v1::Section>> result;
  absl::Status parsed;
  absl::Status read = InSnapshot(min_position, result.snapshot, [&](sql::Connection& connection) {
    return connection.Run("SELECT section FROM section", {}, [&](const sql::Row& row) {
      parsed.Update(MergeBytes(row.Text(0), result.value.emplace_back()));
    });
  });
  read.Update(parsed);
  if (!read.ok()) return read;
  std::sort(result.value.begin(), result.value.end(), [](const v1::Section& a, const v1::Section& b) {
    return std::forward_as_tuple(a.order(), a.name(), a.section_id()) <
           std::forward_as_tuple(b.order(), b.name(), b.section_id());
  });
  return result;
}

}  // namespace broadsheet::article
