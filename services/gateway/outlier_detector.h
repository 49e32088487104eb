#ifndef BROADSHEET_SERVICES_GATEWAY_OUTLIER_DETECTOR_H_
#define BROADSHEET_SERVICES_GATEWAY_OUTLIER_DETECTOR_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::gateway {

enum class CallOutcome {
  kWell,        // also where the replica did not like the request
  kFailed,      // it answered, and what it said tells against it
  kUnanswered,  // it may not even be there
};

// Which replicas of a service to leave alone for a while, by how their calls went. The rules are Envoy's
// ("Outlier detection", envoyproxy.io, Architecture overview, Upstream clusters): failures in a row, or too
// many of the calls of an interval; left alone for longer each time, as often as it happens again; never more
// than a part of them. Pure; not thread-safe.
class OutlierDetector {
 public:
  struct Options {
    int failures_in_row = 5;
    absl::Duration interval = absl::Seconds(10);
    int min_calls = 50;         // of a replica in an interval, before their rate says anything
    double failure_rate = 0.5;  // from which on it is an outlier; Envoy's 0.85 is hardly met without a row
    absl::Duration base_ejection = absl::Seconds(10);
    absl::Duration max_ejection = absl::Minutes(1);
    absl::Duration forgotten_after = absl::Seconds(10);  // without an answer: perhaps no replica any more
  };

  explicit OutlierDetector(Options options) : options_(options) {}

  // A call went to `replica`. Whether others than before are to be left alone now.
  bool OnCall(const std::string& replica, CallOutcome outcome, absl::Time now);
  // A call was not answered in time, and nobody says who had it. As calls go to one replica after the other,
  // it counts in the row of the one that has not answered for the longest time: its next answer ends it.
  bool OnSilence(absl::Time now);
  // Nobody is left alone any more; whether anybody was.
  bool ReadmitAll();
  // Whether a replica's time is over by `now`, so that it takes part again: its next call decides.
  bool ReadmitDue(absl::Time now);

  // Nobody is left alone, or these are, and those have answered of late, or are to be tried.
  std::vector<std::string> ejected() const;
  std::vector<std::string> admitted(absl::Time now) const;

 private:
  struct Replica {
    int in_row = 0;
    int calls = 0;  // of the interval, as `failed`
    int failed = 0;
    int ejections = 0;  // what it has on its account; one less for each interval whose answers were all well
    bool on_trial = false;  // has come back; nothing is known of it since
    bool ejected = false;
    absl::Time until = absl::InfinitePast();
    absl::Time interval_began = absl::InfinitePast();
    absl::Time last_answer = absl::InfinitePast();
    absl::Time last_call = absl::InfinitePast();  // an answer, or one that did not come
  };

  bool EjectIfOutlier(Replica& replica, absl::Time now);
  bool IsOutlier(const Replica& replica) const;
  bool HasAnswered(const Replica& replica, absl::Time now) const;
  bool MayEject(const Replica& candidate, absl::Time now) const;
  void Forget(absl::Time now);
  void Eject(Replica& replica, absl::Time now);
  void NextInterval(Replica& replica, absl::Time now) const;

  const Options options_;
  std::map<std::string, Replica> replicas_;
  absl::Time none_before_ = absl::InfinitePast();  // all failed: nobody is left alone before then
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_OUTLIER_DETECTOR_H_
