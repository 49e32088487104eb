#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_PARTS_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_PARTS_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/task.h"
#include "services/gateway/backends.h"
#include "services/gateway/dependencies.h"
#include "services/gateway/followers.h"
#include "services/gateway/most_read_record.h"
#include "services/gateway/purges.h"
#include "services/gateway/record_cache.h"
#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// The pictures that stand beside teasers of stories.
std::vector<std::string> LeadImageIds(const Teasers& stories);

// A page being made. Used by the coroutines of one page, which all run on one queue's thread.
struct PageDraft {
  CallScope scope;
  std::shared_ptr<const Renderer> renderer;   // makes all of it, whatever comes into force meanwhile
  std::shared_ptr<const PageEntry> previous;  // an older page, which could be shown instead; may be null
  bool previous_was_latest = false;  // nobody had had another version since, before anything was read
  Purges::Moment begun = 0;          // of PageServer's purges, before anything was read
  Dependencies dependencies;
  std::vector<page::v1::Degradation> degradations;
  std::int64_t subject_revision = 0;  // see PageEntry
  // What the page is rendered from: thousands of strings, freed with the draft, as a rule when readers have
  // their answer.
  std::shared_ptr<void> model;

  // Notes that a part is missing, or shown as known last (`stale`); once per part, stale if any of it is.
  void Degrade(std::string_view part, page::v1::DegradationReason reason, bool stale);
  void Degrade(std::string_view part, const absl::Status& status, bool stale);
  // Whether that was noted of the part.
  bool Lacks(std::string_view part) const;

  // For parts that are asked for before it is known that the page has room for them: nothing is noted here
  // until they are added. Its calls can be cancelled by themselves.
  std::shared_ptr<PageDraft> Beside() const;
  void Add(const PageDraft& beside);
};
using DraftPtr = std::shared_ptr<PageDraft>;

page::v1::DegradationReason ReasonOf(const absl::Status& status);

// The parts that pages are made of besides what they are about. Each notes what it depends on, takes what is
// at hand and fresh instead of asking, and when its owner does not answer in time falls back to what was
// known last, or to nothing, and says so: none of them can fail a page. Never shows what is known to be
// withdrawn; what is shown as known last counts as read at the follower's position of before it was looked
// up, so that a withdrawal not applied by then is noticed. Thread-safe; must outlive its tasks.
class PageParts {
 public:
  // What is read most is asked for again after `most_read_for`.
  PageParts(Backends& backends, const Followers& followers,
            absl::Duration most_read_for = MostReadRecord::kFreshFor);

  // The sections in masthead order.
  rpc::Task<std::vector<article::v1::Section>> Sections(DraftPtr draft);
  // By id; at most 50 are looked up.
  rpc::Task<std::map<std::string, article::v1::Author>> Authors(DraftPtr draft, std::vector<std::string> ids);
  // At most kMaxImages are looked up: as many as article lets a story have, one in each of 2,000 blocks, the
  // lead and the portraits of 20 authors.
  static constexpr std::size_t kMaxImages = 2'021;
  rpc::Task<ImagesById> Images(DraftPtr draft, std::vector<std::string> ids);
  // The published ones among at most kMaxSummaries stories, in order, in the BASIC view: those that a page
  // links to, and 21 that editors name beside a story. `part` is the block they are for.
  static constexpr std::size_t kMaxLinks = 2'000;
  static constexpr std::size_t kMaxSummaries = kMaxLinks + 21;
  rpc::Task<Teasers> Summaries(DraftPtr draft, std::vector<std::string> ids, std::string part);
  // Stories of a section, newest first, for a block that would be empty otherwise. Like RelatedIds it leaves
  // what an error means to whoever has the block.
  rpc::Task<absl::StatusOr<Teasers>> LatestOfSection(DraftPtr draft, std::string section_id);
  // Ids of the stories read most, at most a minute old: for the block on other pages, or for the page of
  // them.
  static constexpr std::size_t kMostReadInBlock = 5;
  static constexpr std::size_t kMostRead = 20;
  rpc::Task<std::vector<std::string>> MostReadIds(DraftPtr draft, std::size_t limit = kMostReadInBlock);
  // Of these ids article says that those among `stories` are published. If the answer that named them turns
  // out to be nonsense: the ids to show instead, as known last, perhaps none. Nothing: it can be used.
  std::optional<std::vector<std::string>> InsteadOfMostRead(const std::vector<std::string>& ids,
                                                            const Teasers& stories,
                                                            std::size_t limit = kMostReadInBlock);
  // The ids recommended for the story at `path`, that story's own perhaps among them; an error is not yet a
  // degradation, there may be a fallback.
  rpc::Task<absl::StatusOr<std::vector<std::string>>> RelatedIds(DraftPtr draft, std::string path);
  // Takes those out of `stories`, summaries for `draft`, which have expired or of which it has become known
  // since that they were withdrawn; whether there were any. The same for links, by article id.
  bool LeaveOutWithdrawn(PageDraft& draft, Teasers& stories) const;
  bool LeaveOutWithdrawn(PageDraft& draft, std::map<std::string, std::string>& links) const;

