#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_SERVER_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/deferred.h"
#include "libs/rpc/task.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/trace_context.h"
#include "services/gateway/assembler.h"
#include "services/gateway/followers.h"
#include "services/gateway/freshness.h"
#include "services/gateway/gateway_metrics.h"
#include "services/gateway/gradient_limit.h"
#include "services/gateway/page_cache.h"
#include "services/gateway/page_store.h"
#include "services/gateway/purges.h"
#include "services/gateway/refused_pages.h"
#include "services/gateway/string_map.h"
#include "services/gateway/under_way.h"
#include "services/gateway/worker.h"

namespace broadsheet::gateway {

struct PageServerOptions {
  PageCache::Options cache;
  FreshnessRules rules;
  absl::Duration render_timeout = absl::Seconds(3);  // for all calls of one page together
  // At a time; readers beyond get an older page or 503. Fewer when making pages takes longer than usual.
  std::size_t max_renders = 512;
  std::size_t min_renders = 16;    // at least so many, however long it takes
  std::size_t max_refreshes = 16;  // of those, made without a reader waiting
  // Beside those: for clients that demand positions this gateway has not heard of.
  std::size_t max_ahead = 64;
};

// Who is served first when too many pages have to be made.
enum class Priority { kReader, kCrawler, kBackground };
// Of `limit` pages at a time, how many may be under way when another of this priority begins. Pure.
std::size_t ShareOf(Priority priority, std::size_t limit);

struct PageRequest {
  std::string path = {};  // decoded
  // The page must not be older than these positions of the change logs; 0: no such demand.
  std::int64_t min_article_position = 0;
  std::int64_t min_media_position = 0;
  // Of which logs these positions are; empty: not said.
  std::string article_log_id = {};
  std::string media_log_id = {};
  telemetry::TraceContext trace = telemetry::TraceContext::New();
  Priority priority = Priority::kReader;
};

struct PageAnswer {
  EntryPtr entry = nullptr;  // never null: errors are pages too
  page::v1::CacheTier tier = page::v1::CACHE_TIER_MEMORY;
  bool asked = true;    // whether anybody had to be, or would have been, for a page that is not kept
  bool joined = false;  // shared the work of another reader's request
  bool stale = false;   // not known to be right: labelled as last known
  // It was not made, as too many pages were being made; for whoever comes no sooner than this.
  std::optional<Priority> shed_for = std::nullopt;
};

// From path to page: out of memory, out of Redis, or made anew, and the same for every door (HTTP, gRPC).
// However many ask for a page at once, it is made once per change (README, "Joining"). Thread-safe.
class PageServer {
 public:
  struct Parts {
    Backends& backends;
    const Followers& followers;
    Assembler& assembler;
    PageStore& store;
    Worker& worker;
    Worker& compressor;  // of low priority; stopped before the other one, which it waits for
    rpc::CompletionQueues& queues;
  };

  // What `parts` names must outlive this server and every task of it.
  PageServer(Parts parts, PageServerOptions options);

  // The answer, if it can be given without waiting. Cheap; for any thread.
  std::optional<PageAnswer> AnswerAtOnce(std::string_view path);

  // Whether this gateway has applied what the request demands.
  bool SatisfiesPositions(const PageRequest& request) const;

  // A log that is followed, while a position that the request demands is said to be of another one, with
  // which it cannot be compared. Nothing: there is no such contradiction as far as is known.
  struct OtherLog {
    Source source = Source::kArticle;
    std::string followed;
  };
  std::optional<OtherLog> DemandsOfOtherLog(const PageRequest& request) const;

  // The answer. Who awaits it on a queue's thread goes on there; anybody else, if it has to wait, on one of
  // theirs or on that of Redis's client, which he must not keep for long.
  rpc::Task<PageAnswer> Answer(PageRequest request);

  // The answer with that page, as Assembler::MomentsSince makes of it. Whether the page may be shown has been
  // judged; no fragment is kept longer than the page that it is cut from is the one that is shown.
  PageAnswer MomentsSince(PageAnswer answer, std::string_view moment);

  // For the followers: pages that show what was withdrawn are made anew before anybody asks, so that there is
  // something to show should article fail next.
  void OnChange(const change::v1::Change& change);

  // Puts a page of an earlier run where those of this one are kept.
  void Adopt(const EntryPtr& entry) { cache_.Insert(entry); }
  // Makes the page anew behind readers, if there is room for it.
  void Refresh(const std::string& path);
  // Throws the page away, in every form that is in memory.
  void Forget(const std::string& path);
  // Throws every page away.
  void ForgetAll();
  // What is to hold while pages are thrown away everywhere, see Purges.
  Purges& purges() { return purges_; }
  // Waits until no page is being made behind readers any more. When nobody asks and the queues are closed:
  // what is still under way, for it waits for Redis, fails with its next call.
  void WaitUntilIdle() { under_way_.WaitUntilNone(); }
  // Which pages readers were refused.
  RefusedPages& refused() { return refused_; }
  // What is in memory. For what looks after pages, not for answering.
  PageCache& cache() { return cache_; }
  // What is known of a page now, and whether it may be served: before anybody is asked, or in spite of it.
  struct Judgement {
    EntryFacts facts;
    Decision decision = Decision::kMakeAnew;
  };
  Judgement Judge(const PageEntry& entry, Owner owner, absl::Time now) const;

  PageCache::Statistics cache_statistics() const { return cache_.statistics(); }
  PageCache::Statistics fragment_statistics() const { return fragments_.statistics(); }
  std::size_t renders_in_flight() const;  // but for those that somebody demands ahead of this gateway
  std::size_t render_limit() const;

