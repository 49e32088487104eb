#ifndef BROADSHEET_SERVICES_GATEWAY_MOST_READ_RECORD_H_
#define BROADSHEET_SERVICES_GATEWAY_MOST_READ_RECORD_H_

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace broadsheet::gateway {

// Which stories are read most, as recommendation said last, and what is to be believed of that: the service
// knows nothing of what is published, and one that has lost its counts answers like one that has none yet.
// Thread-safe.
class MostReadRecord {
 public:
  // For how long an answer stands without asking again.
  static constexpr absl::Duration kFreshFor = absl::Minutes(1);
  // After an answer that named stories one without any is not believed for so long. Counts end, too: where
  // nobody has read anything for a day the answer is right, and what was read is shown for an hour more.
  static constexpr absl::Duration kDoubtedFor = absl::Hours(1);

  explicit MostReadRecord(absl::Duration fresh_for = kFreshFor) : fresh_for_(fresh_for) {}

  // What was answered, if that was a moment ago; perhaps no ids.
  std::optional<std::vector<std::string>> Fresh(absl::Time now) const;
  // The ids of the last answer that named published stories, for use in place of one that cannot be used.
  std::vector<std::string> Known() const;

  // An answer of `named` stories whose ids are well formed as far as `ids` has them. INTERNAL if it cannot be
  // used: stories without such an id, or none soon after some were named. Until stories have been named an
  // empty answer is the truth: nobody has read anything yet.
  absl::Status Take(const std::vector<std::string>& ids, std::size_t named, absl::Time now);

  // Of `ids`, of the answer given last or of Known(), article says that `published` are. Whether the answer
  // is to be taken as nonsense: none is, and none of them was when it was known last. It is asked for anew
  // then, and Known() stays what it was.
  bool IsNonsense(const std::vector<std::string>& ids, const std::vector<std::string>& published);

 private:
  const absl::Duration fresh_for_;
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;  // guarded by mutex_, as all below
  absl::Time answered_at_ = absl::InfinitePast();
  std::vector<std::string> known_;
  std::set<std::string> known_published_;  // of `known_`, those that have been seen published
  absl::Time known_at_ = absl::InfinitePast();
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_MOST_READ_RECORD_H_
