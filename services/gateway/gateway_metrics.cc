#include "services/gateway/gateway_metrics.h"

#include <string>

#include "services/gateway/page_entry.h"

namespace broadsheet::gateway {
namespace {

telemetry::Counter Answers(std::string_view source) {
  return {"broadsheet_gateway_answers_total",
          "Pages answered, by where they came from.",
          {{"source", std::string(source)}}};
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
                      "Time to make a page, calls to the services included.") {}

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

void GatewayMetrics::CountShed(std::string_view priority) {
  telemetry::Counter("broadsheet_gateway_shed_total",
                     "Pages not made because too many were being made, by who asked.",
                     {{"priority", std::string(priority)}})
      .Increment();
}

void GatewayMetrics::CountDegraded(const page::v1::Degradation& degradation) {
  telemetry::Counter("broadsheet_gateway_degraded_pages_total",
                     "Degraded pages made, by what is missing or old and why.",
                     {{"part", degradation.part()}, {"reason", ReasonName(degradation.reason())}})
      .Increment();
}

}  // namespace broadsheet::gateway