 private:
  // One page being made, shared by everybody who may have it.
  struct Flight {
    std::uint64_t number = 0;  // grows; greater than that of every flight begun before
    rpc::Deferred<PageAnswer> landed = {};
  };
  struct Boarding {
    std::optional<Flight> flight = {};  // nothing: too many pages are under way
    bool begins = false;                // the caller is to start it
  };

  struct Waiting {  // to be stored
    EntryPtr entry;
    Purges::Moment begun = 0;
    std::int64_t epoch = 0;  // see PageStore
  };

  // The 503 page.
  struct Refusal {
    EntryPtr page;
    bool counted = false;
  };

  // A page that may be shown while article cannot be asked, and how.
  struct Showing {
    EntryPtr entry;
    Decision decision = Decision::kRefuse;
    std::vector<std::string> left_out;  // tags of stories that must not be mentioned
    absl::Duration stale_for;
  };

  Boarding Board(const std::string& path, std::optional<std::uint64_t>& arrival);
  // Room for one more page to be made, to be given back.
  bool TakeRoom(Priority priority);
  void GiveRoomBack();
  PageAnswer Shed(const PageRequest& request, const EntryPtr& stored, Purges::Moment begun);
  void NoteRender(absl::Duration duration);
  // That no page is made for `who` asks, because too many are being made.
  void NoteShed(Priority priority, const std::string& path);
  void NoteShed(std::string_view who, const std::string& path);
  rpc::Task<PageAnswer> AnswerAhead(PageRequest request);
  rpc::Task<void> Fly(Flight flight, PageRequest request, bool refresh);
  std::optional<PageAnswer> TakeStored(const std::string& path, const EntryPtr& stored, Purges::Moment begun);
  rpc::Task<PageAnswer> Make(PageRequest request, EntryPtr stored, DraftPtr draft, bool has_room);
  rpc::Task<PageAnswer> MakeAnew(PageRequest request, EntryPtr stored, DraftPtr draft);
  bool IsLatest(const PageEntry& entry, absl::Time now) const;
  rpc::Task<PageAnswer> MakeOnce(PageRequest request, EntryPtr stored, DraftPtr draft);
  rpc::Task<void> MakeAgain(std::vector<std::string> paths, Source source, std::int64_t position);

  // The answer, which is noted if it is a refusal.
  PageAnswer Noted(const PageRequest& request, absl::Time started, PageAnswer answer);
  rpc::Task<PageAnswer> AnswerShared(PageRequest request);
  std::optional<PageAnswer> ServeKept(const PageCache::Slot& slot, Owner owner, absl::Time now);
  std::optional<PageAnswer> ServeStale(const std::vector<EntryPtr>& candidates,
                                       page::v1::DegradationReason reason, absl::Time now);
  PageAnswer AnswerWithoutOwner(const std::string& path, const EntryPtr& stored, Purges::Moment begun,
                                page::v1::DegradationReason reason);
  std::optional<Showing> ShowingOf(const EntryPtr& entry, absl::Time now) const;
  EntryPtr LabelledStale(const Showing& showing, page::v1::DegradationReason reason, absl::Time now);
  // `failed`: because somebody who was asked did not answer, which is counted.
  EntryPtr Unavailable(page::v1::DegradationReason reason, absl::Time now, bool failed = true);
  EntryPtr BestKnown(const std::string& path, const EntryPtr& stored, absl::Time now) const;

  bool MayShare(const PageAnswer& answer) const;
  // Whether the page is as new as the request demands, which a stale one need not be.
  bool IsAsNewAsAsked(const PageRequest& request, const PageAnswer& answer) const;
  CallScope ScopeFor(const PageRequest& request) const;
  // `begun`: see PageDraft.
  void Keep(const EntryPtr& entry, Purges::Moment begun);
  // Where other gateways find it, in a moment, if it was made whole just now. `epoch`: of the store, before
  // anything was read for it.
  void Store(const PageAnswer& answer, Purges::Moment begun, std::int64_t epoch);
  rpc::Task<void> StoreSoon();
  void StoreWaiting();
  // Of a page that is asked for again: most of what is asked for once, by crawlers, is not, and smaller
  // codings take longer than all the rest of its making. `sampled`: see PageCache::Slot; the smallest coding
  // is made of what is asked for often.
  void CompressLater(const EntryPtr& entry, bool sampled);
  // Puts what `compress` makes of the page in its place, unless that has begun before.
  void ReplaceLater(const EntryPtr& entry, const BegunOnce& begun,
                    EntryPtr (Assembler::*compress)(const PageEntry&) const);
  void NoteDegraded(const PageEntry& entry);

  const Parts parts_;
  const PageServerOptions options_;
  PageCache cache_;
  PageCache labelled_;   // what AnswerWithoutOwner made, for seconds
  PageCache fragments_;  // what MomentsSince made; of moments that there are, and of no others
  Purges purges_;
  GatewayMetrics metrics_;
  telemetry::LimitedLog log_;
  RefusedPages refused_;

  mutable std::mutex mutex_;
  StringMap<Flight> flights_;      // guarded by mutex_
  std::size_t renders_ = 0;        // guarded by mutex_; of flights, those for which a page is being made
  std::uint64_t last_flight_ = 0;  // guarded by mutex_
  std::size_t refreshes_ = 0;      // guarded by mutex_
  std::size_t ahead_ = 0;          // guarded by mutex_; see AnswerAhead
  GradientLimit limit_;            // guarded by mutex_
  // For a second each.
  std::map<page::v1::DegradationReason, Refusal> refusals_;  // guarded by mutex_
  std::vector<Waiting> to_store_;   // guarded by mutex_; bounded in number and bytes, see Store
  std::size_t bytes_to_store_ = 0;  // guarded by mutex_
  UnderWay under_way_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_SERVER_H_
