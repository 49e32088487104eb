#include "services/gateway/assembler.h"

#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/http/uri.h"
#include "libs/http/validators.h"
#include "libs/rpc/status.h"
#include "services/gateway/answers.h"
#include "services/gateway/steady_time.h"

namespace broadsheet::gateway {
namespace {

std::vector<std::string> ArticleIdsOf(const std::vector<std::string>& tags) {
  std::vector<std::string> ids;
  for (const std::string& tag : tags) ids.emplace_back(ArticleIdOf(tag));
  return ids;
}

// The variants made for the same bytes earlier, and since when they are what they are, if they have been that
// ever since: a reader may have had another version in between, of a later date, from another gateway.
void TakeOver(const PageEntry& earlier, bool is_latest, PageBody& body) {
  const http::Content& previous = *earlier.content;
  if (previous.status() != body.status || body.etag.empty() || OpaqueTag(previous) != body.etag) return;
  // The tag is a digest of the bytes; but that a page from a store has its own is not believed.
  if (!earlier.made_by_this_run && previous.UncodedCopy() != body.text) return;
  body.gzip = previous.coded(http::Coding::kGzip).Joined();
  body.brotli = previous.coded(http::Coding::kBrotli).Joined();
  if (is_latest && previous.last_modified() != absl::InfinitePast())
    body.last_modified = previous.last_modified();
}

}  // namespace

Frame FrameOf(const PageDraft& draft, std::vector<article::v1::Section> sections) {
  return {.sections = std::move(sections),
          .degradations = draft.degradations,
          .stale_since = std::nullopt,
          .now = absl::Now()};
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Assemble(Route route, DraftPtr draft) {
  draft->renderer = renderers_.current();
  switch (route.kind) {
    case PageKind::kFront:
      return Front(std::move(route), std::move(draft));
    case PageKind::kSection:
      return SectionOrStory(std::move(route), std::move(draft));
    case PageKind::kAuthor:
      return Author(std::move(route), std::move(draft));
    case PageKind::kMostRead:
      return MostRead(std::move(route), std::move(draft));
    case PageKind::kAtom:
    case PageKind::kRss:
    case PageKind::kJsonFeed:
      return Feed(std::move(route), std::move(draft));
    case PageKind::kNinjs:
      return Ninjs(std::move(route), std::move(draft));
    case PageKind::kSitemapIndex:
      return SitemapIndex(std::move(route), std::move(draft));
    case PageKind::kPagesSitemap:
      return PagesSitemap(std::move(route), std::move(draft));
    case PageKind::kNewsSitemap:
      return NewsSitemap(std::move(route), std::move(draft));
    case PageKind::kMonthSitemap:
      return MonthSitemap(std::move(route), std::move(draft));
    case PageKind::kArticle:
    case PageKind::kRobots:
    case PageKind::kRedirect:
    case PageKind::kNone:
      break;
  }
  return Story(std::move(route), std::move(draft));
}

DraftPtr Assembler::NewDraft() const {
  auto draft = std::make_shared<PageDraft>();
  draft->renderer = renderers_.current();
  return draft;
}

EntryPtr Assembler::WithoutAsking(const Route& route) {
  const bool fixed =
      route.kind == PageKind::kRobots || route.kind == PageKind::kRedirect || route.kind == PageKind::kNone;
  if (!fixed) return nullptr;
  DraftPtr draft = NewDraft();
  switch (route.kind) {
    case PageKind::kRobots:
      return Finish(route.path, draft,
                    {.media_type = std::string(kText), .text = draft->renderer->RobotsTxt()}, "");
    case PageKind::kRedirect:
      return RedirectEntry(route.path + "/", draft, route.path);
    case PageKind::kNone:
      return NothingThere(draft);
    default:
      return nullptr;
  }
}

// One for all such paths, for some time: anybody can ask for them as fast as he likes.
EntryPtr Assembler::NothingThere(const DraftPtr& draft) {
  constexpr absl::Duration kKeptFor = absl::Seconds(1);
  std::lock_guard lock(nothing_there_mutex_);
  const bool kept = nothing_there_ && nothing_there_->templates == draft->renderer->version() &&
                    absl::Now() - nothing_there_->rendered_at < kKeptFor &&
                    parts_.StillHolds(nothing_there_read_);
  if (kept) return nothing_there_;
  nothing_there_read_ = Dependencies();
  nothing_there_ = ErrorEntry(Route(), draft, 404, "", parts_.FreshSections(nothing_there_read_));
  return nothing_there_;
}

EntryPtr Assembler::Unavailable(page::v1::DegradationReason reason) {
  DraftPtr draft = NewDraft();
  draft->Degrade("article", reason, false);
  Teasers latest = parts_.LastKnownLatest(draft);
  return ErrorEntry(Route(), draft, 503, "", parts_.LastKnownSections(), std::move(latest));
}

EntryPtr Assembler::Gone(std::string_view path, page::v1::DegradationReason reason) {
  DraftPtr draft = NewDraft();
  draft->Degrade("article", reason, true);
  return ErrorEntry(ParseRoute(path), draft, 410, "", parts_.LastKnownSections());
}

EntryPtr Assembler::LabelledStale(const PageEntry& entry, const std::vector<std::string>& left_out,
                                  page::v1::DegradationReason reason, absl::Time stale_since,
                                  absl::Time now) const {
  const std::shared_ptr<const Renderer> renderer = renderers_.current();
  auto labelled = std::make_shared<PageEntry>(entry);
  labelled->copy_of = OpaqueTag(*entry.content);
  page::v1::Degradation& label = labelled->degradations.emplace_back();
  label.set_part("article");
  label.set_reason(reason);
  label.set_stale(true);
  labelled->rendered_at = now;
  const http::Content& content = *entry.content;
  std::optional<std::string> whole = content.UncodedCopy();
  if (!whole) return nullptr;
  std::string text = *std::move(whole);
  if (!left_out.empty()) {
    std::optional<std::string> rest = renderer->WithoutStories(text, ArticleIdsOf(left_out));
    if (!rest) return nullptr;
    text = *std::move(rest);
    for (const std::string& tag : left_out) labelled->dependencies.Untag(tag);
  }
  if (content.content_type() == kHtml) text = renderer->LabelStale(text, stale_since, now);
  // A reader that has the page without the label must not be told that it has not changed, nor one that has
  // it with the label, afterwards. Feeds and the like have no place for it; but the date of one that has
  // changed meanwhile may be the newer one's as well, if it had not been told by then.
  const bool same =
      left_out.empty() && content.content_type() != kHtml && content.last_modified() <= stale_since;
  const absl::Time last_modified = same ? content.last_modified() : absl::InfinitePast();
  labelled->content =
      PreparePage({.status = content.status(),
                   .media_type = content.content_type(),
                   .text = std::move(text),
                   .location = entry.location,
                   .subject = entry.subject,
                   .last_modified = last_modified},
                  labelled->dependencies, labelled->degradations, renderer->content_security_policy());
  return labelled;
}

bool Assembler::CanLeaveOut(const PageEntry& entry) const {
  return entry.status() == 200 && entry.content->content_type() == kHtml;
}

EntryPtr Assembler::CompressedBetter(const PageEntry& entry) const {
  return CompressBetter(entry, renderers_.current()->content_security_policy(), uncoded_);
}

EntryPtr Assembler::CompressedBest(const PageEntry& entry) const {
  return CompressBest(entry, renderers_.current()->content_security_policy(), uncoded_);
}

rpc::Task<absl::StatusOr<EntryPtr>> Assembler::Absent(Route route, DraftPtr draft, absl::Status status) {
  parts_.NoteWithdrawal(status);
  auto sections_task = parts_.Sections(draft);
  draft->dependencies.Read(Source::kArticle, SnapshotOfAbsence(status).value_or(change::v1::Snapshot()));
  std::vector<article::v1::Section> sections = co_await sections_task;
  const std::optional<article::v1::Withdrawal> withdrawal = WithdrawalOf(status);
  if (!withdrawal) co_return ErrorEntry(route, draft, 404, "", std::move(sections));
  if (route.kind != PageKind::kNinjs && withdrawal->mode() == article::v1::WITHDRAWAL_MODE_REDIRECT &&
      withdrawal->redirect_path() != route.path) {
    co_return RedirectEntry(route.path, draft, withdrawal->redirect_path());
  }
  co_return ErrorEntry(route, draft, 410, withdrawal->notice(), std::move(sections));
}

EntryPtr Assembler::ErrorEntry(const Route& route, DraftPtr draft, int status, std::string notice,
                               std::vector<article::v1::Section> sections, Teasers stories) const {
  const ErrorPage page = {.frame = FrameOf(*draft, std::move(sections)),
                          .status = status,
                          .notice = std::move(notice),
                          .stories = std::move(stories)};
  PageBody body = {
      .status = status, .media_type = std::string(kHtml), .text = draft->renderer->RenderError(page)};
  return Finish(route.path, draft, std::move(body), "");
}

EntryPtr Assembler::RedirectEntry(std::string_view path, DraftPtr draft, std::string_view to,
                                  std::string subject) const {
  const std::string location = http::EncodePath(to);
  PageBody body = {.status = 301,
                   .media_type = std::string(kText),
                   .text = absl::StrCat("Moved to ", location, "\n"),
                   .location = location};
  return Finish(path, draft, std::move(body), std::move(subject));
}

EntryPtr Assembler::Html(const Route& route, DraftPtr draft, std::string text, std::string subject) const {
  return Finish(route.path, draft, {.media_type = std::string(kHtml), .text = std::move(text)},
                std::move(subject));
}

EntryPtr Assembler::Finish(std::string_view path, DraftPtr draft, PageBody body, std::string subject) const {
  auto entry = std::make_shared<PageEntry>();
  entry->path = path;
  entry->location = body.location;
  entry->subject = std::move(subject);
  entry->subject_revision = draft->subject_revision;
  entry->rendered_at = absl::Now();
  entry->made_by_this_run = true;
  entry->templates = draft->renderer->version();
  if (body.status == 200) {
    // Whoever has the date of a degraded page alone would be told that the whole one, which may be older, is
    // the same.
    if (draft->degradations.empty())
      body.last_modified = DateOfPage(dating_clock_.Now(entry->rendered_at, SteadyNow()));
    body.etag = http::StrongEtag(body.text);
  }
  body.uncoded = uncoded_;
  body.subject = entry->subject;
  if (draft->previous) {
    const bool is_latest = draft->previous_was_latest && parts_.StillHolds(draft->previous->dependencies);
    TakeOver(*draft->previous, is_latest, body);
  }
  entry->dependencies = draft->dependencies;
  entry->degradations = draft->degradations;
  if (draft->scope.log) entry->calls = draft->scope.log->calls();
  entry->content = PreparePage(std::move(body), entry->dependencies, entry->degradations,
                               draft->renderer->content_security_policy());
  return entry;
}

}  // namespace broadsheet::gateway
