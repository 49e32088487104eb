#include "services/article/retry_times.h"

#include <algorithm>

namespace broadsheet::article {

bool RetryTimes::PutOff(const std::string& id, absl::Time now, bool longer) {
  ForgetOld(now);
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    if (entries_.size() >= kMaxEntries) return false;
    entries_.emplace(id, Entry{now, kFirstDelay});
    return true;
  }
  found->second.since = now;
  if (longer) found->second.delay = std::min(2 * found->second.delay, kMaxDelay);
  return true;
}

bool RetryTimes::IsPutOff(const std::string& id, absl::Time now) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && now >= found->second.since &&
         now < found->second.since + found->second.delay;
}

void RetryTimes::ForgetOld(absl::Time now) {
  std::erase_if(entries_, [&](const auto& entry) {
    return now > entry.second.since + entry.second.delay + kMaxDelay || now < entry.second.since - kMaxDelay;
  });
}

}  // namespace broadsheet::article
