#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/article_references.h"
#include "services/gateway/assembler.h"
#include "services/gateway/gateway_metrics.h"
#include "services/gateway/renderer/moments.h"
#include "services/gateway/renderer/site_paths.h"

// A story's page, and what stands beside the story.
namespace broadsheet::gateway {
namespace {

constexpr std::size_t kRelatedShown = 6;

std::vector<std::string> CuratedIds(const article::v1::Article& story) {
  std::vector<std::string> ids(story.content().related_article_ids().begin(),
                               story.content().related_article_ids().end());
  if (!story.content().follows_article_id().empty()) ids.push_back(story.content().follows_article_id());
  return ids;
}

std::vector<std::string> Joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Teasers::Iterator Find(const Teasers& stories, std::string_view id) {
  return std::find_if(stories.begin(), stories.end(),
                      [&](const article::v1::Article& story) { return story.article_id() == id; });
}

// Adds those of `ids` that are among `stories`, in the order of `ids`, never `self` and none twice.
void Pick(const std::vector<std::string>& ids, const Teasers& stories, std::string_view self,
          std::size_t limit, Teasers& picked) {
  for (const std::string& id : ids) {
    if (picked.size() >= limit) return;
    if (id == self || Find(picked, id) != picked.end()) continue;
    if (const auto found = Find(stories, id); found != stories.end()) picked.push_back(found.story());
  }
}

std::map<std::string, std::string> PathsOf(const std::vector<std::string>& ids, const Teasers& stories) {
  const std::set<std::string_view> wanted(ids.begin(), ids.end());
  std::map<std::string, std::string> paths;
  for (const article::v1::Article& story : stories) {
    if (wanted.contains(story.article_id())) paths[story.article_id()] = story.path();
  }
  return paths;
}

std::vector<std::string> IdsOf(const Teasers& stories) {
  std::vector<std::string> ids;
  for (const article::v1::Article& story : stories) ids.push_back(story.article_id());
  return ids;
}

// Portraits first: they are few.
std::vector<std::string> OwnImageIds(const article::v1::GetArticleResponse& response) {
  std::vector<std::string> ids;
  for (const article::v1::Author& author : response.authors()) {
    if (author.has_portrait()) ids.push_back(author.portrait().image_id());
  }
  return Joined(std::move(ids), ReferencedImages(response.article(), PageParts::kMaxImages).ids);
}

// A story may hold more links than a page can follow up.
std::vector<std::string> LinkedIds(const article::v1::Article& story) {
  References linked = LinkedArticles(story, PageParts::kMaxLinks);
  if (linked.left_out > 0) GatewayMetrics::CountLinksLeftOut(story.article_id(), linked.left_out);
  return std::move(linked.ids);
}

// The whole page is unpacked for the first of many who ask, and at hand for the others.
std::optional<std::string> CutMomentsOf(const http::Content& content, const Renderer& renderer,
                                        std::string_view moment) {
  if (const std::shared_ptr<const std::string> text = content.Uncoded())
    return renderer.MomentsSince(*text, moment);
  const std::optional<std::string> text = content.UncodedCopy();
  return text ? renderer.MomentsSince(*text, moment) : std::nullopt;
}

void NoteDependencies(const article::v1::GetArticleResponse& response, Dependencies& dependencies) {
  dependencies.Read(Source::kArticle, response.snapshot());
  dependencies.Tag(ArticleTag(response.article().article_id()));
  dependencies.Tag(SectionTag(response.article().content().section_id()));
  for (const std::string& id : response.article().content().author_ids()) dependencies.Tag(AuthorTag(id));
  dependencies.Expires(ArticleTag(response.article().article_id()),
                       ReadableUntil(response.article(), absl::Now()));
}

}  // namespace

// What recommendation names for a path.
struct Assembler::Recommended {
  absl::StatusOr<std::vector<std::string>> related_ids;
  std::vector<std::string> most_read_ids;
  Teasers stories;  // of both, those that are published
};

// What a story says of others.
struct Assembler::Mentions {
  explicit Mentions(const article::v1::Article& story)
      : self(story.article_id()),
        section_id(story.content().section_id()),
        curated_ids(CuratedIds(story)),
        linked_ids(LinkedIds(story)) {}

