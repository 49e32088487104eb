#include "services/gateway/http_routes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/http/cache_status.h"
#include "libs/telemetry/trace_context.h"
#include "services/gateway/beacon.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxTimedCalls = 10;  // proxies bound what a response's head may be
constexpr std::string_view kMinPositionField = "broadsheet-min-position";
constexpr absl::Duration kPositionPatience = absl::Seconds(1);
constexpr absl::Duration kPositionPoll = absl::Milliseconds(20);
constexpr int kMaxWaitingForPositions = 64;  // at a time; others are refused at once
constexpr std::int64_t kMostPositionsWaitedFor = 1'000;

// How a page is shown that is not known to be right, and why: "stale-overloaded", in the words of its label.
std::string StaleDetail(const PageEntry& entry) {
  return absl::StrCat("stale-", ReasonName(entry.reason("article")));
}

// Where the bytes come from, in the terms of RFC 9211.
std::string CacheStatusOf(const PageAnswer& answer) {
  http::CacheStatus status;
  const std::string stale = answer.stale ? StaleDetail(*answer.entry) : "";
  status.collapsed = answer.joined;
  if (!answer.asked) {
    status.detail = "generated";
  } else if (answer.stale) {
    status.hit = answer.tier != page::v1::CACHE_TIER_RENDERED;  // not a page that says what is known
    status.forward = status.hit ? "" : "miss";
    status.detail = stale;
  } else if (answer.tier == page::v1::CACHE_TIER_RENDERED) {
    status.forward = "miss";
    status.stored = !answer.entry->dependencies.of(Source::kArticle).log_id.empty();
  } else {
    status.hit = true;
    status.detail = answer.tier == page::v1::CACHE_TIER_REDIS ? "redis" : "memory";
  }
  return http::FormatCacheStatus(status);
}

// The first calls made for a page and the whole time, in milliseconds.
std::string ServerTimingOf(const PageAnswer& answer, absl::Duration total) {
  std::string timing;
  if (answer.tier == page::v1::CACHE_TIER_RENDERED) {
    const std::size_t shown = std::min(answer.entry->calls.size(), kMaxTimedCalls);
    for (std::size_t i = 0; i < shown; ++i) {
      const page::v1::BackendCall& call = answer.entry->calls[i];
      const std::string method = call.method().substr(call.method().rfind('/') + 1);
      absl::StrAppendFormat(&timing, "%s;dur=%.1f, ", method,
                            static_cast<double>(call.latency_micros()) / 1000);
    }
  }
  absl::StrAppendFormat(&timing, "total;dur=%.1f", absl::ToDoubleMilliseconds(total));
  return timing;
}

// What goes with nearly every answer, made once.
const http::HeaderLines& MemoryHitLines() {
  static const auto* const kLines = [] {
    http::CacheStatus status;
    status.hit = true;
    status.detail = "memory";
    auto* lines = new http::HeaderLines();
    lines->Add("Cache-Status", http::FormatCacheStatus(status));
    return lines;
  }();
  return *kLines;
}

http::Response ResponseOf(const PageAnswer& answer, absl::Duration total) {
  if (answer.tier == page::v1::CACHE_TIER_MEMORY && !answer.stale && !answer.joined) {
    return {.content = answer.entry->content, .headers = MemoryHitLines(), .close_connection = false};
  }
  http::Response response;
  response.content = answer.entry->content;
  response.headers.Add("Cache-Status", CacheStatusOf(answer));
  if (answer.tier != page::v1::CACHE_TIER_MEMORY)
    response.headers.Add("Server-Timing", ServerTimingOf(answer, total));
  return response;
}

// What gRPC calls FAILED_PRECONDITION: the field is a condition, which is false here. Not 503: to ask again
// is most likely in vain, and a proxy must not take this gateway for one that fails.
http::Response OfOtherLog(const PageServer::OtherLog& other) {
  return http::PlainText(412, absl::StrCat("The position is of another log than the one followed: ",
                                           std::string(SourceName(other.source)), "@", other.followed));
}

// A sitemap is for crawlers, whatever they call themselves, and takes many calls.
Priority PriorityOf(const http::Request& request) {
  const bool crawler = IsCrawler(request.Header("user-agent")) || IsSitemap(ParseRoute(request.path()).kind);
  return crawler ? Priority::kCrawler : Priority::kReader;
}

