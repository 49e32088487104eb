#include "services/cli/importers/ninjs_own.h"

#include <optional>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace {

void ReadAssociations(const NewsItem& item, ImportedArticle& article) {
  for (const NewsItem& association : item.associations) {
    const std::optional<std::string> id = OwnId("article", association.uri);
    if (!id) continue;
    article.references.insert({Reference::Kind::kArticle, *id, 0});
    if (association.name == kNinjsFollows) {
      article.content.set_follows_article_id(*id);
    } else {
      article.content.add_related_article_ids(*id);
    }
  }
}

}  // namespace

void ReadOwnNinjs(const NewsItem& item, ImportedArticle& article) {
  for (const NewsItem::Text& headline : item.headlines) {
    if (headline.role == kNinjsKicker) article.content.set_kicker(OneLine(headline.value));
  }
  if (!IsOurs(item)) return;  // others have no say in what the newsroom's things are
  for (const NewsItem::Concept& subject : item.subjects) {
    if (const std::optional<std::string> id = OwnId("section", subject.uri))
      article.content.set_section_id(*id);
  }
  for (const NewsItem::Concept& person : item.people) {
    const std::optional<std::string> id = OwnId("author", person.uri);
    if (!id) continue;
    article.content.add_author_ids(*id);
    article.references.insert({Reference::Kind::kAuthor, *id, 0});
  }
  ReadAssociations(item, article);
  for (const auto& [role, value] : item.alt_ids) {
    if (role == kNinjsPath) article.path = value;
    absl::Time time;
    if (role == kNinjsCoverageEnded && absl::ParseTime(absl::RFC3339_full, value, &time, nullptr))
      *article.content.mutable_coverage_ended_at() = ToTimestamp(time);
  }
}

bool IsOurs(const NewsItem& item) { return item.version > 0 && OwnId("article", item.uri).has_value(); }

void ReadOwnState(const NewsItem& item, ImportedArticle& article) {
  if (!IsOurs(item)) return;
  for (const auto& [role, value] : item.alt_ids) {
    if (role == kNinjsState && value == "draft") article.intent = Intent::kDraft;
    absl::Time time;
    if (role != kNinjsScheduled || !absl::ParseTime(absl::RFC3339_full, value, &time, nullptr)) continue;
    article.intent = Intent::kPublish;
    article.published = time;
  }
}

bool IsListOfNames(const std::string& byline, const std::vector<NewsItem::Concept>& people) {
  std::vector<std::string> names;
  for (const NewsItem::Concept& person : people) {
    if (OwnId("author", person.uri)) names.push_back(person.name);
  }
  return !names.empty() && byline == ListOfNames(names);
}

std::string ListOfNames(const std::vector<std::string>& names) { return absl::StrJoin(names, ", "); }

}  // namespace broadsheet::cli