  std::string self;
  std::string section_id;
  std::vector<std::string> curated_ids;
  std::vector<std::string> linked_ids;
};

// What stands beside a story.
struct Assembler::Related {
  Teasers related;
  Teasers most_read;
  ImagesById images;
};

// What is recommended beside the story is asked for together with it. It is thrown away, and nothing of it
// noted, if there turns out to be no story at this path.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Story(Route route, DraftPtr draft) {
  draft->dependencies.Tag(PathTag(route.path));
  auto call = backends_.Article(draft->scope, route.path);
  const DraftPtr beside = draft->Beside();
  const rpc::CancelOnExit unwanted(beside->scope.context);
  // Where article is not even asked, nobody else is.
  auto recommended_task = RecommendedAt(beside, call.finished() ? "" : route.path);
  auto sections_task = parts_.Sections(draft);
  absl::StatusOr<article::v1::GetArticleResponse> response = co_await call;
  if (IsAbsence(response.status())) {
    auto absent = Absent(route, draft, response.status());
    absl::StatusOr<EntryPtr> entry = co_await absent;
    co_return entry;
  }
  if (absl::Status usable = CheckStory(response); !usable.ok()) co_return usable;
  NoteDependencies(*response, draft->dependencies);
  if (response->article().path() != route.path)
    co_return RedirectEntry(route.path, draft, response->article().path(),
                            ArticleTag(response->article().article_id()));

  auto images_task = parts_.Images(draft, OwnImageIds(*response));
  Mentions mentions(response->article());
  auto named_task = parts_.Summaries(draft, Joined(mentions.curated_ids, mentions.linked_ids), "related");
  const auto model = std::make_shared<ArticlePage>();
  draft->model = model;
  ArticlePage& page = *model;
  page.authors.assign(response->authors().begin(), response->authors().end());
  parts_.Remember(page.authors, response->snapshot());
  page.section = std::move(*response->mutable_section());
  page.article = std::move(*response->mutable_article());
  draft->subject_revision = page.article.revision();
  Teasers named = co_await named_task;
  page.linked_paths = PathsOf(mentions.linked_ids, named);
  auto related_task =
      RelatedTo(draft, std::move(mentions), std::move(named), beside, std::move(recommended_task));
  page.images = co_await images_task;
  page.body = draft->renderer->WriteBody(page);  // while what stands beside it is waited for
  Related related = co_await related_task;
  page.related = std::move(related.related);
  page.most_read = std::move(related.most_read);
  page.images.merge(related.images);
  std::vector<article::v1::Section> sections = co_await sections_task;
  // While others were waited for.
  parts_.LeaveOutWithdrawn(*draft, page.related);
  parts_.LeaveOutWithdrawn(*draft, page.most_read);
  if (parts_.LeaveOutWithdrawn(*draft, page.linked_paths)) page.body = draft->renderer->WriteBody(page);
  page.frame = FrameOf(*draft, std::move(sections));
  co_return Html(route, draft, draft->renderer->RenderArticle(page), ArticleTag(page.article.article_id()));
}

// The story itself for those who republish it, with nothing beside it. Whoever asks for an item is not sent
// to a page.
rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Ninjs(Route route, DraftPtr draft) {
  draft->dependencies.Tag(PathTag(route.id));
  auto call = backends_.Article(draft->scope, route.id);
  absl::StatusOr<article::v1::GetArticleResponse> response = co_await call;
  if (IsAbsence(response.status())) {
    auto absent = Absent(route, draft, response.status());
    absl::StatusOr<EntryPtr> entry = co_await absent;
    co_return entry;
  }
  if (absl::Status usable = CheckStory(response); !usable.ok()) co_return usable;
  NoteDependencies(*response, draft->dependencies);
  const std::string subject = ArticleTag(response->article().article_id());
  const std::string path = ItemPath(response->article().path());
  if (path != route.path) co_return RedirectEntry(route.path, draft, path, subject);
  auto images_task = parts_.Images(draft, ReferencedImages(response->article(), PageParts::kMaxImages).ids);
  auto linked_task = parts_.Summaries(draft, LinkedIds(response->article()), "related");
  ArticlePage page;
  page.authors.assign(response->authors().begin(), response->authors().end());
  page.section = std::move(*response->mutable_section());
  page.article = std::move(*response->mutable_article());
  page.images = co_await images_task;
  const Teasers linked_stories = co_await linked_task;
  for (const article::v1::Article& linked : linked_stories)
    page.linked_paths[linked.article_id()] = linked.path();
  page.frame = FrameOf(*draft, {});
  PageBody body = {.media_type = "application/json", .text = draft->renderer->RenderNinjs(page)};
  co_return Finish(route.path, draft, std::move(body), subject);
}

