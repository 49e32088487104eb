#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/assembler.h"

// Pages that are lists of stories: front, sections, authors; feeds and the sitemap.
namespace broadsheet::gateway {
namespace {

constexpr int kFrontStories = 60;
constexpr int kListStories = 40;
constexpr int kFeedStories = 30;
constexpr int kSitemapPage = 100;
constexpr std::size_t kSitemapStories = 5'000;

std::vector<std::string> AuthorIds(const Teasers& stories) {
  std::set<std::string> ids;
  for (const article::v1::Article& story : stories) {
    ids.insert(story.content().author_ids().begin(), story.content().author_ids().end());
  }
  return {ids.begin(), ids.end()};
}

std::optional<article::v1::Section> Find(const std::vector<article::v1::Section>& sections,
                                         std::string_view id) {
  for (const article::v1::Section& section : sections) {
    if (section.section_id() == id) return section;
  }
  return std::nullopt;
}

bool Lacks(const PageDraft& draft, std::string_view part) {
  return std::any_of(draft.degradations.begin(), draft.degradations.end(),
                     [&](const page::v1::Degradation& degradation) { return degradation.part() == part; });
}

// The stories of an answer, with what the page then depends on; a story in a list is shown, so it counts.
Teasers TakeStories(article::v1::ListArticlesResponse& response, Dependencies& dependencies) {
  dependencies.Read(Source::kArticle, response.snapshot());
  Teasers stories = UsableStories(*response.mutable_articles());
  for (const article::v1::Article& story : stories) {
    dependencies.Tag(ArticleTag(story.article_id()));
    dependencies.Expires(ArticleTag(story.article_id()), ReadableUntil(story, absl::Now()));
  }
  return stories;
}

// Authors to link to; their pages say the rest.
std::vector<article::v1::Author> AuthorsById(const Teasers& stories) {
  std::vector<article::v1::Author> authors;
  for (const std::string& id : AuthorIds(stories)) authors.emplace_back().set_author_id(id);
  return authors;
}

}  // namespace

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Front(Route route, DraftPtr draft) {
  draft->dependencies.Tag(kLatestListTag);
  auto call = backends_.List(draft->scope, {.page_size = kFrontStories});
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  Teasers stories = TakeStories(*response, draft->dependencies);
  parts_.Remember(stories, response->snapshot());
  parts_.RememberLatest(stories);
  auto parts_task = ListParts(draft, std::move(stories));
  ListPage page = co_await parts_task;
  page.frame.sections = co_await sections_task;
  page.frame.degradations = draft->degradations;
  co_return Html(route, draft, renderer_.RenderList(page));
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::SectionOrStory(Route route, DraftPtr draft) {
  auto sections_task = parts_.Sections(draft);
  const std::vector<article::v1::Section> sections = co_await sections_task;
  std::optional<article::v1::Section> section = Find(sections, route.id);
  // Not among the sections known last is not the owner's word that there is none.
  if (!section && Lacks(*draft, "sections")) co_return absl::UnavailableError("the sections are not known");
  auto page_task = section ? Section(route, draft, *section) : Story(route, draft);
  absl::StatusOr<EntryPtr> entry = co_await page_task;
  co_return entry;
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Section(Route route, DraftPtr draft,
                                                       article::v1::Section section) {
  draft->dependencies.Tag(SectionTag(route.id));
  draft->dependencies.Tag(SectionListTag(route.id));
  auto call = backends_.List(draft->scope, {.section_id = route.id, .page_size = kListStories});
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  Teasers stories = TakeStories(*response, draft->dependencies);
  parts_.Remember(stories, response->snapshot());
  auto parts_task = ListParts(draft, std::move(stories));
  ListPage page = co_await parts_task;
  page.section = std::move(section);
  page.frame.sections = co_await sections_task;
  page.frame.degradations = draft->degradations;
  co_return Html(route, draft, renderer_.RenderList(page));
}

// Bylines, pictures and most-read of a list.
rpc::Task<ListPage> Assembler::ListParts(DraftPtr draft, Teasers stories) {
  auto most_read_ids_task = parts_.MostReadIds(draft);
  auto authors_task = parts_.Authors(draft, AuthorIds(stories));
  auto images_task = parts_.Images(draft, LeadImageIds(stories));
  std::vector<std::string> most_read_ids = co_await most_read_ids_task;
  auto most_read_task = parts_.Summaries(draft, std::move(most_read_ids), "most-read");
  ListPage page;
  page.most_read = co_await most_read_task;
  auto more_images_task = parts_.Images(draft, LeadImageIds(page.most_read));
  page.authors = co_await authors_task;
  page.images = co_await images_task;
  ImagesById more_images = co_await more_images_task;
  page.images.merge(more_images);
  page.stories = std::move(stories);
  co_return page;
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Author(Route route, DraftPtr draft) {
  draft->dependencies.Tag(AuthorTag(route.id));
  draft->dependencies.Tag(AuthorListTag(route.id));
  auto author_call = backends_.Author(draft->scope, route.id);
  auto list_call = backends_.List(draft->scope, {.author_id = route.id, .page_size = kListStories});
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::GetAuthorResponse> author = co_await author_call;
  if (IsAbsence(author.status())) {
    auto absent = Absent(route, draft, author.status());
    absl::StatusOr<EntryPtr> entry = co_await absent;
    co_return entry;
  }
  if (absl::Status usable = CheckSnapshot(author); !usable.ok()) co_return usable;
  if (author->author().author_id() != route.id)
    co_return absl::InternalError("an answer about another author");
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await list_call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  draft->dependencies.Read(Source::kArticle, author->snapshot());

  AuthorPage page = {.frame = {},
                     .author = author->author(),
                     .stories = TakeStories(*response, draft->dependencies),
                     .images = {}};
  parts_.Remember(page.stories, response->snapshot());
  std::vector<std::string> image_ids = LeadImageIds(page.stories);
  if (page.author.has_portrait()) image_ids.insert(image_ids.begin(), page.author.portrait().image_id());
  auto images_task = parts_.Images(draft, std::move(image_ids));
  page.images = co_await images_task;
  page.frame.sections = co_await sections_task;
  page.frame.degradations = draft->degradations;
  co_return Html(route, draft, renderer_.RenderAuthor(page));
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Feed(Route route, DraftPtr draft) {
  if (route.id.empty()) {
    draft->dependencies.Tag(kLatestListTag);
  } else {
    draft->dependencies.Tag(SectionListTag(route.id));
  }
  auto call = backends_.List(draft->scope, {.section_id = route.id, .page_size = kFeedStories});
  auto sections_task = parts_.Sections(draft);
  FeedPage page;
  page.sections = co_await sections_task;
  page.section = Find(page.sections, route.id);
  if (!route.id.empty() && !page.section) {
    if (Lacks(*draft, "sections")) co_return absl::UnavailableError("the sections are not known");
    co_return ErrorEntry(route, draft, 404, "", std::move(page.sections));
  }
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  page.stories = TakeStories(*response, draft->dependencies);
  parts_.Remember(page.stories, response->snapshot());
  auto authors_task = parts_.Authors(draft, AuthorIds(page.stories));
  auto images_task = parts_.Images(draft, LeadImageIds(page.stories));
  page.authors = co_await authors_task;
  page.images = co_await images_task;
  const bool atom = route.kind == PageKind::kAtom;
  PageBody body = {
      .media_type = atom ? "application/atom+xml; charset=utf-8" : "application/rss+xml; charset=utf-8",
      .text = atom ? renderer_.RenderAtom(page) : renderer_.RenderRss(page)};
  co_return Finish(route.path, draft, std::move(body), "");
}

// Depends on the list alone: a story that leaves it is gone at once, a new date of one that stays may be a
// minute old.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Sitemap(Route route, DraftPtr draft) {
  draft->dependencies.Tag(kLatestListTag);
  auto sections_task = parts_.Sections(draft);
  SitemapPage page;
  std::string page_token;
  do {
    auto call = backends_.List(draft->scope, {.page_size = kSitemapPage, .page_token = page_token});
    absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
    if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
    draft->dependencies.Read(Source::kArticle, response->snapshot());
    page_token = response->articles().empty() ? "" : response->next_page_token();
    for (article::v1::Article& story : UsableStories(*response->mutable_articles())) {
      draft->dependencies.Expires(ArticleTag(story.article_id()), ReadableUntil(story, absl::Now()));
      page.stories.push_back(std::move(story));
    }
  } while (!page_token.empty() && page.stories.size() < kSitemapStories);
  page.authors = AuthorsById(page.stories);
  page.sections = co_await sections_task;
  PageBody body = {.media_type = "application/xml; charset=utf-8", .text = renderer_.RenderSitemap(page)};
  co_return Finish(route.path, draft, std::move(body), "");
}

}  // namespace broadsheet::gateway
