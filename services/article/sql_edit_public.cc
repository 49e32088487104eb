// The public side of stories, as edits see it.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/article/sql_edit_transaction.h"
#include "services/article/story_body.h"

namespace broadsheet::article {
namespace {

std::int64_t UrgencyOf(const v1::Article& article) {
  return article.content().urgency() == 0 ? kDefaultUrgency : article.content().urgency();
}

std::int64_t PublishedOf(const v1::Article& article) {
  return absl::ToUnixMicros(FromTimestamp(article.first_published_at()));
}

// The names of the lists that hold the story.
std::set<std::string> ListsOf(const v1::Article& article) {
  std::set<std::string> lists = {std::string(kLatestList), SectionList(article.content().section_id())};
  for (const std::string& author_id : article.content().author_ids()) lists.insert(AuthorList(author_id));
  for (const std::string& subject : article.content().subjects()) lists.insert(SubjectList(subject));
  return lists;
}

constexpr std::size_t kEntryColumns = 5;
constexpr std::size_t kEntriesAtOnce = 16;

std::string MakeInsertEntries(std::size_t rows) {
  std::string statement =
      "INSERT INTO public_entry (list, first_published_at, article_id, section, urgency) VALUES";
  for (std::size_t i = 0; i < rows; ++i) {
    absl::StrAppend(&statement, i == 0 ? " (" : ", (");
    for (std::size_t column = 1; column <= kEntryColumns; ++column)
      absl::StrAppend(&statement, column == 1 ? "$" : ", $", i * kEntryColumns + column);
    statement += ")";
  }
  return statement;
}

// For one row or kEntriesAtOnce: of a row, half the work is to begin and end a statement.
const std::string& InsertEntries(std::size_t rows) {
  static const auto* const one = new std::string(MakeInsertEntries(1));
  static const auto* const many = new std::string(MakeInsertEntries(kEntriesAtOnce));
  return rows == 1 ? *one : *many;
}

}  // namespace

std::string SectionList(absl::string_view section_id) { return absl::StrCat("section/", section_id); }
std::string AuthorList(absl::string_view author_id) { return absl::StrCat("author/", author_id); }
std::string SubjectList(absl::string_view subject) { return absl::StrCat("subject/", subject); }

absl::StatusOr<std::optional<v1::Article>> SqlEditTransaction::FindPublic(absl::string_view article_id) {
  return FindMessage<v1::Article>("SELECT article FROM public_story WHERE article_id = $1", article_id);
}

absl::Status SqlEditTransaction::SavePublic(const v1::Article& article, const v1::Article* had,
                                            std::optional<absl::Time> embargoed_until,
                                            const v1::ArticleContent* body, BodyPlace place) {
  const absl::string_view article_id = article.article_id();
  std::optional<absl::Time> expires_at;
  if (article.has_expires_at()) expires_at = FromTimestamp(article.expires_at());
  const std::string article_bytes = article.SerializeAsString();
  std::vector<sql::Value> values = {article_id,
                                    PublishedOf(article),
                                    UrgencyOf(article),
                                    MicrosOrNull(embargoed_until),
                                    MicrosOrNull(expires_at),
                                    sql::Blob{article_bytes}};
  absl::Status status;
  std::string body_bytes;
  if (body != nullptr) {
    if (had != nullptr) status = ReturnBody(article_id);
    if (!status.ok()) return status;
    // So that the two columns, one after the other, are the whole story.
    body_bytes = SerializeBodyOfArticle(*body);
    values.emplace_back(sql::Blob{body_bytes});
    values.emplace_back(keeps_bodies_once_ && place == BodyPlace::kPublic ? article.revision() : 0);
    status = Modify(
        "INSERT INTO public_story (article_id, first_published_at, urgency, embargoed_until, expires_at,"
        " article, body, body_revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (article_id) DO UPDATE SET first_published_at = $2, urgency = $3, embargoed_until = $4,"
        " expires_at = $5, article = $6, body = $7, body_revision = $8",
        values);
  } else {
    status = Modify(
        "UPDATE public_story SET first_published_at = $2, urgency = $3, embargoed_until = $4,"
        " expires_at = $5, article = $6 WHERE article_id = $1",
        values);
  }
  if (!status.ok()) return status;
  return SaveEntries(article, had);
}

absl::Status SqlEditTransaction::ReturnBody(absl::string_view article_id) {
  if (!keeps_bodies_once_) return absl::OkStatus();
  std::int64_t revision = 0;
  std::string body;
  absl::Status status = connection_.Run("SELECT body_revision, body FROM public_story WHERE article_id = $1",
                                        {article_id}, [&](const sql::Row& row) {
                                          revision = row.Int64(0);
                                          body = std::string(row.Text(1));
                                        });
  if (!status.ok() || revision == 0) return status;
  absl::StatusOr<absl::string_view> content = ContentOfArticle(body);
  if (!content.ok()) return content.status();
  return Modify("UPDATE revision SET body = $3 WHERE article_id = $1 AND revision = $2",
                {article_id, revision, sql::Blob{*content}});
}

absl::Status SqlEditTransaction::SaveEntries(const v1::Article& article, const v1::Article* had) {
  const absl::string_view article_id = article.article_id();
  const std::int64_t published = PublishedOf(article);
  const std::int64_t urgency = UrgencyOf(article);
  const std::string section = SectionList(article.content().section_id());
  std::set<std::string> added = ListsOf(article);
  std::set<std::string> had_lists;
  if (had != nullptr) had_lists = ListsOf(*had);
  absl::Status status;
  if (had != nullptr) status = AddEntries();
  for (const std::string& list : had_lists) {
    if (PublishedOf(*had) != published || added.count(list) == 0) {
      status.Update(RemoveEntry(*had, list));
      continue;
    }
    added.erase(list);
    if (UrgencyOf(*had) == urgency && had->content().section_id() == article.content().section_id()) continue;
    status.Update(
        Modify("UPDATE public_entry SET section = $4, urgency = $5"
               " WHERE list = $1 AND first_published_at = $2 AND article_id = $3",
               {absl::string_view(list), published, article_id,
                list == kLatestList ? absl::string_view() : section, urgency}));
  }
  for (const std::string& list : added) {
    added_entries_.push_back(
        {list, published, article.article_id(), list == kLatestList ? "" : section, urgency});
  }
  return status;
}

absl::Status SqlEditTransaction::AddEntries() {
  std::sort(added_entries_.begin(), added_entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.list, a.published, a.article_id) < std::tie(b.list, b.published, b.article_id);
  });
  absl::Status status;
  std::size_t written = 0;
  while (status.ok() && written < added_entries_.size()) {
    const std::size_t left = added_entries_.size() - written;
    const std::size_t rows = left < kEntriesAtOnce ? 1 : kEntriesAtOnce;
    std::vector<sql::Value> values;
    values.reserve(rows * kEntryColumns);
    for (std::size_t i = 0; i < rows; ++i) {
      const Entry& entry = added_entries_[written + i];
      values.insert(values.end(),
                    {absl::string_view(entry.list), entry.published, absl::string_view(entry.article_id),
                     absl::string_view(entry.section), entry.urgency});
    }
    status = Modify(InsertEntries(rows), values);
    written += rows;
  }
  added_entries_.clear();
  return status;
}

