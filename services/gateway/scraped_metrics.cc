#include "services/gateway/scraped_metrics.h"

namespace broadsheet::gateway {

ScrapedMetrics::ScrapedMetrics()
    : cache_bytes_("broadsheet_gateway_cache_bytes", "Memory that pages in the memory cache take."),
      cache_pages_("broadsheet_gateway_cache_pages", "Paths in the memory cache."),
      cache_evictions_({"broadsheet_gateway_cache_evictions_total",
                        "Paths that left the memory cache because others needed the room."}),
      waiting_for_compression_("broadsheet_gateway_waiting_for_compression",
                               "Pages that wait to be compressed better, of at most 1,000."),
      connections_("broadsheet_gateway_http_connections", "Connections of readers that are open."),
      accepted_({"broadsheet_gateway_http_connections_total", "Connections of readers, ever."}),
      rejected_({"broadsheet_gateway_http_rejected_requests_total",
                 "Requests answered 4xx or 5xx before any page was asked for: malformed, too large."}),
      timed_out_({"broadsheet_gateway_http_timed_out_total",
                  "Connections, and streams of HTTP/2, ended because a time was over."}),
      evicted_(
          {"broadsheet_gateway_http_evicted_connections_total",
           "Connections closed to make room for others: those on which all is said first, then idle ones."}) {
}

void ScrapedMetrics::Count::Show(std::uint64_t now) {
  if (now <= shown_) return;
  counter_.Increment(static_cast<double>(now - shown_));
  shown_ = now;
}

void ScrapedMetrics::Show(const Reading& now) {
  cache_bytes_.Set(static_cast<double>(now.cache.bytes));
  cache_pages_.Set(static_cast<double>(now.cache.pages));
  cache_evictions_.Show(now.cache.evicted);
  waiting_for_compression_.Set(static_cast<double>(now.waiting_for_compression));
  connections_.Set(static_cast<double>(now.http.open));
  accepted_.Show(now.http.accepted);
  rejected_.Show(now.http.rejected);
  timed_out_.Show(now.http.timed_out);
  evicted_.Show(now.http.evicted);
}

}  // namespace broadsheet::gateway