  // Notes which story article says was withdrawn, if it does.
  void NoteWithdrawal(const absl::Status& absence) const;

  // Remembers what an answer held, for later pages.
  void Remember(const Teasers& stories, const change::v1::Snapshot& snapshot);
  void Remember(const std::vector<article::v1::Author>& authors, const change::v1::Snapshot& snapshot);
  // The newest stories as last listed, for an error page's links.
  void RememberLatest(const Teasers& stories);

  // Without asking anybody; without what is known to be withdrawn.
  std::vector<article::v1::Section> LastKnownSections();
  Teasers LastKnownLatest(DraftPtr draft);

  // The sections if nothing about them has changed since they were read, noted in `read`; otherwise none.
  std::vector<article::v1::Section> FreshSections(Dependencies& read);
  // Whether nothing that article was read for has changed since.
  bool StillHolds(const Dependencies& read) const;

  // The revision of what `tag` names, if it is remembered and has not changed since it was read; otherwise 0.
  // For people.
  std::int64_t RevisionOf(std::string_view tag);

 private:
  // By id; null: it is not published.
  using Found = std::map<std::string, Teasers::Story>;

  // What is remembered and fresh enough for the draft; those that have to be asked for.
  std::vector<std::string> TakeFreshImages(PageDraft& draft, std::vector<std::string> ids,
                                           ImagesById& images);
  std::vector<std::string> TakeFreshSummaries(PageDraft& draft, const std::vector<std::string>& ids,
                                              Found& found);
  // What an answer holds: of `wanted`, what is not in it is not there.
  void TakeImages(PageDraft& draft, media::v1::BatchGetImagesResponse response,
                  const std::vector<std::string>& wanted, ImagesById& images);
  void TakeSummaries(PageDraft& draft, article::v1::BatchGetArticlesResponse response,
                     const std::vector<std::string>& wanted, Found& found);
  // What was known last instead of the answer that could not be had, labelled.
  void FallBackToKnownImages(PageDraft& draft, const std::vector<std::string>& wanted,
                             const absl::Status& why, ImagesById& images);
  void FallBackToKnownSummaries(PageDraft& draft, const std::vector<std::string>& wanted,
                                const absl::Status& why, const std::string& part, Found& found);
  // Whether the story that a tag names, shown by a page that is being made, has been withdrawn meanwhile. Of
  // what article has just answered that must be certain; of what is shown as known last, only possible.
  bool IsOver(const PageDraft& draft, const std::string& tag) const;

  Backends& backends_;
  const Followers& followers_;
  RecordCache<std::vector<article::v1::Section>> sections_;
  RecordCache<article::v1::Author> authors_;
  RecordCache<article::v1::Article> summaries_;  // null: it is not published
  RecordCache<media::v1::Image> images_;         // null: there is none that may be shown

  MostReadRecord most_read_;
  std::mutex mutex_;
  std::vector<std::string> latest_ids_;  // guarded by mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_PARTS_H_
