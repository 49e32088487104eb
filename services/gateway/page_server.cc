#include "services/gateway/page_server.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/route.h"
#include "services/gateway/steady_time.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxMadeAgain = 200;  // pages, after one withdrawal
constexpr int kMaxAttempts = 8;             // to make a page of which nothing is withdrawn meanwhile
constexpr absl::Duration kMaxMakingAgain = absl::Seconds(2);
constexpr int kMaxPassedOver = 4;          // flights without room that a reader waits for
constexpr std::size_t kMaxFlights = 4096;  // pages that are looked for, most of which Redis may have

std::string ReasonText(const absl::Status& status) {
  return status.message().empty() ? absl::StatusCodeToString(status.code()) : std::string(status.message());
}

}  // namespace

PageServer::PageServer(Parts parts, PageServerOptions options)
    : parts_(parts),
      options_(options),
      cache_(options.cache),
      labelled_({.max_bytes = 16u << 20, .shards = 4}),
      fragments_({.max_bytes = 16u << 20, .shards = 4}),
      refused_(SteadyNow),
      limit_({.min = static_cast<double>(options.min_renders),
              .max = static_cast<double>(options.max_renders)}) {}

std::optional<PageAnswer> PageServer::AnswerAtOnce(std::string_view path) {
  const PageCache::Slot slot = cache_.Find(path);
  const Owner owner = parts_.backends.article_unreachable() ? Owner::kUnreachable : Owner::kNotAsked;
  const absl::Time now = absl::Now();
  std::optional<PageAnswer> answer = ServeKept(slot, owner, now);
  if (!answer && owner == Owner::kUnreachable) {
    answer = ServeStale({slot.whole, slot.degraded}, page::v1::DEGRADATION_REASON_UNAVAILABLE, now);
  }
  if (answer) metrics_.CountAnswer(answer->tier, answer->stale);
  return answer;
}

PageAnswer PageServer::MomentsSince(PageAnswer answer, std::string_view moment) {
  const PageEntry& page = *answer.entry;
  const PageCache::Slot slot = fragments_.Find(absl::StrCat(page.path, "?since=", std::string(moment)));
  const EntryPtr& kept = page.degraded() ? slot.degraded : slot.whole;
  if (kept && IsCopyOf(*kept, page)) {
    answer.entry = kept;
    return answer;
  }
  const EntryPtr made = parts_.assembler.MomentsSince(answer.entry, moment);
  const bool cut = made != answer.entry && (made->status() == 200 || made->status() == 204);
  if (cut) fragments_.Insert(made);
  answer.entry = made;
  return answer;
}

PageAnswer PageServer::Noted(const PageRequest& request, absl::Time started, PageAnswer answer) {
  const PageEntry& entry = *answer.entry;
  if (entry.status() >= 500) {
    const PageCache::Slot kept = cache_.Find(request.path);
    const auto is_page = [](const EntryPtr& page) { return page != nullptr && page->status() == 200; };
    refused_.NoteRefused({.path = request.path,
                          .status = entry.status(),
                          .reason = ReasonName(entry.reason("article")),
                          .duration = SteadyNow() - started,
                          .trace_id = request.trace.trace_id(),
                          .known = is_page(kept.whole) || is_page(kept.degraded)});
  }
  return answer;
}

rpc::Task<PageAnswer> PageServer::Answer(PageRequest request) {
  const absl::Time started = SteadyNow();
  if (EntryPtr fixed = parts_.assembler.WithoutAsking(ParseRoute(request.path))) {
    co_return PageAnswer{.entry = std::move(fixed), .tier = page::v1::CACHE_TIER_RENDERED, .asked = false};
  }
  if (!SatisfiesPositions(request)) {
    auto making = AnswerAhead(request);
    PageAnswer answer = co_await making;
    co_return Noted(request, started, std::move(answer));
  }
  auto answering = AnswerShared(request);
  PageAnswer answer = co_await answering;
  if (!IsAsNewAsAsked(request, answer)) {
    answer = {.entry = Unavailable(page::v1::DEGRADATION_REASON_UNAVAILABLE, absl::Now()),
              .tier = page::v1::CACHE_TIER_RENDERED};
  }
  co_return Noted(request, started, std::move(answer));
}

rpc::Task<PageAnswer> PageServer::AnswerShared(PageRequest request) {
  std::optional<std::uint64_t> arrival;
  int passed_over = 0;
  for (;;) {
    if (std::optional<PageAnswer> kept = AnswerAtOnce(request.path)) co_return *std::move(kept);
    Boarding boarding = Board(request.path, arrival);
    if (!boarding.flight) co_return Shed(request, nullptr, purges_.now());
    if (boarding.begins) rpc::Detach(Fly(*boarding.flight, request, false));
    auto landed = boarding.flight->landed;
    PageAnswer answer = co_await landed;
    // A flight begun after this request arrived read everything after it arrived; an older one may be shared
    // only if what it read is still true.
    if (!boarding.begins && boarding.flight->number <= *arrival && !MayShare(answer)) continue;
    // There may be room for who comes before whom it was for.
    const bool for_later = answer.shed_for && request.priority < *answer.shed_for;
    if (!boarding.begins && for_later && ++passed_over < kMaxPassedOver) continue;
    if (!boarding.begins && answer.shed_for) NoteShed(request.priority, request.path);
    answer.joined = !boarding.begins;
    if (answer.joined) metrics_.CountJoin();
    metrics_.CountAnswer(answer.tier, answer.stale);
    co_return answer;
  }
}

