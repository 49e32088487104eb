#include "services/gateway/page_server.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxMadeAgain = 200;                    // pages, after one withdrawal
constexpr absl::Duration kLabelledFor = absl::Seconds(5);     // how long a labelled copy is used again
constexpr absl::Duration kUnavailableFor = absl::Seconds(1);  // the same for the 503 page

bool IsServed(Decision decision) {
  return decision == Decision::kServe || decision == Decision::kServeAndRefresh;
}

bool IsNewer(const PageEntry& entry, const PageEntry& other) {
  return entry.dependencies.of(Source::kArticle).position > other.dependencies.of(Source::kArticle).position;
}

bool IsCopyOf(const PageEntry& labelled, const PageEntry& entry) {
  const change::Dependency& mine = labelled.dependencies.of(Source::kArticle);
  const change::Dependency& theirs = entry.dependencies.of(Source::kArticle);
  return mine.log_id == theirs.log_id && mine.position == theirs.position &&
         labelled.copy_of == OpaqueTag(*entry.content);
}

}  // namespace

PageServer::PageServer(Parts parts, PageServerOptions options)
    : parts_(parts),
      options_(options),
      cache_(options.cache),
      labelled_({.max_bytes = 16u << 20, .shards = 4}) {}

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

rpc::Task<PageAnswer> PageServer::Answer(PageRequest request) {
  if (EntryPtr fixed = parts_.assembler.WithoutAsking(ParseRoute(request.path))) {
    co_return PageAnswer{.entry = std::move(fixed), .tier = page::v1::CACHE_TIER_RENDERED};
  }
  if (!SatisfiesPositions(request)) {
    auto hop = parts_.queues.Hop();
    co_await hop;
    auto making = MakeAnew(request, nullptr);
    PageAnswer answer = co_await making;
    co_return answer;
  }
  std::optional<std::uint64_t> arrival;
  for (;;) {
    if (std::optional<PageAnswer> kept = AnswerAtOnce(request.path)) co_return *std::move(kept);
    Boarding boarding = Board(request.path, arrival);
    if (!boarding.flight) {
      metrics_.CountShed();
      co_return AnswerWithoutOwner(request.path, nullptr, page::v1::DEGRADATION_REASON_OVERLOADED);
    }
    if (boarding.begins) rpc::Detach(Fly(*boarding.flight, request, false));
    auto landed = boarding.flight->landed;
    PageAnswer answer = co_await landed;
    // A flight begun after this request arrived read everything after it arrived; an older one may be shared
    // only if what it read is still true.
    if (!boarding.begins && boarding.flight->number <= *arrival && !MayShare(answer)) continue;
    answer.joined = !boarding.begins;
    if (answer.joined) metrics_.CountJoin();
    metrics_.CountAnswer(answer.tier, answer.stale);
    co_return answer;
  }
}

void PageServer::OnChange(const change::v1::Change& change) {
  if (change.kind() != change::v1::CHANGE_KIND_WITHDRAWN) return;
  parts_.worker.Post([this, subject = change.subject()] {
    std::vector<std::string> paths = cache_.PathsWhere(
        [&](const PageEntry& entry) {
          const std::vector<std::string>& tags = entry.dependencies.of(SourceOf(subject)).tags;
          return std::binary_search(tags.begin(), tags.end(), subject);
        },
        kMaxMadeAgain);
    if (!paths.empty()) rpc::Detach(MakeAgain(std::move(paths)));
  });
}

std::size_t PageServer::renders_in_flight() const {
  std::lock_guard lock(mutex_);
  return flights_.size();
}

PageServer::Boarding PageServer::Board(const std::string& path, std::optional<std::uint64_t>& arrival) {
  std::lock_guard lock(mutex_);
  if (!arrival) arrival = last_flight_;
  if (auto found = flights_.find(path); found != flights_.end())
    return {.flight = found->second, .begins = false};
  if (flights_.size() >= options_.max_renders) return {};
  Flight flight{.number = ++last_flight_, .landed = {}};
  flights_[path] = flight;
  return {.flight = std::move(flight), .begins = true};
}

void PageServer::Refresh(const std::string& path) {
  Flight flight;
  {
    std::lock_guard lock(mutex_);
    if (flights_.contains(path) || refreshes_ >= options_.max_refreshes) return;
    if (flights_.size() >= options_.max_renders) return;
    ++refreshes_;
    flight.number = ++last_flight_;
    flights_[path] = flight;
  }
  rpc::Detach(Fly(std::move(flight), {.path = path}, true));
}

rpc::Task<void> PageServer::Fly(Flight flight, PageRequest request, bool refresh) {
  auto hop = parts_.queues.Hop();
  co_await hop;
  auto making = Make(request, refresh);
  PageAnswer answer = co_await making;
  {
    std::lock_guard lock(mutex_);
    flights_.erase(request.path);
    if (refresh) --refreshes_;
  }
  flight.landed.Set(std::move(answer));
}

