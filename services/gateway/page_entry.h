#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/page/v1/page_service.pb.h"
#include "libs/http/response.h"
#include "services/gateway/dependencies.h"

namespace broadsheet::gateway {

// Bytes that are made of an entry when they are asked for first, and kept with it. Thread-safe; a copy begins
// empty.
class MadeOnce {
 public:
  MadeOnce() = default;
  MadeOnce(const MadeOnce&) {}
  MadeOnce& operator=(const MadeOnce&) = delete;

  template <class Make>
  std::shared_ptr<const std::string> Get(const Make& make) const {
    std::lock_guard lock(mutex_);
    if (!bytes_) bytes_ = std::make_shared<const std::string>(make());
    return bytes_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const std::string> bytes_;  // guarded by mutex_
};

// Whether something has been begun that is worth doing once for an entry. Thread-safe; for a copy nothing
// has.
class BegunOnce {
 public:
  BegunOnce() = default;
  BegunOnce(const BegunOnce&) {}
  BegunOnce& operator=(const BegunOnce&) = delete;

  // True for one caller, until Undo.
  bool Begin() const {
    State expected = State::kNotBegun;
    return !begun() && state_.compare_exchange_strong(expected, State::kBegun);
  }
  void Undo() const { state_ = State::kNotBegun; }
  // Of the entry that it was done to: nobody need begin.
  void Finish() const { state_ = State::kDone; }
  bool begun() const { return state_.load(std::memory_order_relaxed) != State::kNotBegun; }
  bool done() const { return state_.load(std::memory_order_relaxed) == State::kDone; }

 private:
  enum class State : std::uint8_t { kNotBegun, kBegun, kDone };
  mutable std::atomic<State> state_ = State::kNotBegun;
};

// A count that a copy begins anew. Thread-safe.
class Tally {
 public:
  Tally() = default;
  Tally(const Tally&) {}
  Tally& operator=(const Tally&) = delete;

  // How many it is now.
  std::uint32_t Add() const { return count_.fetch_add(1, std::memory_order_relaxed) + 1; }

 private:
  mutable std::atomic<std::uint32_t> count_ = 0;
};

// A finished page as caches keep it: its bytes, what they were made from, and what they depend on. Immutable
// once shared. An error or a redirect is a page too.
struct PageEntry {
  std::string path;  // its key; decoded, see route.h
  std::shared_ptr<const http::Content> content;
  std::string location;  // of a redirect: where to, encoded
  // Tag of what the page is about ("article/harbour-wall"); empty for lists and for paths where nothing is.
  // Once it is known to be withdrawn the page must not be shown any more.
  std::string subject;
  std::int64_t subject_revision = 0;  // of the story it is about; 0: it is about none
  Dependencies dependencies;
  std::vector<page::v1::Degradation> degradations;  // empty: whole
  absl::Time rendered_at;
  std::int64_t epoch = 0;       // of a page out of Redis: see PageStore
  std::uint64_t templates = 0;  // version of the renderer that made it; another one's is as true
  // Of a page that an earlier run left on disk: when its owners vouched for it last, at the positions of its
  // dependencies. It is judged by what that run knew (earlier_run.h) until this one has followed the logs.
  // Infinite past: made, or got from Redis, by this run.
  absl::Time vouched_at = absl::InfinitePast();
  // Whether this run read it from its owners, so that it was right when it was made.
  bool made_by_this_run = false;
  std::string copy_of;                       // of a labelled copy: the ETag of the page it was made of
  std::vector<page::v1::BackendCall> calls;  // made for it; empty when it comes from Redis
  // For the followers, by source: whoever finds the page fresh spares the next one most of the work.
  mutable std::array<change::FreshMark, kSources> fresh_marks;
  BegunOnce compression;       // into smaller variants
  BegunOnce best_compression;  // into the smallest
  Tally sampled_finds;         // see PageCache::Slot; of this entry, not of others of its path
  MadeOnce message_head;       // of its answer over gRPC: all but the body

  int status() const { return content->status(); }
  bool degraded() const { return !degradations.empty(); }
  bool degraded(std::string_view part) const;  // whether that part is among `degradations`
  // Why that part falls short, as was said of it last; UNSPECIFIED: it does not.
  page::v1::DegradationReason reason(std::string_view part) const;
  bool left_by_earlier_run() const { return vouched_at != absl::InfinitePast(); }
  // Heap bytes held, and what message_head will take.
  std::size_t bytes() const;
};

// Media types of pages.
inline constexpr std::string_view kHtml = "text/html; charset=utf-8";
inline constexpr std::string_view kText = "text/plain; charset=utf-8";

// Whether `copy` was made of that page, or of one with the same bytes from the same state of article.
bool IsCopyOf(const PageEntry& copy, const PageEntry& page);

// What a page is before its HTTP head is written.
struct PageBody {
  int status = 200;
  std::string media_type = {};
  std::string text = {};
  std::size_t text_bytes = 0;  // how long it is where it is left out, see http::Content::Parts
  std::string gzip = {};       // made already; empty: it is made now, quickly
  std::string brotli = {};     // made already; empty: not offered
  std::string etag = {};       // known already, without quotes; empty: made of the text
  std::string location = {};
  std::string subject = {};                         // see PageEntry
  absl::Time last_modified = absl::InfinitePast();  // see http::Content::Parts
  http::OwnedBytes owned_gzip = {};                 // instead of `gzip`, see http::Content::Parts
  // Where `text` is kept once there is gzip, see http::Content::Parts; null: with the page.
  std::shared_ptr<http::UncodedBodies> uncoded = {};
};

// The form in which pages travel: status, fields and the body in its codings. The fields are those that
// caches and browsers need to treat the page well (README, "HTTP face"). `security_policy` is the
// Content-Security-Policy.
std::shared_ptr<const http::Content> PreparePage(PageBody body, const Dependencies& dependencies,
                                                 const std::vector<page::v1::Degradation>& degradations,
                                                 std::string_view security_policy);

// The same page in smaller variants, which take longer to make; for the background. Same bytes, same ETag.
// `uncoded`: see PageBody. Null: its gzip is damaged.
std::shared_ptr<const PageEntry> CompressBetter(const PageEntry& entry, std::string_view security_policy,
                                                std::shared_ptr<http::UncodedBodies> uncoded);

// The same with the smallest brotli coding that can be had, in place of the present one. Takes a tenth of a
// second for a long page.
std::shared_ptr<const PageEntry> CompressBest(const PageEntry& entry, std::string_view security_policy,
                                              std::shared_ptr<http::UncodedBodies> uncoded);

// Of a page made anew that took over the codings of the `previous` one, because its bytes are the same: what
// has been done to these is not done again.
void KeepFinishedCompression(const PageEntry& previous, const PageEntry& page);

// The ETag of the uncoded page without its quotes; empty when there is none.
std::string_view OpaqueTag(const http::Content& content);

// "UNAVAILABLE" as "unavailable", for labels.
std::string ReasonName(page::v1::DegradationReason reason);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_H_
