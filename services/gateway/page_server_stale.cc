#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "services/gateway/page_server.h"

// The part of PageServer that answers while article cannot be asked.
namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kLabelledFor = absl::Seconds(5);     // how long a labelled copy is used again
constexpr absl::Duration kUnavailableFor = absl::Seconds(1);  // the same for the 503 page

bool IsNewer(const PageEntry& entry, const PageEntry& other) {
  return entry.dependencies.of(Source::kArticle).position > other.dependencies.of(Source::kArticle).position;
}

}  // namespace

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
                                          Purges::Moment begun, page::v1::DegradationReason reason) {
  const absl::Time now = absl::Now();
  // What is shown once can be shown again, with Redis gone too.
  if (stored && ShowingOf(stored, now)) {
    purges_.KeepUnlessPurged(path, begun, [&] { cache_.Insert(stored); });
  }
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
      kept->reason("article") == reason && !parts_.followers.Examine(*kept, now).withdrawn) {
    return kept;
  }
  EntryPtr labelled =
      parts_.assembler.LabelledStale(entry, showing.left_out, reason, now - showing.stale_for, now);
  if (!labelled) return nullptr;
  labelled_.Insert(labelled);
  NoteDegraded(*labelled);
  return labelled;
}

EntryPtr PageServer::Unavailable(page::v1::DegradationReason reason, absl::Time now, bool failed) {
  Refusal refusal;
  {
    std::lock_guard lock(mutex_);
    const Refusal& kept = refusals_[reason];
    if (kept.page && now - kept.page->rendered_at < kUnavailableFor &&
        !parts_.followers.Examine(*kept.page, now).withdrawn) {
      refusal = kept;
    }
  }
  if (!refusal.page) refusal.page = parts_.assembler.Unavailable(reason);
  if (failed && !refusal.counted) NoteDegraded(*refusal.page);
  refusal.counted = refusal.counted || failed;
  std::lock_guard lock(mutex_);
  refusals_[reason] = refusal;
  return refusal.page;
}

// What could be shown for a path should its owner not answer; null if nothing.
EntryPtr PageServer::BestKnown(const std::string& path, const EntryPtr& stored, absl::Time now) const {
  for (const EntryPtr& entry : {cache_.Find(path).whole, stored}) {
    if (entry && ShowingOf(entry, now)) return entry;
  }
  return nullptr;
}

}  // namespace broadsheet::gateway
