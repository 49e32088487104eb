#ifndef BROADSHEET_SERVICES_GATEWAY_HTTP_ROUTES_H_
#define BROADSHEET_SERVICES_GATEWAY_HTTP_ROUTES_H_

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/server.h"
#include "libs/rpc/task.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/clicks.h"
#include "services/gateway/page_request.h"
#include "services/gateway/page_server.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/served_assets.h"

namespace broadsheet::gateway {

// The HTTP door to the pages, and the files they refer to, and for what pages tell of having been read.
// Answers what is in memory on the loop's own thread. Cookies decide nothing here, nor do queries but for
// what part of a live story's page is sent, once that page has been found; so they are in no page's key.
// Thread-safe; must outlive the HTTP server and every answer under way.
class HttpRoutes {
 public:
  // `site_url`: see ReadBeacon.
  HttpRoutes(PageServer& pages, Clicks& clicks, rpc::CompletionQueues& queues, std::string site_url);

  // See ServedAssets::Use.
  void UseAssets(const std::vector<Asset>& assets);

  // For http::ServerOptions::allow.
  static std::string AllowedAt(std::string_view path);
  // An http::Handler.
  void Handle(std::shared_ptr<const http::Request> request, http::Responder responder);
  // For http::ServerOptions::on_served.
  void CountServed(const http::Served& served);
  // For http::ServerOptions::on_given_up.
  void NoteGivenUp(http::GivenUp why);

 private:
  void AnswerPost(const http::Request& request, http::Responder responder);
  // The page, or the part of it that the query names.
  PageAnswer AskedFor(const http::Request& request, PageAnswer page);
  // The same, on a queue's thread if there is a query: to cut a page takes longer than Redis's client, which
  // may have brought it, can be kept.
  rpc::Task<PageAnswer> Cut(std::shared_ptr<const http::Request> request, PageAnswer page);
  bool MayBeReachedSoon(const PageRequest& wanted) const;
  rpc::Task<void> AnswerWhenReached(std::shared_ptr<const http::Request> request, http::Responder responder,
                                    MinPositions positions);
  rpc::Task<void> AnswerLater(std::shared_ptr<const http::Request> request, http::Responder responder);

  PageServer& pages_;
  Clicks& clicks_;
  rpc::CompletionQueues& queues_;
  const std::string site_url_;
  std::atomic<int> waiting_for_positions_ = 0;
  ServedAssets assets_;
  std::array<telemetry::Counter, 5> responses_;  // 1xx to 5xx
  telemetry::Histogram seconds_;
  std::array<telemetry::Counter, 5> given_up_;  // by http::GivenUp
  telemetry::LimitedLog log_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_HTTP_ROUTES_H_
