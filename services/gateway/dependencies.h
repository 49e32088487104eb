#ifndef BROADSHEET_SERVICES_GATEWAY_DEPENDENCIES_H_
#define BROADSHEET_SERVICES_GATEWAY_DEPENDENCIES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/change/freshness.h"

namespace broadsheet::gateway {

// The owners whose change logs pages are made from.
enum class Source : std::size_t { kArticle = 0, kMedia = 1 };
inline constexpr std::size_t kSources = 2;
inline constexpr std::array<Source, kSources> kAllSources = {Source::kArticle, Source::kMedia};

// "article" or "media".
std::string_view SourceName(Source source);
// The source whose log a tag belongs to.
Source SourceOf(std::string_view tag);

// What a page was read from and what would make it stale, in every source.
class Dependencies {
 public:
  // Notes a read. Of several the lowest counts. Two logs in one source, or an answer without one, mean that
  // no state stands for all of it: the log_id stays empty then, and no follower will vouch for it.
  void Read(Source source, const change::v1::Snapshot& snapshot);
  // Notes a read of what is known of the source last, as good as read at `snapshot` for whatever has changed
  // since, but of a state that nobody tells.
  void ReadLastKnown(Source source, const change::v1::Snapshot& snapshot);
  // Notes all that `part` depends on.
  void Add(const Dependencies& part);
  // Nothing it depends on has changed up to `snapshot` of the same log, so what was read is as good as read
  // there. Does nothing for another log.
  void HoldsAt(Source source, const change::v1::Snapshot& snapshot);
  // Whether anything of the source was read, be it of two logs.
  bool has_read(Source source) const {
    return void_[static_cast<std::size_t>(source)] || !of(source).log_id.empty();
  }
  // Whether anything of it was read as known last.
  bool has_last_known(Source source) const { return last_known_[static_cast<std::size_t>(source)]; }
  // Notes that a change of `tag` makes the page stale.
  void Tag(std::string_view tag);
  // Notes that what `tag` names, which the page shows, expires at `time`, as far as known when it was read.
  // Of several times the earliest counts. Infinite future: nothing to note.
  void Expires(std::string_view tag, absl::Time time);
  // Notes that from `time` on the page is wrong without any change, because it was chosen by time what it
  // lists. Nothing on it has to be hidden then. Of several times the earliest counts.
  void Ages(absl::Time time);
  // Notes that what `tag` names is not published, as far as known: it decides when the page is made anew, but
  // nobody outside may learn of it.
  void Conceal(std::string_view tag);
  // Takes both back: the page shows it no more.
  void Untag(std::string_view tag);

  // Tags sorted, without repetitions. An empty log_id: nothing was read.
  const change::Dependency& of(Source source) const { return sources_[static_cast<std::size_t>(source)]; }
  // The highest position of a read: which of two pages is the newer. A part taken from memory may be read at
  // a lower one than the page that the new one takes the place of.
  std::int64_t newest(Source source) const { return newest_[static_cast<std::size_t>(source)]; }
  // What expires, and when. Expiring is a commit like any other, but its owner may be down at that moment.
  const std::map<std::string, absl::Time, std::less<>>& expiries() const { return expiries_; }
  // When the first of them does; infinite future: none.
  absl::Time until() const { return until_; }
  // See Ages; infinite future: never.
  absl::Time ages_at() const { return ages_at_; }
  // Whether it depends on nothing of that source.
  bool independent_of(Source source) const { return of(source).tags.empty(); }
  // The tags of all sources.
  std::vector<std::string> tags() const;
  // The same without those that nobody outside may learn of.
  std::vector<std::string> public_tags() const;
  const std::set<std::string, std::less<>>& concealed() const { return concealed_; }
  change::v1::Snapshot snapshot(Source source) const;
  // Heap bytes held.
  std::size_t bytes() const;

 private:
  change::Dependency& at(Source source) { return sources_[static_cast<std::size_t>(source)]; }

  std::array<change::Dependency, kSources> sources_;
  std::array<std::int64_t, kSources> newest_ = {};
  std::array<bool, kSources> void_ = {};
  std::array<bool, kSources> last_known_ = {};
  std::set<std::string, std::less<>> concealed_;
  std::map<std::string, absl::Time, std::less<>> expiries_;
  absl::Time until_ = absl::InfiniteFuture();
  absl::Time ages_at_ = absl::InfiniteFuture();
};

// Tags, see broadsheet.change.v1.Change.tags.
std::string ArticleTag(std::string_view id);
// The id in such a tag; empty: it is another tag.
std::string_view ArticleIdOf(std::string_view tag);
std::string AuthorTag(std::string_view id);
std::string SectionTag(std::string_view id);
std::string ImageTag(std::string_view id);
std::string PathTag(std::string_view path);
std::string SectionListTag(std::string_view id);
std::string AuthorListTag(std::string_view id);
std::string CuratedTag(std::string_view id);  // of a section's page
inline constexpr std::string_view kLatestListTag = "list/latest";
inline constexpr std::string_view kCuratedFrontTag = "list/curated";
inline constexpr std::string_view kSectionsTag = "list/sections";

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_DEPENDENCIES_H_