telemetry::Counter Responses(int hundreds) {
  return {"broadsheet_gateway_http_responses_total",
          "HTTP responses to readers, by class of status.",
          {{"status", absl::StrCat(hundreds, "xx")}}};
}

std::string_view GivenUpName(http::GivenUp why) {
  switch (why) {
    case http::GivenUp::kSlowReader:
      return "slow_reader";
    case http::GivenUp::kSlowClientEvicted:
      return "slow_client_evicted";
    case http::GivenUp::kRefused:
      return "refused";
    case http::GivenUp::kRefusedStream:
      return "refused_stream";
    case http::GivenUp::kNoRoom:
      return "no_room";
  }
  return "unknown";
}

telemetry::Counter GivenUpFor(http::GivenUp why) {
  return {"broadsheet_gateway_http_given_up_total",
          "Clients that could not be served to the end, by why.",
          {{"reason", std::string(GivenUpName(why))}}};
}

}  // namespace

HttpRoutes::HttpRoutes(PageServer& pages, Clicks& clicks, rpc::CompletionQueues& queues, std::string site_url)
    : pages_(pages),
      clicks_(clicks),
      queues_(queues),
      site_url_(std::move(site_url)),
      responses_{Responses(1), Responses(2), Responses(3), Responses(4), Responses(5)},
      seconds_("broadsheet_gateway_http_response_seconds", "Time from a complete request to its response."),
      given_up_{GivenUpFor(http::GivenUp::kSlowReader), GivenUpFor(http::GivenUp::kSlowClientEvicted),
                GivenUpFor(http::GivenUp::kRefused), GivenUpFor(http::GivenUp::kRefusedStream),
                GivenUpFor(http::GivenUp::kNoRoom)} {}

void HttpRoutes::UseAssets(const std::vector<Asset>& assets) { assets_.Use(assets); }