EntryPtr Assembler::MomentsSince(const EntryPtr& page, std::string_view moment) const {
  const http::Content& content = *page->content;
  const bool moved = page->status() == 301;
  const bool story = page->status() == 200 && content.content_type() == kHtml;
  if (ArticleIdOf(page->subject).empty() || !(story || moved)) return page;
  const std::shared_ptr<const Renderer> renderer = renderers_.current();
  PageBody body = {.status = page->status(), .media_type = std::string(kText)};
  if (!IsMomentId(moment)) {
    body.status = 400;
    body.text = "since must be the id of a moment's element, as it stands in the page.\n";
  } else if (moved) {
    body.location = absl::StrCat(page->location, "?since=", std::string(moment));
    body.text = absl::StrCat("Moved to ", body.location, "\n");
  } else if (std::optional<std::string> moments = CutMomentsOf(content, *renderer, moment); !moments) {
    body.status = 404;
    body.text = "This story has no such moment now, or has gone far beyond it: load the page again.\n";
  } else if (moments->empty()) {
    body = {.status = 204};
  } else {
    body.media_type = kHtml;
    body.text = *std::move(moments);
    body.last_modified = content.last_modified();
  }
  auto fragment = std::make_shared<PageEntry>(*page);
  fragment->path = absl::StrCat(page->path, "?since=", std::string(moment));
  fragment->location = body.location;
  body.subject = page->subject;
  fragment->copy_of = OpaqueTag(content);
  fragment->content = PreparePage(std::move(body), fragment->dependencies, fragment->degradations,
                                  renderer->content_security_policy());
  return fragment;
}

rpc::Task<Assembler::Recommended> Assembler::RecommendedAt(DraftPtr beside, std::string path) {
  if (path.empty()) co_return Recommended();
  auto related_task = parts_.RelatedIds(beside, std::move(path));
  auto most_read_task = parts_.MostReadIds(beside);
  Recommended recommended;
  recommended.related_ids = co_await related_task;
  recommended.most_read_ids = co_await most_read_task;
  if (beside->scope.context.cancelled()) co_return recommended;
  auto stories_task = parts_.Summaries(
      beside, Joined(recommended.related_ids.value_or(std::vector<std::string>()), recommended.most_read_ids),
      "related");
  recommended.stories = co_await stories_task;
  if (beside->Lacks("related")) co_return recommended;
  if (auto instead = parts_.InsteadOfMostRead(recommended.most_read_ids, recommended.stories)) {
    beside->Degrade("most-read", page::v1::DEGRADATION_REASON_INVALID_ANSWER, !instead->empty());
    auto instead_task = parts_.Summaries(beside, *instead, "most-read");
    const Teasers known = co_await instead_task;
    for (auto at = known.begin(); at != known.end(); ++at) recommended.stories.push_back(at.story());
    recommended.most_read_ids = *std::move(instead);
  }
  co_return recommended;
}

// Curated stories come first, recommended ones fill up; without a recommendation the section's latest do.
// What is recommended may have been read long before the story was.
rpc::Task<Assembler::Related> Assembler::RelatedTo(DraftPtr draft, Mentions story, Teasers named,
                                                   DraftPtr beside, rpc::Task<Recommended> recommended_task) {
  Recommended recommended = co_await recommended_task;
  const bool left_out = parts_.LeaveOutWithdrawn(*beside, recommended.stories);
  draft->Add(*beside);

  Related shown;
  Pick(story.curated_ids, named, story.self, kRelatedShown, shown.related);
  const std::size_t curated = shown.related.size();
  if (recommended.related_ids.ok())
    Pick(*recommended.related_ids, recommended.stories, story.self, kRelatedShown, shown.related);
  if (!recommended.related_ids.ok()) draft->Degrade("related", recommended.related_ids.status(), false);
  if (shown.related.size() == curated && curated < kRelatedShown) {
    auto latest_task = parts_.LatestOfSection(draft, story.section_id);
    const absl::StatusOr<Teasers> latest = co_await latest_task;
    if (latest.ok()) {
      Pick(IdsOf(*latest), *latest, story.self, kRelatedShown, shown.related);
      // An answer of nothing that is published is nonsense; one of what was withdrawn since is not.
      const bool others_exist = shown.related.size() > curated;
      if (others_exist && !left_out)
        draft->Degrade("related", page::v1::DEGRADATION_REASON_INVALID_ANSWER, false);
    } else {
      draft->Degrade("related", latest.status(), false);  // nobody says whether there are others
    }
  }
  Pick(recommended.most_read_ids, recommended.stories, "", recommended.most_read_ids.size(), shown.most_read);
  auto images_task = parts_.Images(draft, Joined(LeadImageIds(shown.related), LeadImageIds(shown.most_read)));
  shown.images = co_await images_task;
  co_return shown;
}

}  // namespace broadsheet::gateway
