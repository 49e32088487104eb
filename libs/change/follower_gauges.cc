#include "libs/change/follower_gauges.h"

namespace broadsheet::change {

FollowerGauges::FollowerGauges(const std::string& source, const Follower& follower)
    : follower_(follower),
      live_("broadsheet_change_follower_live",
            "1 while the follower has caught up and holds a lease; otherwise it is cut off.",
            {{"source", source}}) {}

void FollowerGauges::Set() { live_.Set(follower_.live() ? 1 : 0); }

}  // namespace broadsheet::change
