#ifndef BROADSHEET_SERVICES_GATEWAY_ASSEMBLER_H_
#define BROADSHEET_SERVICES_GATEWAY_ASSEMBLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/task.h"
#include "services/gateway/backends.h"
#include "services/gateway/live_renderer.h"
#include "services/gateway/page_date.h"
#include "services/gateway/page_entry.h"
#include "services/gateway/page_parts.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {

using EntryPtr = std::shared_ptr<const PageEntry>;

// What stands around a page of which everything has been awaited.
Frame FrameOf(const PageDraft& draft, std::vector<article::v1::Section> sections);

// Makes pages: asks for everything at once, awaits in the order of need, renders. What a page is about is its
// primary part: it decides the status, and without it there is no page. Everything else is optional, see
// PageParts. Thread-safe; must outlive its tasks.
class Assembler {
 public:
  // `uncoded`: see PageBody.
  Assembler(Backends& backends, PageParts& parts, const LiveRenderer& renderers,
            std::shared_ptr<http::UncodedBodies> uncoded)
      : backends_(backends), parts_(parts), renderers_(renderers), uncoded_(std::move(uncoded)) {}

  // The page at `route`, on the word of its owners now. Run it on a queue's thread, see PageDraft. An error
  // means that the primary part could not be had; it is never NOT_FOUND, because "nothing is there" is a
  // page.
  rpc::Task<absl::StatusOr<EntryPtr>> Assemble(Route route, DraftPtr draft);

  // The page at `route` if nobody needs to be asked for it; otherwise null.
  EntryPtr WithoutAsking(const Route& route);

  // Pages that say what is wrong, from what is known.
  EntryPtr Unavailable(page::v1::DegradationReason reason);
  EntryPtr Gone(std::string_view path, page::v1::DegradationReason reason);

  // The same page, labelled as last known at `stale_since`, without any mention of the stories with the tags
  // `left_out`. Null if they cannot be left out; whether it is a page that they can be is CanLeaveOut.
  EntryPtr LabelledStale(const PageEntry& entry, const std::vector<std::string>& left_out,
                         page::v1::DegradationReason reason, absl::Time stale_since, absl::Time now) const;
  bool CanLeaveOut(const PageEntry& entry) const;

  // Of a live story's page: the moments above the one with that id, or that there is nothing above it (204),
  // no such moment within reach (404) or no such id (400). Any other page is returned as it is, but the
  // redirect of a story that has moved leads to the same question. What comes of it depends on what the page
  // depends on.
  EntryPtr MomentsSince(const EntryPtr& page, std::string_view moment) const;

  // The same page in smaller variants; takes milliseconds.
  EntryPtr CompressedBetter(const PageEntry& entry) const;
  // The same with the smallest brotli coding; takes tenths of a second.
  EntryPtr CompressedBest(const PageEntry& entry) const;

  // Of the templates in force, see PageEntry::templates.
  std::uint64_t templates() const { return renderers_.version(); }

 private:
  DraftPtr NewDraft() const;

  using Assembled = rpc::Task<absl::StatusOr<EntryPtr>>;

  Assembled Front(Route route, DraftPtr draft);
  Assembled SectionOrStory(Route route, DraftPtr draft);
  Assembled Section(Route route, DraftPtr draft, article::v1::Section section);
  Assembled Author(Route route, DraftPtr draft);
  Assembled MostRead(Route route, DraftPtr draft);
  Assembled Story(Route route, DraftPtr draft);
  Assembled Ninjs(Route route, DraftPtr draft);
  Assembled Feed(Route route, DraftPtr draft);
  Assembled SitemapIndex(Route route, DraftPtr draft);
  Assembled PagesSitemap(Route route, DraftPtr draft);
  Assembled NewsSitemap(Route route, DraftPtr draft);
  Assembled MonthSitemap(Route route, DraftPtr draft);
  // The page for what its owner says is not there.
  Assembled Absent(Route route, DraftPtr draft, absl::Status status);

  // The stories of a list, newest first, at most `limit`, with what a sitemap says of them.
  rpc::Task<absl::StatusOr<Teasers>> Listed(DraftPtr draft, Backends::ListQuery query, std::size_t limit);

  struct Recommended;
  struct Mentions;
  struct Related;
  rpc::Task<Recommended> RecommendedAt(DraftPtr beside, std::string path);
  rpc::Task<Related> RelatedTo(DraftPtr draft, Mentions story, Teasers named, DraftPtr beside,
                               rpc::Task<Recommended> recommended_task);
  rpc::Task<ListPage> ListParts(DraftPtr draft, article::v1::ListArticlesResponse response);
  rpc::Task<Teasers> MostReadBlock(DraftPtr draft, std::vector<std::string> ids);
  rpc::Task<absl::StatusOr<Teasers>> MostReadStories(DraftPtr draft, std::vector<std::string> ids);
  rpc::Task<absl::StatusOr<Teasers>> PublishedOf(DraftPtr draft, std::vector<std::string> ids);
  rpc::Task<absl::StatusOr<Teasers>> Newest(DraftPtr draft, std::size_t count);

  EntryPtr NothingThere(const DraftPtr& draft);
  EntryPtr ErrorEntry(const Route& route, DraftPtr draft, int status, std::string notice,
                      std::vector<article::v1::Section> sections, Teasers stories = {}) const;
  EntryPtr RedirectEntry(std::string_view path, DraftPtr draft, std::string_view to,
                         std::string subject = "") const;
  EntryPtr Html(const Route& route, DraftPtr draft, std::string text, std::string subject = "") const;
  EntryPtr Finish(std::string_view path, DraftPtr draft, PageBody body, std::string subject) const;

  Backends& backends_;
  PageParts& parts_;
  const LiveRenderer& renderers_;
  const std::shared_ptr<http::UncodedBodies> uncoded_;
  mutable DatingClock dating_clock_;
  std::mutex nothing_there_mutex_;
  EntryPtr nothing_there_;           // guarded by nothing_there_mutex_
  Dependencies nothing_there_read_;  // of its masthead; guarded by nothing_there_mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ASSEMBLER_H_
