#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/assembler.h"

// Pages that are lists of stories: front, sections, authors; feeds.
namespace broadsheet::gateway {
namespace {

constexpr int kFrontStories = 60;
constexpr int kListStories = 40;
constexpr int kFeedStories = 30;

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

using Stories = google::protobuf::RepeatedPtrField<article::v1::Article>;

// Stories of an answer, with what the page then depends on; a story in a list is shown, so it counts.
Teasers TakeStories(Stories& answered, Dependencies& dependencies) {
  Teasers stories = UsableStories(answered);
  for (const article::v1::Article& story : stories) {
    dependencies.Tag(ArticleTag(story.article_id()));
    dependencies.Expires(ArticleTag(story.article_id()), ReadableUntil(story, absl::Now()));
  }
  return stories;
}

Teasers TakeStories(article::v1::ListArticlesResponse& response, Dependencies& dependencies) {
  dependencies.Read(Source::kArticle, response.snapshot());
  return TakeStories(*response.mutable_articles(), dependencies);
}

absl::Status CheckAuthor(const absl::StatusOr<article::v1::GetAuthorResponse>& author, std::string_view id) {
  if (absl::Status usable = CheckSnapshot(author); !usable.ok()) return usable;
  if (author->author().author_id() != id) return absl::InternalError("an answer about another author");
  return absl::OkStatus();
}

Backends::ListQuery FeedQuery(const Route& route) {
  Backends::ListQuery query = {.page_size = kFeedStories};
  (route.by_author ? query.author_id : query.section_id) = route.id;
  return query;
}

PageBody FeedBody(const Renderer& renderer, PageKind kind, const FeedPage& page) {
  switch (kind) {
    case PageKind::kAtom:
      return {.media_type = "application/atom+xml; charset=utf-8", .text = renderer.RenderAtom(page)};
    case PageKind::kJsonFeed:
      return {.media_type = "application/feed+json; charset=utf-8", .text = renderer.RenderJsonFeed(page)};
    default:
      return {.media_type = "application/rss+xml; charset=utf-8", .text = renderer.RenderRss(page)};
  }
}

}  // namespace

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Front(Route route, DraftPtr draft) {
  draft->dependencies.Tag(kLatestListTag);
  draft->dependencies.Tag(kCuratedFrontTag);
  auto call = backends_.List(draft->scope, {.page_size = kFrontStories, .with_curated = true});
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  auto parts_task = ListParts(draft, *std::move(response));
  ListPage page = co_await parts_task;
  parts_.RememberLatest(page.stories);
  std::vector<article::v1::Section> sections = co_await sections_task;
  page.frame = FrameOf(*draft, std::move(sections));
  co_return Html(route, draft, draft->renderer->RenderList(page));
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::SectionOrStory(Route route, DraftPtr draft) {
  auto sections_task = parts_.Sections(draft);
  const std::vector<article::v1::Section> sections = co_await sections_task;
  std::optional<article::v1::Section> section = Find(sections, route.id);
  // Not among the sections known last is not the owner's word that there is none.
  if (!section && draft->Lacks("sections")) co_return absl::UnavailableError("the sections are not known");
  auto page_task = section ? Section(route, draft, *section) : Story(route, draft);
  absl::StatusOr<EntryPtr> entry = co_await page_task;
  co_return entry;
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Section(Route route, DraftPtr draft,
                                                       article::v1::Section section) {
  draft->dependencies.Tag(SectionTag(route.id));
  draft->dependencies.Tag(SectionListTag(route.id));
  draft->dependencies.Tag(CuratedTag(route.id));
  auto call =
      backends_.List(draft->scope, {.section_id = route.id, .page_size = kListStories, .with_curated = true});
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  auto parts_task = ListParts(draft, *std::move(response));
  ListPage page = co_await parts_task;
  page.section = std::move(section);
  std::vector<article::v1::Section> sections = co_await sections_task;
  page.frame = FrameOf(*draft, std::move(sections));
  co_return Html(route, draft, draft->renderer->RenderList(page));
}

// The stories of a list, with bylines, pictures and most-read.
rpc::Task<ListPage> Assembler::ListParts(DraftPtr draft, article::v1::ListArticlesResponse response) {
  ListPage page;
  page.stories = TakeStories(response, draft->dependencies);
  page.curated = TakeStories(*response.mutable_curated(), draft->dependencies);
  Teasers all = page.curated;
  for (auto at = page.stories.begin(); at != page.stories.end(); ++at) all.push_back(at.story());
  parts_.Remember(all, response.snapshot());
  auto most_read_ids_task = parts_.MostReadIds(draft);
  auto authors_task = parts_.Authors(draft, AuthorIds(all));
  auto images_task = parts_.Images(draft, LeadImageIds(all));
  std::vector<std::string> most_read_ids = co_await most_read_ids_task;
  auto most_read_task = MostReadBlock(draft, std::move(most_read_ids));
  page.most_read = co_await most_read_task;
  auto more_images_task = parts_.Images(draft, LeadImageIds(page.most_read));
  page.authors = co_await authors_task;
  page.images = co_await images_task;
  ImagesById more_images = co_await more_images_task;
  page.images.merge(more_images);
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
  if (absl::Status usable = CheckAuthor(author, route.id); !usable.ok()) co_return usable;
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
  std::vector<article::v1::Section> sections = co_await sections_task;
  page.frame = FrameOf(*draft, std::move(sections));
  co_return Html(route, draft, draft->renderer->RenderAuthor(page));
}

// An answer that names nothing published is nonsense; what was known before it stands instead.
rpc::Task<Teasers> Assembler::MostReadBlock(DraftPtr draft, std::vector<std::string> ids) {
  const DraftPtr beside = draft->Beside();  // says whether article answered to this
  auto named_task = parts_.Summaries(beside, ids, "most-read");
  Teasers stories = co_await named_task;
  draft->Add(*beside);
  if (beside->Lacks("most-read")) co_return stories;
  const auto instead = parts_.InsteadOfMostRead(ids, stories);
  if (!instead) co_return stories;
  draft->Degrade("most-read", page::v1::DEGRADATION_REASON_INVALID_ANSWER, !instead->empty());
  auto instead_task = parts_.Summaries(draft, *instead, "most-read");
  stories = co_await instead_task;
  co_return stories;
}

// Those among `ids` that are published, as article says now.
rpc::Task<absl::StatusOr<Teasers>> Assembler::PublishedOf(DraftPtr draft, std::vector<std::string> ids) {
  if (ids.empty()) co_return Teasers();
  auto call = backends_.Summaries(draft->scope, std::move(ids));
  absl::StatusOr<article::v1::BatchGetArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  draft->dependencies.Read(Source::kArticle, response->snapshot());
  co_return TakeStories(*response->mutable_articles(), draft->dependencies);
}

rpc::Task<absl::StatusOr<Teasers>> Assembler::Newest(DraftPtr draft, std::size_t count) {
  draft->dependencies.Tag(kLatestListTag);
  auto call = backends_.List(draft->scope, {.page_size = static_cast<int>(count)});
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  co_return TakeStories(*response, draft->dependencies);
}

// What is read most is recommendation's word, what is published of it article's. Where nobody has read
// anything, or nobody says what is read most, the newest stories stand instead.
rpc::Task<absl::StatusOr<Teasers>> Assembler::MostReadStories(DraftPtr draft, std::vector<std::string> ids) {
  auto named_task = PublishedOf(draft, ids);
  absl::StatusOr<Teasers> stories = co_await named_task;
  if (!stories.ok()) co_return stories;
  const auto instead = parts_.InsteadOfMostRead(ids, *stories, PageParts::kMostRead);
  if (instead) {
    auto instead_task = PublishedOf(draft, *instead);
    stories = co_await instead_task;
    if (!stories.ok()) co_return stories;
  }
  const bool known = !stories->empty();
  if (!known) {
    auto newest_task = Newest(draft, PageParts::kMostRead);
    stories = co_await newest_task;
  }
  // Where no story is published at all, none can be missing.
  if (instead && stories.ok() && !stories->empty())
    draft->Degrade("most-read", page::v1::DEGRADATION_REASON_INVALID_ANSWER, known);
  co_return stories;
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::MostRead(Route route, DraftPtr draft) {
  auto sections_task = parts_.Sections(draft);
  auto ids_task = parts_.MostReadIds(draft, PageParts::kMostRead);
  std::vector<std::string> ids = co_await ids_task;
  auto stories_task = MostReadStories(draft, std::move(ids));
  absl::StatusOr<Teasers> stories = co_await stories_task;
  if (!stories.ok()) co_return stories.status();
  MostReadPage page;
  page.stories = *std::move(stories);
  auto authors_task = parts_.Authors(draft, AuthorIds(page.stories));
  auto images_task = parts_.Images(draft, LeadImageIds(page.stories));
  page.authors = co_await authors_task;
  page.images = co_await images_task;
  std::vector<article::v1::Section> sections = co_await sections_task;
  page.frame = FrameOf(*draft, std::move(sections));
  co_return Html(route, draft, draft->renderer->RenderMostRead(page));
}

// The author's record and absence decide like those of the author's page; the section's like its page's.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Feed(Route route, DraftPtr draft) {
  auto list_call = backends_.List(draft->scope, FeedQuery(route));
  auto sections_task = parts_.Sections(draft);
  FeedPage page;
  page.made_at = absl::Now();
  page.sections = co_await sections_task;
  if (route.by_author) {
    draft->dependencies.Tag(AuthorTag(route.id));
    draft->dependencies.Tag(AuthorListTag(route.id));
    auto author_call = backends_.Author(draft->scope, route.id);
    absl::StatusOr<article::v1::GetAuthorResponse> author = co_await author_call;
    if (IsAbsence(author.status())) {
      auto absent = Absent(route, draft, author.status());
      absl::StatusOr<EntryPtr> entry = co_await absent;
      co_return entry;
    }
    if (absl::Status usable = CheckAuthor(author, route.id); !usable.ok()) co_return usable;
    draft->dependencies.Read(Source::kArticle, author->snapshot());
    page.author = author->author();
  } else if (!route.id.empty()) {
    draft->dependencies.Tag(SectionListTag(route.id));
    page.section = Find(page.sections, route.id);
    if (!page.section && draft->Lacks("sections"))
      co_return absl::UnavailableError("the sections are not known");
    if (!page.section) co_return ErrorEntry(route, draft, 404, "", std::move(page.sections));
  } else {
    draft->dependencies.Tag(kLatestListTag);
  }
  absl::StatusOr<article::v1::ListArticlesResponse> response = co_await list_call;
  if (absl::Status usable = CheckSnapshot(response); !usable.ok()) co_return usable;
  page.stories = TakeStories(*response, draft->dependencies);
  parts_.Remember(page.stories, response->snapshot());
  auto authors_task = parts_.Authors(draft, AuthorIds(page.stories));
  auto images_task = parts_.Images(draft, LeadImageIds(page.stories));
  page.authors = co_await authors_task;
  page.images = co_await images_task;
  co_return Finish(route.path, draft, FeedBody(*draft->renderer, route.kind, page), "");
}

}  // namespace broadsheet::gateway
