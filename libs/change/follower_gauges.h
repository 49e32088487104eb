#ifndef BROADSHEET_LIBS_CHANGE_FOLLOWER_GAUGES_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOWER_GAUGES_H_

#include <string>

#include "libs/change/follower.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::change {

// What changes without the follower's doing, and so has to be read when somebody asks: a lease ends by time
// alone. For followers that take one. The rest the follower counts itself.
class FollowerGauges {
 public:
  // `source`: as in FollowerOptions. The follower must outlive this.
  FollowerGauges(const std::string& source, const Follower& follower);

  // Call it before the metrics are written, see telemetry::OpsServer::BeforeScrape.
  void Set();

 private:
  const Follower& follower_;
  telemetry::Gauge live_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOWER_GAUGES_H_
