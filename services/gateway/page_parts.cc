#include "services/gateway/page_parts.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/batches.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxAuthors = 50;
// More than are shown: some may be named by the editors already, or withdrawn by now.
constexpr int kRelatedStories = 8;
constexpr int kLatestStories = 12;

}  // namespace

std::vector<std::string> LeadImageIds(const Teasers& stories) {
  std::vector<std::string> ids;
  for (const article::v1::Article& story : stories) {
    if (story.content().has_lead_image()) ids.push_back(story.content().lead_image().image_id());
  }
  return ids;
}

page::v1::DegradationReason ReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:
      return page::v1::DEGRADATION_REASON_UNAVAILABLE;
    case absl::StatusCode::kDeadlineExceeded:
      return page::v1::DEGRADATION_REASON_DEADLINE_EXCEEDED;
    case absl::StatusCode::kResourceExhausted:
      return page::v1::DEGRADATION_REASON_OVERLOADED;
    default:
      return page::v1::DEGRADATION_REASON_INVALID_ANSWER;
  }
}

void PageDraft::Degrade(std::string_view part, page::v1::DegradationReason reason, bool stale) {
  const auto noted =
      std::find_if(degradations.begin(), degradations.end(),
                   [&](const page::v1::Degradation& degradation) { return degradation.part() == part; });
  if (noted != degradations.end()) return noted->set_stale(noted->stale() || stale);
  page::v1::Degradation& degradation = degradations.emplace_back();
  degradation.set_part(std::string(part));
  degradation.set_reason(reason);
  degradation.set_stale(stale);
}

void PageDraft::Degrade(std::string_view part, const absl::Status& status, bool stale) {
  Degrade(part, ReasonOf(status), stale);
}

bool PageDraft::Lacks(std::string_view part) const {
  return std::any_of(degradations.begin(), degradations.end(),
                     [&](const page::v1::Degradation& degradation) { return degradation.part() == part; });
}

DraftPtr PageDraft::Beside() const {
  auto beside = std::make_shared<PageDraft>();
  beside->scope = scope;
  beside->scope.context = rpc::Context(scope.context.remaining(), scope.context.trace());
  beside->renderer = renderer;
  return beside;
}

void PageDraft::Add(const PageDraft& beside) {
  dependencies.Add(beside.dependencies);
  for (const page::v1::Degradation& degradation : beside.degradations)
    Degrade(degradation.part(), degradation.reason(), degradation.stale());
}

