#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/gateway/page_server.h"

// What becomes of a page beside being an answer: memory, Redis, smaller codings.
namespace broadsheet::gateway {
namespace {

// Pages that were made shortly after each other go to Redis together: each by itself would wake its client
// and the server. Nobody waits for that.
constexpr absl::Duration kStoredTogether = absl::Milliseconds(10);
constexpr std::size_t kMaxToStore = 64;
constexpr std::size_t kMaxBytesToStore = 1u << 20;

// Sampled finds of a page, that is about 64 finds, after which its smallest coding is worth what it takes;
// see the README's decision. A page longer than kMaxCompressedBest would hold up the thread, and its end, for
// long.
constexpr std::uint32_t kOften = 64 / PageCache::kFindsPerSample;
constexpr std::size_t kMaxCompressedBest = 256u << 10;

}  // namespace

void PageServer::Forget(const std::string& path) {
  cache_.Erase(path);
  labelled_.Erase(path);
}

void PageServer::ForgetAll() {
  const auto every = [](const PageEntry&) { return true; };
  for (PageCache* cache : {&cache_, &labelled_, &fragments_}) {
    for (const std::string& path : cache->PathsWhere(every, static_cast<std::size_t>(-1))) cache->Erase(path);
  }
}

void PageServer::Keep(const EntryPtr& entry, Purges::Moment begun) {
  if (entry->dependencies.of(Source::kArticle).log_id.empty()) return;  // nobody could ever vouch for it
  purges_.KeepUnlessPurged(entry->path, begun, [&] { cache_.Insert(entry); });
  if (entry->degraded()) NoteDegraded(*entry);
}

void PageServer::Store(const PageAnswer& answer, Purges::Moment begun, std::int64_t epoch) {
  const PageEntry& entry = *answer.entry;
  if (answer.tier != page::v1::CACHE_TIER_RENDERED || entry.degraded() || entry.status() != 200) return;
  if (entry.dependencies.of(Source::kArticle).log_id.empty() || !parts_.store.available()) return;
  bool first = false;
  bool full = false;
  {
    std::lock_guard lock(mutex_);
    first = to_store_.empty();
    to_store_.push_back({answer.entry, begun, epoch});
    bytes_to_store_ += entry.bytes();
    full = to_store_.size() >= kMaxToStore || bytes_to_store_ >= kMaxBytesToStore;
  }
  if (first) rpc::Detach(StoreSoon());
  if (full) StoreWaiting();
}

rpc::Task<void> PageServer::StoreSoon() {
  const UnderWay::Part part(under_way_);
  auto pause = parts_.queues.Sleep(kStoredTogether);
  co_await pause;
  StoreWaiting();
}

void PageServer::StoreWaiting() {
  std::vector<Waiting> waiting;
  {
    std::lock_guard lock(mutex_);
    waiting.swap(to_store_);
    bytes_to_store_ = 0;
  }
  for (const auto& [entry, begun, epoch] : waiting) {
    // Not what was made anew since memory took it.
    const EntryPtr kept = cache_.Peek(entry->path).whole;
    if (kept ? kept->rendered_at != entry->rendered_at : options_.cache.max_bytes != 0) continue;
    purges_.KeepUnlessPurged(entry->path, begun,
                             [&, &page = *entry, at = epoch] { parts_.store.Save(page, at); });
  }
}

void PageServer::CompressLater(const EntryPtr& entry, bool sampled) {
  const http::Content& content = *entry->content;
  // Whether its codings have been made smaller once.
  const bool again = content.Offers(http::Coding::kBrotli);
  if (again ? !sampled : !content.Offers(http::Coding::kGzip)) return;
  if (entry->status() != 200 || entry->degraded() || parts_.compressor.full()) return;
  if (!again) return ReplaceLater(entry, entry->compression, &Assembler::CompressedBetter);
  if (content.uncoded_bytes() > kMaxCompressedBest || entry->best_compression.begun()) return;
  if (entry->sampled_finds.Add() < kOften || parts_.compressor.waiting() > 0) return;
  ReplaceLater(entry, entry->best_compression, &Assembler::CompressedBest);
}

void PageServer::ReplaceLater(const EntryPtr& entry, const BegunOnce& begun,
                              EntryPtr (Assembler::*compress)(const PageEntry&) const) {
  if (!begun.Begin()) return;
  const bool taken = parts_.compressor.Post([this, entry, &begun, compress] {
    const EntryPtr better = (parts_.assembler.*compress)(*entry);
    if (!better) return;
    const auto replaced = std::make_shared<absl::Notification>();
    const bool posted = parts_.worker.Post([this, &entry, &better, replaced] {
      cache_.Replace(entry, better);
      replaced->Notify();
    });
    if (!posted) return begun.Undo();
    // What is replaced is freed here, where the next page needs as much.
    replaced->WaitForNotification();
  });
  if (!taken) begun.Undo();
}

void PageServer::NoteDegraded(const PageEntry& entry) {
  for (const page::v1::Degradation& degradation : entry.degradations) {
    metrics_.CountDegraded(degradation);
    log_.Log(degradation.part(), telemetry::Severity::kWarning, "a page is degraded",
             {{"path", entry.path.empty() ? "any" : entry.path},
              {"part", degradation.part()},
              {"reason", ReasonName(degradation.reason())}});
  }
}

}  // namespace broadsheet::gateway
