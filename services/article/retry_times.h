#ifndef BROADSHEET_SERVICES_ARTICLE_RETRY_TIMES_H_
#define BROADSHEET_SERVICES_ARTICLE_RETRY_TIMES_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"

namespace broadsheet::article {

// When to try again what failed: after a second, then twice as long each time, up to five minutes. In memory
// only; keeps at most kMaxEntries, beyond which nothing new is put off. Not thread-safe.
class RetryTimes {
 public:
  static constexpr std::size_t kMaxEntries = 1000;
  static constexpr absl::Duration kFirstDelay = absl::Seconds(1);
  static constexpr absl::Duration kMaxDelay = absl::Minutes(5);

  // Puts `id` off. `longer`: for longer than the last time. False: there are too many, it is due still.
  bool PutOff(const std::string& id, absl::Time now, bool longer);
  // Whether `id` has to wait still. A clock that was set back makes nobody wait longer than the delay.
  bool IsPutOff(const std::string& id, absl::Time now) const;
  void Forget(const std::string& id) { entries_.erase(id); }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    absl::Time since;
    absl::Duration delay;
  };

  // What was due again long ago and did not come up is done, or was withdrawn.
  void ForgetOld(absl::Time now);

  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_RETRY_TIMES_H_
