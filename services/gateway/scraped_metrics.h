#ifndef BROADSHEET_SERVICES_GATEWAY_SCRAPED_METRICS_H_
#define BROADSHEET_SERVICES_GATEWAY_SCRAPED_METRICS_H_

#include <cstddef>
#include <cstdint>

#include "libs/http/server.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/page_cache.h"

namespace broadsheet::gateway {

// What is read when somebody scrapes and not counted where it happens: others keep it already, and a page
// from memory takes no longer for it. Not thread-safe.
class ScrapedMetrics {
 public:
  ScrapedMetrics();

  struct Reading {
    PageCache::Statistics cache;
    std::size_t waiting_for_compression = 0;
    http::ServerStatistics http;
  };
  // `now` comes from the same gateway as what was shown before.
  void Show(const Reading& now);

 private:
  // A count that somebody else keeps, as a counter.
  class Count {
   public:
    explicit Count(telemetry::Counter counter) : counter_(counter) {}
    void Show(std::uint64_t now);

   private:
    telemetry::Counter counter_;
    std::uint64_t shown_ = 0;
  };

  telemetry::Gauge cache_bytes_, cache_pages_;
  Count cache_evictions_;
  telemetry::Gauge waiting_for_compression_;
  telemetry::Gauge connections_;
  Count accepted_, rejected_, timed_out_, evicted_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_SCRAPED_METRICS_H_