void PageServer::OnChange(const change::v1::Change& change) {
  if (change.kind() != change::v1::CHANGE_KIND_WITHDRAWN) return;
  parts_.worker.Post([this, subject = change.subject(), position = change.position()] {
    std::vector<std::string> paths = cache_.PathsWhere(
        [&](const PageEntry& entry) {
          const std::vector<std::string>& tags = entry.dependencies.of(SourceOf(subject)).tags;
          return std::binary_search(tags.begin(), tags.end(), subject);
        },
        kMaxMadeAgain);
    if (!paths.empty()) rpc::Detach(MakeAgain(std::move(paths), SourceOf(subject), position));
  });
}

PageServer::Boarding PageServer::Board(const std::string& path, std::optional<std::uint64_t>& arrival) {
  std::lock_guard lock(mutex_);
  if (!arrival) arrival = last_flight_;
  if (auto found = flights_.find(path); found != flights_.end())
    return {.flight = found->second, .begins = false};
  if (flights_.size() >= kMaxFlights) return {};
  Flight flight{.number = ++last_flight_, .landed = {}};
  flights_[path] = flight;
  return {.flight = std::move(flight), .begins = true};
}

void PageServer::Refresh(const std::string& path) {
  Flight flight;
  bool room = false;
  {
    std::lock_guard lock(mutex_);
    if (flights_.contains(path) || refreshes_ >= options_.max_refreshes) return;
    room = renders_ < ShareOf(Priority::kBackground, limit_.limit());
    if (room) {
      ++renders_;
      ++refreshes_;
      flight.number = ++last_flight_;
      flights_[path] = flight;
    }
  }
  if (!room) return NoteShed(Priority::kBackground, path);
  rpc::Detach(Fly(std::move(flight), {.path = path}, true));
}

rpc::Task<void> PageServer::Fly(Flight flight, PageRequest request, bool refresh) {
  const UnderWay::Part part(under_way_);
  const Purges::Moment begun = purges_.now();
  EntryPtr stored;
  if (!refresh) {
    auto load = parts_.store.Load(request.path);
    stored = co_await load;
  }
  const std::int64_t epoch = parts_.store.epoch();  // before anything is read for the page
  // What Redis has is answered from its client's thread: to change to another one takes longer than this.
  std::optional<PageAnswer> kept = stored ? TakeStored(request.path, stored, begun) : std::nullopt;
  DraftPtr draft;
  if (!kept) {
    auto hop = parts_.queues.Hop();
    co_await hop;
    draft = std::make_shared<PageDraft>();
    draft->begun = begun;
    auto making = Make(request, std::move(stored), draft, refresh);
    kept = co_await making;
  }
  PageAnswer answer = *std::move(kept);
  {
    std::lock_guard lock(mutex_);
    flights_.erase(request.path);
    if (refresh) --refreshes_;
  }
  const PageAnswer made = answer;
  flight.landed.Set(std::move(answer));
  Store(made, begun, epoch);  // readers have it by now; and the draft ends
}

// After a withdrawal; one after the other, so that readers do not notice. Once that has been applied: what is
// remembered of other parts is known to hold up to there only then, and a page of which a part is older than
// the withdrawal would be taken for changed by it.
rpc::Task<void> PageServer::MakeAgain(std::vector<std::string> paths, Source source, std::int64_t position) {
  const UnderWay::Part part(under_way_);
  constexpr int kMaxLooks = 100;
  for (int looks = 0; looks < kMaxLooks && parts_.followers.position(source).position() < position; ++looks) {
    auto pause = parts_.queues.Sleep(absl::Milliseconds(1));
    co_await pause;
  }
  for (std::string& path : paths) {
    auto hop = parts_.queues.Hop();  // Redis's client has brought the page before
    co_await hop;
    auto answering = Answer({.path = std::move(path), .priority = Priority::kBackground});
    co_await answering;
  }
}

// What Redis has costs no room, however many ask for that.
std::optional<PageAnswer> PageServer::TakeStored(const std::string& path, const EntryPtr& stored,
                                                 Purges::Moment begun) {
  const EntryFacts facts = parts_.followers.Examine(*stored, absl::Now());
  if (!IsServed(Decide(facts, Owner::kNotAsked, options_.rules))) return std::nullopt;
  if (!purges_.KeepUnlessPurged(path, begun, [&] { cache_.Insert(stored); })) return std::nullopt;
  return PageAnswer{.entry = stored, .tier = page::v1::CACHE_TIER_REDIS};
}

rpc::Task<PageAnswer> PageServer::Make(PageRequest request, EntryPtr stored, DraftPtr draft, bool has_room) {
  if (!has_room && !TakeRoom(request.priority)) co_return Shed(request, stored, draft->begun);
  auto making = MakeAnew(request, stored, std::move(draft));
  PageAnswer answer = co_await making;
  GiveRoomBack();
  co_return answer;
}