absl::Status SqlEditTransaction::RemoveEntry(const v1::Article& had, absl::string_view list) {
  return Modify("DELETE FROM public_entry WHERE list = $1 AND first_published_at = $2 AND article_id = $3",
                {list, PublishedOf(had), absl::string_view(had.article_id())});
}

absl::Status SqlEditTransaction::RemovePublic(const v1::Article& had) {
  const absl::string_view article_id = had.article_id();
  absl::Status status = ReturnBody(article_id);
  status.Update(AddEntries());
  for (const std::string& list : ListsOf(had)) status.Update(RemoveEntry(had, list));
  status.Update(Modify("DELETE FROM public_story WHERE article_id = $1", {article_id}));
  return status;
}

absl::Status SqlEditTransaction::KeepPublic(absl::string_view article_id, std::int64_t revision) {
  return Modify(
      "INSERT INTO past_story (article_id, revision, article, body)"
      " SELECT article_id, CAST($2 AS BIGINT), article, body FROM public_story WHERE article_id = $1"
      " ON CONFLICT (article_id, revision) DO UPDATE SET article = excluded.article, body = excluded.body",
      {article_id, revision});
}

absl::Status SqlEditTransaction::RemovePast(absl::string_view article_id) {
  return Modify("DELETE FROM past_story WHERE article_id = $1", {article_id});
}

absl::StatusOr<std::optional<v1::Withdrawal>> SqlEditTransaction::FindWithdrawn(
    absl::string_view article_id) {
  return FindMessage<v1::Withdrawal>("SELECT withdrawal FROM withdrawn WHERE article_id = $1", article_id);
}

absl::Status SqlEditTransaction::SetWithdrawn(absl::string_view article_id,
                                              const v1::Withdrawal* withdrawal) {
  if (withdrawal == nullptr) return Modify("DELETE FROM withdrawn WHERE article_id = $1", {article_id});
  const std::string bytes = withdrawal->SerializeAsString();
  return Modify(
      "INSERT INTO withdrawn (article_id, withdrawal) VALUES ($1, $2)"
      " ON CONFLICT (article_id) DO UPDATE SET withdrawal = $2",
      {article_id, sql::Blob{bytes}});
}

}  // namespace broadsheet::article