// After a withdrawal; one after the other, so that readers do not notice.
rpc::Task<void> PageServer::MakeAgain(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    auto answering = Answer({.path = std::move(path)});
    co_await answering;
  }
}

rpc::Task<PageAnswer> PageServer::Make(PageRequest request, bool refresh) {
  EntryPtr stored;
  if (!refresh) {
    auto load = parts_.store.Load(request.path);
    stored = co_await load;
  }
  if (stored &&
      IsServed(Decide(parts_.followers.Examine(*stored, absl::Now()), Owner::kNotAsked, options_.rules))) {
    cache_.Insert(stored);
    CompressLater(stored);
    co_return PageAnswer{.entry = stored, .tier = page::v1::CACHE_TIER_REDIS};
  }
  auto making = MakeAnew(request, stored);
  PageAnswer answer = co_await making;
  co_return answer;
}

rpc::Task<PageAnswer> PageServer::MakeAnew(PageRequest request, EntryPtr stored) {
  const absl::Time started = absl::Now();
  auto draft = std::make_shared<PageDraft>();
  draft->scope = ScopeFor(request);
  draft->previous = BestKnown(request.path, stored, started);
  draft->scope.known = draft->previous != nullptr && !draft->scope.ahead;
  auto assembling = parts_.assembler.Assemble(ParseRoute(request.path), draft);
  absl::StatusOr<EntryPtr> made = co_await assembling;
  if (made.ok()) {
    metrics_.CountRender(absl::Now() - started);
    Keep(*made);
    co_return PageAnswer{.entry = *made, .tier = page::v1::CACHE_TIER_RENDERED};
  }
  metrics_.CountFailedRender();
  log_.Log(
      "failed", telemetry::Severity::kWarning, "a page could not be made anew",
      {{"path", request.path}, {"reason", made.status().message()}, {"trace_id", request.trace.trace_id()}});
  const page::v1::DegradationReason reason = ReasonOf(made.status());
  if (draft->scope.ahead) {  // whatever is known is older than what was demanded
    co_return PageAnswer{.entry = Unavailable(reason, absl::Now()), .tier = page::v1::CACHE_TIER_RENDERED};
  }
  co_return AnswerWithoutOwner(request.path, stored, reason);
}

std::optional<PageAnswer> PageServer::ServeKept(const PageCache::Slot& slot, Owner owner, absl::Time now) {
  for (const EntryPtr& entry : {slot.whole, slot.degraded}) {
    if (!entry) continue;
    EntryFacts facts = parts_.followers.Examine(*entry, now);
    facts.other_templates = entry->templates != parts_.assembler.templates();
    const Decision decision = Decide(facts, owner, options_.rules);
    if (!IsServed(decision)) continue;
    // A degraded page beside it means that a better one could not be made a moment ago.
    const bool tried = slot.degraded && now - slot.degraded->rendered_at < options_.rules.degraded_lifetime;
    if (decision == Decision::kServeAndRefresh && owner == Owner::kNotAsked && !tried) Refresh(entry->path);
    return PageAnswer{.entry = entry, .tier = page::v1::CACHE_TIER_MEMORY};
  }
  return std::nullopt;
}

// What may be shown of a page while article cannot be asked; nothing if none of it may.
std::optional<PageServer::Showing> PageServer::ShowingOf(const EntryPtr& entry, absl::Time now) const {
  EntryFacts facts = parts_.followers.Examine(*entry, now);
  Showing showing = {
      .entry = entry, .decision = Decision::kRefuse, .left_out = {}, .stale_for = facts.stale_for};
  if (facts.withdrawn) {
    if (!parts_.assembler.CanLeaveOut(*entry)) return std::nullopt;
    showing.left_out = parts_.followers.WithdrawnMentions(*entry, now);
    facts.withdrawn = showing.left_out.empty();
  }
  showing.decision = Decide(facts, Owner::kUnreachable, options_.rules);
  if (showing.decision == Decision::kRefuse) return std::nullopt;
  return showing;
}

// The newest of the candidates that may be shown while article cannot be asked.
std::optional<PageAnswer> PageServer::ServeStale(const std::vector<EntryPtr>& candidates,
                                                 page::v1::DegradationReason reason, absl::Time now) {
  std::optional<Showing> best;
  for (const EntryPtr& entry : candidates) {
    if (!entry || (best && !IsNewer(*entry, *best->entry))) continue;
    std::optional<Showing> showing = ShowingOf(entry, now);
    if (!showing) continue;
    if (showing->left_out.empty() && IsServed(showing->decision)) {
      return PageAnswer{.entry = entry, .tier = page::v1::CACHE_TIER_MEMORY};
    }
    best = std::move(showing);
  }
  if (!best) return std::nullopt;
  EntryPtr labelled = LabelledStale(*best, reason, now);
  if (!labelled) return std::nullopt;
  return PageAnswer{.entry = std::move(labelled), .tier = page::v1::CACHE_TIER_MEMORY, .stale = true};
}