// Parts may keep a page waiting for seconds after its story was read: a withdrawal that has been acknowledged
// meanwhile counts for who asked before it, too. A list that much is withdrawn from may take several
// attempts.
rpc::Task<PageAnswer> PageServer::MakeAnew(PageRequest request, EntryPtr stored, DraftPtr draft) {
  const Purges::Moment begun = draft->begun;
  const absl::Time until = SteadyNow() + kMaxMakingAgain;
  for (int attempts = 1;; ++attempts) {
    auto making = MakeOnce(request, stored, std::move(draft));
    PageAnswer answer = co_await making;
    // What expired meanwhile is gone by the second attempt, or its owner's clock, which counts, is behind.
    const bool expired = attempts == 1 && absl::Now() >= answer.entry->dependencies.until();
    if (!expired && !parts_.followers.AnythingWithdrawnSince(*answer.entry)) co_return answer;
    if (attempts == kMaxAttempts || (attempts > 1 && SteadyNow() > until)) break;
    draft = std::make_shared<PageDraft>();
    draft->begun = begun;
  }
  co_return AnswerWithoutOwner(request.path, stored, begun, page::v1::DEGRADATION_REASON_UNAVAILABLE);
}

// Whether nothing it shows has changed since it was made, so that no gateway has made another version.
bool PageServer::IsLatest(const PageEntry& entry, absl::Time now) const {
  const EntryFacts facts = parts_.followers.Examine(entry, now);
  return facts.article == Standing::kFresh && facts.media == Standing::kFresh;
}

rpc::Task<PageAnswer> PageServer::MakeOnce(PageRequest request, EntryPtr stored, DraftPtr draft) {
  const absl::Time started = absl::Now();
  draft->scope = ScopeFor(request);
  draft->previous = BestKnown(request.path, stored, started);
  draft->scope.known = draft->previous != nullptr && !draft->scope.ahead;
  draft->previous_was_latest = draft->previous && !draft->scope.ahead && IsLatest(*draft->previous, started);
  auto assembling = parts_.assembler.Assemble(ParseRoute(request.path), draft);
  absl::StatusOr<EntryPtr> made = co_await assembling;
  if (made.ok()) {
    const bool usual = !IsSitemap(ParseRoute(request.path).kind);  // takes as many calls as there are stories
    if (usual) {
      NoteRender(absl::Now() - started);
    } else {
      metrics_.CountRender(absl::Now() - started);
    }
    if (draft->previous) KeepFinishedCompression(*draft->previous, **made);
    Keep(*made, draft->begun);
    co_return PageAnswer{.entry = *made, .tier = page::v1::CACHE_TIER_RENDERED};
  }
  metrics_.CountFailedRender();
  refused_.NoteFailed(request.path, ReasonText(made.status()), request.trace.trace_id());
  const page::v1::DegradationReason reason = ReasonOf(made.status());
  if (draft->scope.ahead) {  // whatever is known is older than what was demanded
    co_return PageAnswer{.entry = Unavailable(reason, absl::Now(), false),
                         .tier = page::v1::CACHE_TIER_RENDERED};
  }
  co_return AnswerWithoutOwner(request.path, stored, draft->begun, reason);
}

PageServer::Judgement PageServer::Judge(const PageEntry& entry, Owner owner, absl::Time now) const {
  EntryFacts facts = parts_.followers.Examine(entry, now);
  facts.other_templates = entry.templates != parts_.assembler.templates();
  return {.facts = facts, .decision = Decide(facts, owner, options_.rules)};
}

std::optional<PageAnswer> PageServer::ServeKept(const PageCache::Slot& slot, Owner owner, absl::Time now) {
  for (const EntryPtr& entry : {slot.whole, slot.degraded}) {
    if (!entry) continue;
    const Decision decision = Judge(*entry, owner, now).decision;
    if (!IsServed(decision)) continue;
    // A degraded page beside it means that a better one could not be made a moment ago.
    const bool tried = slot.degraded && now - slot.degraded->rendered_at < options_.rules.degraded_lifetime;
    if (decision == Decision::kServeAndRefresh && owner == Owner::kNotAsked && !tried) Refresh(entry->path);
    CompressLater(entry, slot.sampled);
    return PageAnswer{.entry = entry, .tier = page::v1::CACHE_TIER_MEMORY};
  }
  return std::nullopt;
}

bool PageServer::MayShare(const PageAnswer& answer) const {
  const EntryFacts facts = parts_.followers.Examine(*answer.entry, absl::Now());
  if (facts.withdrawn) return false;
  if (answer.entry->status() == 503) return true;
  // What has changed since may be had anew by who asks now, unless that is known to be in vain.
  const bool changed = facts.article == Standing::kChanged || facts.media == Standing::kChanged;
  if (answer.stale && facts.gone) return false;  // it may be back; who asks now finds out
  if (answer.stale) return !changed || parts_.backends.article_unreachable();
  return IsServed(Decide(facts, Owner::kNotAsked, options_.rules));
}

}  // namespace broadsheet::gateway