PageParts::PageParts(Backends& backends, const Followers& followers, absl::Duration most_read_for)
    : backends_(backends),
      followers_(followers),
      sections_(followers, Source::kArticle, 1),
      authors_(followers, Source::kArticle, 2'000),
      summaries_(followers, Source::kArticle, 5'000),
      images_(followers, Source::kMedia, 5'000),
      most_read_(most_read_for) {}

rpc::Task<std::vector<article::v1::Section>> PageParts::Sections(DraftPtr draft) {
  draft->dependencies.Tag(kSectionsTag);
  auto fresh = sections_.Fresh(kSectionsTag);
  if (fresh && fresh->snapshot.position() >= draft->scope.min_article_position) {
    draft->dependencies.Read(Source::kArticle, fresh->snapshot);
    co_return *fresh->record;
  }
  auto call = backends_.Sections(draft->scope);
  absl::StatusOr<article::v1::ListSectionsResponse> response = co_await call;
  absl::Status usable = CheckSnapshot(response);
  if (!usable.ok()) {
    const change::v1::Snapshot position = followers_.position(Source::kArticle);
    std::vector<article::v1::Section> known = LastKnownSections();
    if (!known.empty()) draft->dependencies.ReadLastKnown(Source::kArticle, position);
    draft->Degrade("sections", usable, !known.empty());
    co_return known;
  }
  draft->dependencies.Read(Source::kArticle, response->snapshot());
  std::vector<article::v1::Section> sections = UsableSections(*response);
  sections_.Put(kSectionsTag, sections, response->snapshot());
  co_return sections;
}

rpc::Task<std::map<std::string, article::v1::Author>> PageParts::Authors(DraftPtr draft,
                                                                         std::vector<std::string> ids) {
  std::map<std::string, article::v1::Author> authors;
  std::vector<std::pair<std::string, Backends::Call<article::v1::GetAuthorResponse>>> calls;
  for (const std::string& id : Distinct(ids, kMaxAuthors)) {
    draft->dependencies.Tag(AuthorTag(id));
    auto fresh = authors_.Fresh(AuthorTag(id));
    if (fresh && fresh->snapshot.position() >= draft->scope.min_article_position) {
      draft->dependencies.Read(Source::kArticle, fresh->snapshot);
      authors[id] = *fresh->record;
    } else {
      calls.emplace_back(id, backends_.Author(draft->scope, id));
    }
  }
  for (auto& [id, call] : calls) {
    absl::StatusOr<article::v1::GetAuthorResponse> response = co_await call;
    if (absl::Status usable = CheckSnapshot(response); usable.ok() && response->author().author_id() == id) {
      draft->dependencies.Read(Source::kArticle, response->snapshot());
      authors_.Put(AuthorTag(id), response->author(), response->snapshot());
      authors[id] = response->author();
    } else if (auto absent = SnapshotOfAbsence(response.status())) {
      draft->dependencies.Read(Source::kArticle, *absent);
    } else {
      const change::v1::Snapshot position = followers_.position(Source::kArticle);
      if (auto known = authors_.LastKnown(AuthorTag(id))) {
        draft->dependencies.ReadLastKnown(Source::kArticle, position);
        authors[id] = *known;
      }
      draft->Degrade("authors", usable, authors.contains(id));
    }
  }
  co_return authors;
}

rpc::Task<absl::StatusOr<Teasers>> PageParts::LatestOfSection(DraftPtr draft, std::string section_id) {
  draft->dependencies.Tag(SectionListTag(section_id));
  auto call = backends_.List(draft->scope, {.section_id = section_id, .page_size = kLatestStories});
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  draft->dependencies.Read(Source::kArticle, response->snapshot());
  Teasers stories = UsableStories(*response->mutable_articles());
  for (const article::v1::Article& story : stories) {
    draft->dependencies.Tag(ArticleTag(story.article_id()));
    draft->dependencies.Expires(ArticleTag(story.article_id()), ReadableUntil(story, absl::Now()));
  }
  Remember(stories, response->snapshot());
  co_return stories;
}

rpc::Task<std::vector<std::string>> PageParts::MostReadIds(DraftPtr draft, std::size_t limit) {
  if (const auto fresh = most_read_.Fresh(absl::Now())) co_return Distinct(*fresh, limit);
  auto call = backends_.MostRead(draft->scope, kMostRead);
  absl::StatusOr<recommendation::v1::ListMostReadResponse> response = co_await call;
  absl::Status usable = response.status();
  std::vector<std::string> ids;
  if (usable.ok()) {
    for (const auto& article : response->articles()) ids.push_back(article.article_id());
    const std::size_t named = ids.size();
    ids = Distinct(ids, kMostRead);
    usable = most_read_.Take(ids, named, absl::Now());
  }
  if (!usable.ok()) {
    ids = most_read_.Known();
    draft->Degrade("most-read", usable, !ids.empty());
  }
  co_return Distinct(ids, limit);
}

std::optional<std::vector<std::string>> PageParts::InsteadOfMostRead(const std::vector<std::string>& ids,
                                                                     const Teasers& stories,
                                                                     std::size_t limit) {
  std::vector<std::string> published;
  for (const article::v1::Article& story : stories) {
    const std::string& id = story.article_id();
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) published.push_back(id);
  }
  if (!most_read_.IsNonsense(ids, published)) return std::nullopt;
  return Distinct(most_read_.Known(), limit);
}

rpc::Task<absl::StatusOr<std::vector<std::string>>> PageParts::RelatedIds(DraftPtr draft, std::string path) {
  auto call = backends_.Related(draft->scope, std::move(path), kRelatedStories);
  absl::StatusOr<recommendation::v1::ListRelatedResponse> response = co_await call;
  if (!response.ok()) co_return response.status();
  std::vector<std::string> ids;
  for (const auto& related : response->related()) ids.push_back(related.article_id());
  co_return Distinct(ids, kRelatedStories);
}

}  // namespace broadsheet::gateway
