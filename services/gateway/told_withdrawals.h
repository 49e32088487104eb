#ifndef BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_
#define BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "broadsheet/change/v1/change.pb.h"
#include "libs/change/freshness.h"
#include "services/gateway/string_map.h"

namespace broadsheet::gateway {

// Withdrawals that article spoke of in answer to a call, which may be before its log does: a gateway that has
// said "gone" must not show the story on another page should article go away just then. Thread-safe.
class ToldWithdrawals {
 public:
  // The newest so many are remembered; at least 1.
  explicit ToldWithdrawals(std::size_t max_withdrawals = 10'000) : max_withdrawals_(max_withdrawals) {}

  // What `tag` names was withdrawn by that state of the log.
  void Note(std::string_view tag, const change::v1::Snapshot& snapshot);

  // Whether it is known from here alone that `tag`, shown by what was read at `dependency`, has been
  // withdrawn since: not if that was read as late as the word, nor once the follower of that log has come
  // that far.
  bool Rule(std::string_view tag, const change::Dependency& dependency,
            const change::v1::Snapshot& followed) const;

 private:
  const std::size_t max_withdrawals_;
  mutable std::mutex mutex_;
  StringMap<change::v1::Snapshot> by_tag_;  // guarded by mutex_
  std::deque<std::string> by_age_;          // guarded by mutex_; oldest first
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_TOLD_WITHDRAWALS_H_
