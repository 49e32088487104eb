#ifndef BROADSHEET_SERVICES_GATEWAY_GATEWAY_METRICS_H_
#define BROADSHEET_SERVICES_GATEWAY_GATEWAY_METRICS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "broadsheet/page/v1/page_service.pb.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::gateway {

// What the gateway counts of pages. Calls to services are counted by libs/rpc (broadsheet_rpc_client_*),
// leases and positions by libs/change (broadsheet_change_follower_*), requests by HTTP status in http_routes;
// what others keep is read by ScrapedMetrics. Thread-safe.
class GatewayMetrics {
 public:
  GatewayMetrics();

  // An answer from one of the caches or made anew; `stale`: labelled as last known.
  void CountAnswer(page::v1::CacheTier tier, bool stale);
  void CountRender(absl::Duration duration) {
    renders_.Increment();
    render_seconds_.Observe(absl::ToDoubleSeconds(duration));
  }
  void CountFailedRender() { failed_renders_.Increment(); }
  void CountJoin() { joins_.Increment(); }
  // A request, by whom ("reader", "crawler", "background", "ahead"), that no page was made for because too
  // many were.
  void CountShed(std::string_view priority);
  void SetRenderLimit(std::size_t limit) { render_limit_.Set(static_cast<double>(limit)); }
  void CountDegraded(const page::v1::Degradation& degradation);
  // A page of that story was made in which so many stories are not linked to, because it links to too many.
  static void CountLinksLeftOut(const std::string& article_id, std::size_t count);

 private:
  telemetry::Counter memory_, redis_, rendered_, stale_;
  telemetry::Counter renders_, failed_renders_, joins_;
  telemetry::Gauge render_limit_;
  telemetry::Histogram render_seconds_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GATEWAY_METRICS_H_
