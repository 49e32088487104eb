#ifndef BROADSHEET_LIBS_CHANGE_FRESHNESS_H_
#define BROADSHEET_LIBS_CHANGE_FRESHNESS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::change {

// What a remembered thing (a rendered page, say) depends on in one source: it was read at `position` of the
// log `log_id`, or later, and is made of what `tags` name.
struct Dependency {
  std::string log_id;
  std::int64_t position = 0;
  std::vector<std::string> tags;
};

enum class Verdict {
  kFresh,       // nothing it depends on has changed: it may be used
  kChanged,     // something it depends on has changed since
  kBelowFloor,  // read before the follower's memory begins: not to be trusted
  kNoLease,     // the follower may have missed a change: ask the owner
  kOtherLog,    // read from a log that is not followed any more: not to be trusted
  kCatchingUp,  // the follower has not been told yet all that happened before it began: not to be trusted
};
std::string_view VerdictName(Verdict verdict);  // "fresh", "changed", …

// At which position each tag last changed, back to a floor: bounded. Not thread-safe.
class TagHistory {
 public:
  // `max_tags` is at least 1.
  explicit TagHistory(std::size_t max_tags) : max_tags_(max_tags) {}

  // Forgets everything; knows what comes after `floor`.
  void Reset(std::int64_t floor);
  // Notes that `tag` changed at `position`, which is not before any noted earlier. When there are too many
  // tags the one that changed longest ago is forgotten and the floor rises to its change.
  void Note(std::string_view tag, std::int64_t position);
  // As if `tag` had never changed.
  void Forget(std::string_view tag);

  // Position of the tag's last change after the floor; 0 if there was none.
  std::int64_t LastChange(std::string_view tag) const;
  // Changes after this position are known, unless their tag has changed again.
  std::int64_t floor() const { return floor_; }
  std::size_t size() const { return by_tag_.size(); }

 private:
  struct Tag {
    std::string name;
    std::int64_t position;
  };
  const std::size_t max_tags_;
  std::int64_t floor_ = 0;
  std::list<Tag> by_age_;  // the one that changed longest ago first
  std::unordered_map<std::string_view, std::list<Tag>::iterator> by_tag_;  // keys live in by_age_
};

// Remembers that one dependency was found fresh, and by what knowledge: until its follower learns something,
// the tags need no second look. Belongs to that dependency and its holder; a copy, which may come to depend
// on something else, begins empty. Thread-safe.
class FreshMark {
 public:
  FreshMark() = default;
  FreshMark(const FreshMark&) {}
  FreshMark& operator=(const FreshMark&) {
    known_.store(0, std::memory_order_relaxed);
    return *this;
  }

 private:
  friend class FollowerMemory;
  std::atomic<std::uint64_t> known_ = 0;  // number of what was known; 0: not found fresh yet
};

// What a follower knows at one moment.
struct View {
  std::string_view log_id;     // empty: has never followed
  absl::Duration lease_until;  // by the follower's clock
  const TagHistory* tags = nullptr;
  bool caught_up = true;  // has been told what happened until it began to follow the log
};

// Whether what depends on `dependency` may be used at `now` by the follower's clock. The whole rule for
// serving from memory is here: it is fresh iff the lease holds and no tag changed after its position.
Verdict Judge(const Dependency& dependency, const View& view, absl::Duration now);

// The same without the lease: what the follower knows, which may be out of date. For use while cut off:
// kFresh then means "not known to have changed". Never kNoLease. A follower that is still catching up knows
// less than the one before it, say, in the same place: what it has not heard of yet is no reason to trust.
Verdict JudgeByMemory(const Dependency& dependency, const View& view);

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FRESHNESS_H_
