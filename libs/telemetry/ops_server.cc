#include "libs/telemetry/ops_server.h"

#include <atomic>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/http/server.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::telemetry {
namespace {

constexpr std::size_t kMaxConnections = 100;  // probes, a scraper and a few people

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

struct Section {
  std::string title;
  StatusRows rows;
};

std::string StatusText(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    if (!text.empty()) text += '\n';
    text.append(section.title).append("\n");
    for (const auto& [name, value] : section.rows)
      text.append("  ").append(name).append(": ").append(value).append("\n");
  }
  return text;
}

std::string StatusHtml(std::string_view service, const std::vector<Section>& sections) {
  std::string html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  html.append(EscapeHtml(service))
      .append(
          " status</title><style>body{font:15px/1.5 sans-serif;margin:2em}"
          "th{text-align:left;font-weight:normal;color:#555;padding-right:2em}"
          "td{overflow-wrap:anywhere}</style></head><body>\n<h1>");
  html.append(EscapeHtml(service)).append("</h1>\n");
  for (const Section& section : sections) {
    html.append("<h2>").append(EscapeHtml(section.title)).append("</h2>\n<table>\n");
    for (const auto& [name, value] : section.rows) {
      html.append("<tr><th scope=\"row\">").append(EscapeHtml(name)).append("</th><td>");
      html.append(EscapeHtml(value)).append("</td></tr>\n");
    }
    html.append("</table>\n");
  }
  return html.append("</body></html>\n");
}

std::shared_ptr<const http::Content> NotStored(std::string content_type, std::string body) {
  http::Content::Parts parts;
  parts.content_type = std::move(content_type);
  parts.headers.emplace_back("Cache-Control", "no-store");
  parts.body = std::move(body);
  return http::Content::Make(std::move(parts));
}

class HttpOpsServer final : public OpsServer {
 public:
  explicit HttpOpsServer(OpsServerOptions options) : options_(std::move(options)) {}

  absl::Status Listen() {
    http::ServerOptions options;
    options.address = options_.address;
    options.port = options_.port;
    options.max_connections = kMaxConnections;
    options.handler = [this](std::shared_ptr<const http::Request> request, http::Responder responder) {
      responder.Send(Answer(*request));
    };
    absl::StatusOr<std::unique_ptr<http::Server>> server = http::Server::Start(std::move(options));
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }
  void SetReady(bool ready) override { ready_ = ready; }

  void AddSection(std::string title, std::function<StatusRows()> rows) override {
    const std::lock_guard lock(mutex_);
    sections_.emplace_back(std::move(title), std::move(rows));
  }

  void BeforeScrape(std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    before_scrape_.push_back(std::move(callback));
  }

 private:
  http::Response Answer(const http::Request& request) {
    if (request.path() == "/healthz") return http::PlainText(200, "ok");
    if (request.path() == "/readyz")
      return ready_ ? http::PlainText(200, "ready") : http::PlainText(503, "not ready");
    if (request.path() == "/metrics") return Metrics();
    if (request.path() == "/status") return Status(request);
    if (request.path() == "/") return http::Redirect(302, "/status");
    return http::PlainText(404, "There are /healthz, /readyz, /metrics and /status.");
  }

  http::Response Metrics() {
    const std::lock_guard lock(mutex_);
    for (const auto& callback : before_scrape_) callback();
    return {.content = NotStored("text/plain; version=0.0.4; charset=utf-8", MetricsText()),
            .headers = {},
            .close_connection = false};
  }

  http::Response Status(const http::Request& request) {
    std::vector<Section> sections = {{"Process", ProcessRows()}, {"Flags", options_.flags}};
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [title, rows] : sections_) sections.push_back({title, rows()});
    }
    const bool html = request.Header("Accept").find("text/html") != std::string_view::npos;
    return {.content = html ? NotStored("text/html; charset=utf-8", StatusHtml(options_.service, sections))
                            : NotStored("text/plain; charset=utf-8", StatusText(sections)),
            .headers = {},
            .close_connection = false};
  }

  StatusRows ProcessRows() const {
    const absl::Duration uptime = absl::Trunc(absl::Now() - started_, absl::Seconds(1));
    return {{"service", options_.service},
            {"version", options_.version},
            {"started", absl::FormatTime(absl::RFC3339_sec, started_, absl::UTCTimeZone())},
            {"uptime", absl::FormatDuration(uptime)},
            {"ready", ready_ ? "yes" : "no"}};
  }

  const OpsServerOptions options_;
  const absl::Time started_ = absl::Now();
  std::atomic<bool> ready_{false};
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::function<StatusRows()>>> sections_;
  std::vector<std::function<void()>> before_scrape_;
  std::unique_ptr<http::Server> server_;  // last: it stops before what its handler uses is destroyed
};

}  // namespace

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Start(OpsServerOptions options) {
  PublishBuildInfo(options.service, options.version);
  auto server = std::make_unique<HttpOpsServer>(std::move(options));
  if (absl::Status listening = server->Listen(); !listening.ok()) return listening;
  return server;
}

}  // namespace broadsheet::telemetry
