#include "services/gateway/gateway_metrics.h"

#include <string>

#include "libs/telemetry/log.h"
#include "services/gateway/page_entry.h"

namespace broadsheet::gateway {
namespace {

telemetry::Counter Answers(std::string_view source) {
  return {"broadsheet_gateway_answers_total",
          "Pages answered, by where they came from.",
          {{"source", std::string(source)}}};
}

telemetry::Counter Sheds(std::string_view priority) {
  return {"broadsheet_gateway_shed_total",
          "Pages not made because too many were being made, by who asked.",
          {{"priority", std::string(priority)}}};
}

telemetry::Counter DegradedPages(std::string_view part, page::v1::DegradationReason reason) {
  return {"broadsheet_gateway_degraded_pages_total",
          "Degraded pages made, by what is missing or old and why.",
          {{"part", std::string(part)}, {"reason", ReasonName(reason)}}};
}

// Who watches what is rare sees it before it happens first: what appears with a count has not risen.
void ShowAtZero() {
  for (const char* priority : {"reader", "crawler", "background", "ahead"}) Sheds(priority);
  for (const char* part : {"article", "sections", "authors", "images", "related", "most-read"}) {
    for (int reason = 1; page::v1::DegradationReason_IsValid(reason); ++reason)
      DegradedPages(part, static_cast<page::v1::DegradationReason>(reason));
  }
}

}  // namespace

GatewayMetrics::GatewayMetrics()
    : memory_(Answers("memory")),
      redis_(Answers("redis")),
      rendered_(Answers("rendered")),
      stale_(Answers("stale")),
      renders_("broadsheet_gateway_renders_total", "Pages made anew."),
      failed_renders_("broadsheet_gateway_failed_renders_total",
                      "Pages that could not be made for want of their owner."),
      joins_("broadsheet_gateway_joins_total",
             "Requests that shared the page another request was waiting for."),
      render_limit_("broadsheet_gateway_render_limit", "Pages that may be made at a time, for now."),
      render_seconds_("broadsheet_gateway_render_seconds",
                      "Time to make a page, calls to the services included.") {
  ShowAtZero();
}

void GatewayMetrics::CountAnswer(page::v1::CacheTier tier, bool stale) {
  if (stale) return stale_.Increment();
  switch (tier) {
    case page::v1::CACHE_TIER_REDIS:
      return redis_.Increment();
    case page::v1::CACHE_TIER_RENDERED:
      return rendered_.Increment();
    default:
      return memory_.Increment();
  }
}

void GatewayMetrics::CountShed(std::string_view priority) { Sheds(priority).Increment(); }

void GatewayMetrics::CountDegraded(const page::v1::Degradation& degradation) {
  DegradedPages(degradation.part(), degradation.reason()).Increment();
}

void GatewayMetrics::CountLinksLeftOut(const std::string& article_id, std::size_t count) {
  static telemetry::LimitedLog log;
  telemetry::Counter("broadsheet_gateway_links_left_out_total",
                     "Links of stories that were shown without their address because there were too many.",
                     {})
      .Increment(static_cast<double>(count));
  log.Log("links", telemetry::Severity::kWarning, "a story links to more stories than its page can",
          {{"article", article_id}, {"left_out", std::to_string(count)}});
}

}  // namespace broadsheet::gateway
