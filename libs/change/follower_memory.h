#ifndef BROADSHEET_LIBS_CHANGE_FOLLOWER_MEMORY_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOWER_MEMORY_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/change/clock.h"
#include "libs/change/expiries.h"
#include "libs/change/freshness.h"
#include "libs/change/striped_mutex.h"

namespace broadsheet::change {

// What a follower has learned from its source, for any number of readers. One thread writes. Thread-safe.
class FollowerMemory {
 public:
  FollowerMemory(const Clock& clock, std::size_t max_tags, std::size_t max_withdrawn)
      : clock_(clock),
        tags_(max_tags),
        withdrawn_(max_withdrawn),
        withdrawals_(max_withdrawn),
        expiries_(max_withdrawn) {}

  // Begins anew after `floor`. The lease ends: what comes after `floor` is not known yet. What was withdrawn
  // stays so if the log is the same.
  void Reset(const std::string& log_id, std::int64_t floor);
  // Notes what the next change, at position() + 1, is about: from here on what depends on it is kChanged.
  void Note(const v1::Change& change);
  // Everything up to `position` has been noted and acted upon.
  void Applied(std::int64_t position);
  // What happened before the log was followed, since the last Reset, has been noted. Until then nothing is
  // judged by memory.
  void CaughtUp();
  // The lease holds until `until` by the clock. Only who has caught up gets one.
  void SetLease(absl::Duration until);

  Verdict Judge(const Dependency& dependency) const;
  Verdict Judge(const Dependency& dependency, FreshMark& mark) const;
  Verdict JudgeByMemory(const Dependency& dependency) const;
  bool MayJoin(const Dependency& started) const;
  bool IsWithdrawn(std::string_view subject) const;
  bool WithdrawnSince(const Dependency& read, std::string_view subject) const;
  std::int64_t LastChange(std::string_view tag) const;
  bool live() const;
  // Whether it ever caught up: true before the first lease is.
  bool has_followed() const { return has_followed_; }

  // What is known, without tags; `log_id` empty before the first Reset.
  Dependency position() const;

  bool WaitUntilLive(absl::Duration timeout) const;
  bool WaitForPosition(std::int64_t position, absl::Duration timeout) const;

  struct Size {
    std::int64_t floor = 0;
    std::size_t tags = 0;
    std::size_t withdrawn = 0;
    absl::Duration lease_left;
  };
  Size size() const;

 private:
  // Never given twice in a process, so that a mark made by one follower means nothing to another.
  static std::uint64_t NewKnowledge();
  View Look() const { return {log_id_, lease_until_, &tags_, caught_up_}; }
  void Tell();
  template <class Condition>
  bool WaitFor(absl::Duration timeout, Condition condition) const;

  void NoteExpiry(const v1::Change& change);
  bool IsWithdrawnNow(std::string_view subject) const;  // with mutex_ held

  const Clock& clock_;
  mutable StripedMutex mutex_;
  std::string log_id_;
  std::int64_t position_ = 0;
  bool caught_up_ = false;
  std::atomic<bool> has_followed_ = false;
  absl::Duration lease_until_;
  TagHistory tags_;
  std::uint64_t knowledge_ = NewKnowledge();  // another number whenever log_id_ or tags_ changes
  TagHistory withdrawn_;                      // subjects that are
  TagHistory withdrawals_;                    // of subjects, the last one, whatever came after it
  Expiries expiries_;                         // of subjects that have an end

  // For those who wait; never held together with mutex_.
  mutable std::mutex waiting_;
  mutable std::condition_variable told_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOWER_MEMORY_H_
