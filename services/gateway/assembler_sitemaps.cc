#include <optional>
#include <set>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/assembler.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/timestamp.h"

// What search engines are told to visit. Sitemaps depend on the list of stories alone: a story that leaves it
// is gone at once, a new date of one that stays may be a minute old. The news sitemap shows headlines, so it
// depends on each of its stories too.
namespace broadsheet::gateway {
namespace {

constexpr int kListPage = 100;                        // the most that one call returns
constexpr std::size_t kMonthStories = 50'000;         // the most that a sitemap may hold
constexpr std::size_t kNewsStories = 1'000;           // the most that a news sitemap may hold
constexpr std::size_t kAuthorsOfStories = 1'000;      // the newest, whose authors' pages are listed
constexpr std::size_t kMaxMonths = 1'200;             // a century of them
constexpr absl::Duration kNewsAge = absl::Hours(48);  // what news search engines want

// What a sitemap says of a story; the rest would be held for up to 50,000 of them.
article::v1::Article Slim(const article::v1::Article& story) {
  article::v1::Article slim;
  slim.set_article_id(story.article_id());
  slim.set_path(story.path());
  *slim.mutable_first_published_at() = story.first_published_at();
  *slim.mutable_version_created_at() = story.version_created_at();
  slim.mutable_content()->set_headline(story.content().headline());
  slim.mutable_content()->set_language(story.content().language());
  *slim.mutable_content()->mutable_author_ids() = story.content().author_ids();
  return slim;
}

PageBody Xml(std::string text) {
  return {.media_type = "application/xml; charset=utf-8", .text = std::move(text)};
}

absl::CivilMonth MonthOf(const article::v1::Article& story) {
  return absl::ToCivilMonth(TimeOf(story.first_published_at()), absl::UTCTimeZone());
}

// A sitemap lists at least one page, so that of news is named only while it has one.
void ListNews(const article::v1::Article& newest, SitemapIndexPage& page, Dependencies& dependencies) {
  const absl::Time old = TimeOf(newest.first_published_at()) + kNewsAge;
  if (old <= absl::Now()) return;
  page.paths.emplace_back(kNewsSitemapPath);
  dependencies.Ages(old);
}

absl::Time StartOf(absl::CivilMonth month) { return absl::FromCivil(month, absl::UTCTimeZone()); }

// Of "2026-11".
absl::CivilMonth ParseMonth(const std::string& month) {
  return absl::CivilMonth(std::stoi(month.substr(0, 4)), std::stoi(month.substr(5)));
}

}  // namespace

rpc::Task<absl::StatusOr<Teasers>> Assembler::Listed(DraftPtr draft, Backends::ListQuery query,
                                                     std::size_t limit) {
  draft->dependencies.Tag(kLatestListTag);
  query.page_size = kListPage;
  Teasers stories;
  do {
    auto call = backends_.List(draft->scope, query);
    absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
    if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
    draft->dependencies.Read(Source::kArticle, response->snapshot());
    query.page_token = response->articles().empty() ? "" : response->next_page_token();
    for (const article::v1::Article& story : UsableStories(*response->mutable_articles())) {
      if (stories.size() == limit) break;
      draft->dependencies.Expires(ArticleTag(story.article_id()), ReadableUntil(story, absl::Now()));
      stories.push_back(Slim(story));
    }
  } while (!query.page_token.empty() && stories.size() < limit);
  co_return stories;
}

// From one story to the newest of an earlier month: one call for each month in which anything was published.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::SitemapIndex(Route route, DraftPtr draft) {
  draft->dependencies.Tag(kLatestListTag);
  SitemapIndexPage page = {.paths = {std::string(kPagesSitemapPath)}};
  Backends::ListQuery query = {.page_size = 1};
  std::optional<absl::CivilMonth> month;
  for (std::size_t months = 0; months < kMaxMonths; ++months) {
    auto call = backends_.List(draft->scope, query);
    absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
    if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
    draft->dependencies.Read(Source::kArticle, response->snapshot());
    if (response->articles().empty()) break;
    if (!month) ListNews(response->articles(0), page, draft->dependencies);
    const absl::CivilMonth earlier = MonthOf(response->articles(0));
    if (month && earlier >= *month) co_return absl::InternalError("a story that is not as old as asked for");
    month = earlier;
    query.published_before = StartOf(earlier);
    std::string path = MonthSitemapPath(absl::FormatCivilTime(earlier));
    if (ParseRoute(path).kind == PageKind::kMonthSitemap) page.paths.push_back(std::move(path));
  }
  co_return Finish(route.path, draft, Xml(draft->renderer->RenderSitemapIndex(page)), "");
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::PagesSitemap(Route route, DraftPtr draft) {
  auto sections_task = parts_.Sections(draft);
  auto stories_task = Listed(draft, {}, kAuthorsOfStories);
  absl::StatusOr<Teasers> stories = co_await stories_task;
  if (!stories.ok()) co_return stories.status();
  std::set<std::string> author_ids;
  for (const article::v1::Article& story : *stories)
    author_ids.insert(story.content().author_ids().begin(), story.content().author_ids().end());
  SitemapPage page = {.front = true, .sections = {}, .authors = {}, .stories = {}};
  page.sections = co_await sections_task;
  for (const std::string& id : author_ids) page.authors.emplace_back().set_author_id(id);
  co_return Finish(route.path, draft, Xml(draft->renderer->RenderSitemap(page)), "");
}

// A story leaves it by the passing of time too, of which no change tells.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::NewsSitemap(Route route, DraftPtr draft) {
  const absl::Time since = absl::Now() - kNewsAge;
  auto stories_task = Listed(draft, {.published_since = since}, kNewsStories);
  absl::StatusOr<Teasers> stories = co_await stories_task;
  if (!stories.ok()) co_return stories.status();
  NewsSitemapPage page = {.stories = *std::move(stories)};
  page.stories.EraseIf(
      [&](const article::v1::Article& story) { return TimeOf(story.first_published_at()) < since; });
  for (const article::v1::Article& story : page.stories) {
    draft->dependencies.Tag(ArticleTag(story.article_id()));
    draft->dependencies.Ages(TimeOf(story.first_published_at()) + kNewsAge);
  }
  co_return Finish(route.path, draft, Xml(draft->renderer->RenderNewsSitemap(page)), "");
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::MonthSitemap(Route route, DraftPtr draft) {
  const absl::CivilMonth month = ParseMonth(route.id);
  auto stories_task = Listed(
      draft, {.published_since = StartOf(month), .published_before = StartOf(month + 1)}, kMonthStories);
  absl::StatusOr<Teasers> stories = co_await stories_task;
  if (!stories.ok()) co_return stories.status();
  if (stories->empty()) {
    auto sections_task = parts_.Sections(draft);
    std::vector<article::v1::Section> sections = co_await sections_task;
    co_return ErrorEntry(route, draft, 404, "", std::move(sections));
  }
  const SitemapPage page = {.front = false, .sections = {}, .authors = {}, .stories = *std::move(stories)};
  co_return Finish(route.path, draft, Xml(draft->renderer->RenderSitemap(page)), "");
}

}  // namespace broadsheet::gateway