std::string HttpRoutes::AllowedAt(std::string_view path) {
  return path == kBeaconPath ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

void HttpRoutes::Handle(std::shared_ptr<const http::Request> request, http::Responder responder) {
  if (request->method() == http::Method::kPost) return AnswerPost(*request, std::move(responder));
  if (request->path() == kBeaconPath) return responder.Send(http::MethodNotAllowed(AllowedAt(kBeaconPath)));
  if (std::shared_ptr<const http::Content> asset = assets_.Find(request->path()))
    return responder.Send(std::move(asset));
  if (const std::string list = request->List(kMinPositionField); !list.empty()) {
    const absl::StatusOr<MinPositions> positions = ReadMinPositions(list);
    if (!positions.ok()) {
      const absl::string_view message = positions.status().message();
      return responder.Send(http::PlainText(400, {message.data(), message.size()}));
    }
    return rpc::Detach(AnswerWhenReached(std::move(request), std::move(responder), *positions));
  }
  if (std::optional<PageAnswer> answer = pages_.AnswerAtOnce(request->path())) {
    return responder.Send(ResponseOf(AskedFor(*request, *std::move(answer)), absl::ZeroDuration()));
  }
  rpc::Detach(AnswerLater(std::move(request), std::move(responder)));
}

void HttpRoutes::AnswerPost(const http::Request& request, http::Responder responder) {
  if (request.path() != kBeaconPath) return responder.Send(http::MethodNotAllowed(AllowedAt(request.path())));
  Beacon beacon = ReadBeacon(request, site_url_);
  if (beacon.status != 204)
    return responder.Send(http::PlainText(beacon.status, http::ReasonPhrase(beacon.status)));
  responder.Send(http::PlainText(204, ""));
  clicks_.Count(std::move(beacon));
}

// Whether the positions may be reached by waiting a little. Those of another log say nothing of that.
bool HttpRoutes::MayBeReachedSoon(const PageRequest& wanted) const {
  const auto near = [](std::int64_t position) {
    return std::max<std::int64_t>(position - kMostPositionsWaitedFor, 0);
  };
  PageRequest nearer;
  nearer.min_article_position = near(wanted.min_article_position);
  nearer.min_media_position = near(wanted.min_media_position);
  return pages_.SatisfiesPositions(nearer) || pages_.DemandsOfOtherLog(wanted);
}

// A reader who asks for what is not there yet waits a little for this gateway to hear of it, and costs no
// more: anybody may send the field.
rpc::Task<void> HttpRoutes::AnswerWhenReached(std::shared_ptr<const http::Request> request,
                                              http::Responder responder, MinPositions positions) {
  const absl::Time started = absl::Now();
  PageRequest wanted = {.path = std::string(request->path()),
                        .min_article_position = positions.article,
                        .min_media_position = positions.media,
                        .article_log_id = std::move(positions.article_log_id),
                        .media_log_id = std::move(positions.media_log_id),
                        .trace = telemetry::TraceContext::FromHeader(request->Header("traceparent")),
                        .priority = PriorityOf(*request)};
  // What nobody has written yet takes no place from those who wait for what they wrote.
  const bool near = MayBeReachedSoon(wanted);
  const bool may_wait = near && waiting_for_positions_.fetch_add(1) < kMaxWaitingForPositions;
  // A gateway that has yet to hear of a new log names the old one, too.
  const auto must_wait = [&] {
    return !pages_.SatisfiesPositions(wanted) || pages_.DemandsOfOtherLog(wanted);
  };
  while (may_wait && must_wait() && absl::Now() - started < kPositionPatience) {
    auto pause = queues_.Sleep(kPositionPoll);
    co_await pause;
  }
  if (near) waiting_for_positions_.fetch_sub(1);
  if (const auto other = pages_.DemandsOfOtherLog(wanted)) {
    responder.Send(OfOtherLog(*other));
    co_return;
  }
  if (!pages_.SatisfiesPositions(wanted)) {
    http::Response refused = http::PlainText(503, "This gateway has not reached the positions asked for.");
    refused.headers.Add("Retry-After", "1");
    responder.Send(std::move(refused));
    co_return;
  }
  auto answering = pages_.Answer(std::move(wanted));
  PageAnswer answer = co_await answering;
  auto cutting = Cut(request, std::move(answer));
  PageAnswer asked_for = co_await cutting;
  http::Response response = ResponseOf(asked_for, absl::Now() - started);
  // A cache knows nothing of positions; one that heeds the field meant for it does not heed the other.
  response.headers.Add("Cache-Control", "no-store");
  response.headers.Add("CDN-Cache-Control", "no-store");
  responder.Send(std::move(response));
}

rpc::Task<void> HttpRoutes::AnswerLater(std::shared_ptr<const http::Request> request,
                                        http::Responder responder) {
  const absl::Time started = absl::Now();
  auto answering =
      pages_.Answer({.path = std::string(request->path()),
                     .trace = telemetry::TraceContext::FromHeader(request->Header("traceparent")),
                     .priority = PriorityOf(*request)});
  PageAnswer answer = co_await answering;
  auto cutting = Cut(request, std::move(answer));
  PageAnswer asked_for = co_await cutting;
  responder.Send(ResponseOf(asked_for, absl::Now() - started));
}

rpc::Task<PageAnswer> HttpRoutes::Cut(std::shared_ptr<const http::Request> request, PageAnswer page) {
  if (request->query().empty()) co_return page;
  auto hop = queues_.Hop();
  co_await hop;
  co_return AskedFor(*request, std::move(page));
}

PageAnswer HttpRoutes::AskedFor(const http::Request& request, PageAnswer page) {
  const std::optional<std::string> since = ReadSince(request.query());
  if (!since) return page;
  return pages_.MomentsSince(std::move(page), *since);
}

void HttpRoutes::CountServed(const http::Served& served) {
  const int hundreds = served.status / 100;
  if (hundreds >= 1 && hundreds <= 5) responses_[static_cast<std::size_t>(hundreds - 1)].Increment();
  seconds_.Observe(static_cast<double>(absl::ToInt64Nanoseconds(served.duration)) * 1e-9);
}

void HttpRoutes::NoteGivenUp(http::GivenUp why) {
  given_up_[static_cast<std::size_t>(why)].Increment();
  log_.Log(GivenUpName(why), telemetry::Severity::kWarning, "a client was given up",
           {{"reason", GivenUpName(why)}});
}

}  // namespace broadsheet::gateway
