#ifndef BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_
#define BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/change/freshness.h"
#include "services/gateway/string_map.h"

namespace broadsheet::gateway {

// Withdrawals that article spoke of in answer to a call before its log did, until the follower has come that
// far: a gateway that has said "gone" must not show the story on another page should article go away just
// then. Nearly always there are none. Thread-safe.
class ToldWithdrawals {
 public:
  // Of more than these, at least 1, the one that was told longest ago is forgotten.
  explicit ToldWithdrawals(std::size_t max_withdrawals = 1'000) : max_withdrawals_(max_withdrawals) {}

  // What `tag` names was withdrawn by that state of the log.
  void Note(std::string_view tag, const change::v1::Snapshot& snapshot, absl::Time now);
  // The follower has come to that position of that log, and knows by itself what was told of it up to there.
  void Passed(std::string_view log_id, std::int64_t position);
  // The log with that id is followed from its begin on: what was told of others has no meaning any more.
  void KeepOnly(std::string_view log_id);

  bool none() const { return none_.load(std::memory_order_relaxed); }
  // Whether what was read at `dependency` must not show `tag`, which is known from here alone. Of a log other
  // than the one that is followed, which an answer that comes late may be of, the word counts for a minute.
  bool RuleOut(std::string_view tag, const change::Dependency& dependency, std::string_view followed_log_id,
               absl::Time now) const;
  // The same for what may show any story.
  bool RuleOutAny(const change::Dependency& dependency, std::string_view followed_log_id,
                  absl::Time now) const;

 private:
  struct Told {
    change::v1::Snapshot snapshot;
    absl::Time at;
  };
  static bool Counts(const Told& told, const change::Dependency& dependency, std::string_view followed_log_id,
                     absl::Time now);
  template <class Condition>
  void Forget(const Condition& condition);

  const std::size_t max_withdrawals_;
  std::atomic<bool> none_ = true;
  mutable std::mutex mutex_;
  StringMap<Told> by_tag_;  // guarded by mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_