PageAnswer PageServer::AnswerWithoutOwner(const std::string& path, const EntryPtr& stored,
                                          page::v1::DegradationReason reason) {
  const absl::Time now = absl::Now();
  // What is shown once can be shown again, with Redis gone too.
  if (stored && ShowingOf(stored, now)) cache_.Insert(stored);
  const PageCache::Slot slot = cache_.Find(path);
  const std::vector<EntryPtr> candidates = {slot.whole, slot.degraded, stored};
  if (std::optional<PageAnswer> stale = ServeStale(candidates, reason, now)) return *std::move(stale);
  const bool withdrawn = std::any_of(candidates.begin(), candidates.end(), [&](const EntryPtr& entry) {
    return entry && parts_.followers.SubjectWithdrawn(*entry, now);
  });
  return {.entry = withdrawn ? parts_.assembler.Gone(path, reason) : Unavailable(reason, now),
          .tier = page::v1::CACHE_TIER_RENDERED,
          .stale = withdrawn};
}

EntryPtr PageServer::LabelledStale(const Showing& showing, page::v1::DegradationReason reason,
                                   absl::Time now) {
  const PageEntry& entry = *showing.entry;
  const EntryPtr kept = labelled_.Find(entry.path).degraded;
  if (kept && now - kept->rendered_at < kLabelledFor && IsCopyOf(*kept, entry) &&
      !parts_.followers.Examine(*kept, now).withdrawn) {
    return kept;
  }
  EntryPtr labelled =
      parts_.assembler.LabelledStale(entry, showing.left_out, reason, now - showing.stale_for, now);
  if (!labelled) return nullptr;
  labelled_.Insert(labelled);
  NoteDegraded(*labelled);
  return labelled;
}

EntryPtr PageServer::Unavailable(page::v1::DegradationReason reason, absl::Time now) {
  {
    std::lock_guard lock(mutex_);
    if (unavailable_ && now - unavailable_->rendered_at < kUnavailableFor &&
        !parts_.followers.Examine(*unavailable_, now).withdrawn) {
      return unavailable_;
    }
  }
  EntryPtr made = parts_.assembler.Unavailable(reason);
  NoteDegraded(*made);
  std::lock_guard lock(mutex_);
  unavailable_ = made;
  return made;
}

// What could be shown for a path should its owner not answer; null if nothing.
EntryPtr PageServer::BestKnown(const std::string& path, const EntryPtr& stored, absl::Time now) const {
  for (const EntryPtr& entry : {cache_.Find(path).whole, stored}) {
    if (entry && ShowingOf(entry, now)) return entry;
  }
  return nullptr;
}

bool PageServer::MayShare(const PageAnswer& answer) const {
  const EntryFacts facts = parts_.followers.Examine(*answer.entry, absl::Now());
  if (facts.withdrawn) return false;
  if (answer.stale || answer.entry->status() == 503) return true;
  return IsServed(Decide(facts, Owner::kNotAsked, options_.rules));
}

bool PageServer::SatisfiesPositions(const PageRequest& request) const {
  auto reached = [this](Source source, std::int64_t position) {
    return position <= 0 || parts_.followers.position(source).position() >= position;
  };
  return reached(Source::kArticle, request.min_article_position) &&
         reached(Source::kMedia, request.min_media_position);
}

void PageServer::Keep(const EntryPtr& entry) {
  if (entry->dependencies.of(Source::kArticle).log_id.empty()) return;  // nobody could ever vouch for it
  cache_.Insert(entry);
  if (entry->degraded()) return NoteDegraded(*entry);
  if (entry->status() == 200) parts_.store.Save(*entry);
  CompressLater(entry);
}

void PageServer::CompressLater(const EntryPtr& entry) {
  if (entry->status() != 200 || entry->content->Offers(http::Coding::kBrotli)) return;
  parts_.worker.Post([this, entry] { cache_.Replace(entry, parts_.assembler.CompressedBetter(*entry)); });
}

void PageServer::NoteDegraded(const PageEntry& entry) {
  for (const page::v1::Degradation& degradation : entry.degradations) {
    metrics_.CountDegraded(degradation);
    log_.Log(
        degradation.part(), telemetry::Severity::kWarning, "a page is degraded",
        {{"path", entry.path}, {"part", degradation.part()}, {"reason", ReasonName(degradation.reason())}});
  }
}

// Asking for what this gateway knows already makes every replica of an owner answer with it or not at all.
CallScope PageServer::ScopeFor(const PageRequest& request) const {
  auto at_least = [this](Source source, std::int64_t asked) {
    return parts_.followers.live(source) ? std::max(asked, parts_.followers.position(source).position())
                                         : asked;
  };
  return {.context = rpc::Context(options_.render_timeout, request.trace),
          .log = std::make_shared<CallLog>(),
          .min_article_position = at_least(Source::kArticle, request.min_article_position),
          .min_media_position = at_least(Source::kMedia, request.min_media_position),
          .ahead = !SatisfiesPositions(request)};
}

}  // namespace broadsheet::gateway
