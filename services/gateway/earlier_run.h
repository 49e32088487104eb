#ifndef BROADSHEET_SERVICES_GATEWAY_EARLIER_RUN_H_
#define BROADSHEET_SERVICES_GATEWAY_EARLIER_RUN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/change/freshness.h"
#include "services/gateway/freshness.h"
#include "services/gateway/string_map.h"

namespace broadsheet::gateway {

// When things happened that decide whether a page left by an earlier run may be shown.
struct LeftPage {
  absl::Time vouched_at;  // an owner's lease was held and nothing the page depends on had changed
  absl::Time started_at;  // this run
  absl::Time now;
};

struct LeftPageRules {
  // Between the last vouching and the start of this run. While nobody ran here article may have been up, and
  // a withdrawal may have returned without anybody here to be told: the longer, the likelier.
  absl::Duration max_absence = absl::Minutes(10);
  // A clock may have been set back by this much; beyond, nobody can tell how old a page is.
  absl::Duration max_clock_step = absl::Minutes(1);
};

// How a page left by an earlier run stands with a source that this run has not followed itself: kCutOff, as
// it would for a run that had been cut off since, or kUnknown. What is known to be withdrawn is a question of
// its own (EarlierRun::HasEnded), and so is how old a stale page may be (Decide). Pure.
Standing StandingOfLeftPage(const LeftPage& page, const LeftPageRules& rules);

// Something that came to an end, as the earlier run was told and wrote down before it acknowledged it.
struct End {
  std::string subject;  // tag of the story, picture, … that ended
  std::string log_id;
  std::int64_t position = 0;             // of the change that said so
  absl::Time at = absl::InfinitePast();  // when; infinite past: it was withdrawn

  friend bool operator==(const End&, const End&) = default;
};

// Whether `end` is news to what was read, or vouched for, at `position` of `log_id`. Of two logs nobody knows
// which came first.
inline bool ComesAfter(const End& end, std::string_view log_id, std::int64_t position) {
  return end.log_id != log_id || end.position > position;
}

// What the gateway that ran here before knew when it ended. Immutable, so thread-safe.
class EarlierRun {
 public:
  // Knows nothing: there are no pages either.
  EarlierRun() = default;
  EarlierRun(std::vector<End> ends, absl::Time started_at, LeftPageRules rules);

  Standing StandingOf(absl::Time vouched_at, absl::Time now) const {
    return StandingOfLeftPage({vouched_at, started_at_, now}, rules_);
  }

  // Whether `tag` is known to have been withdrawn, or to have expired, after what depends on `vouched`.
  bool HasEnded(std::string_view tag, const change::Dependency& vouched, absl::Time now) const;

 private:
  StringMap<std::vector<End>> ends_;
  absl::Time started_at_ = absl::InfinitePast();
  LeftPageRules rules_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_EARLIER_RUN_H_
