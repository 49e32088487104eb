#include "libs/telemetry/ops_server.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/http/server.h"
#include "libs/telemetry/bounded_look.h"
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

Counter LateAnswers(const std::string& page) {
  return {"broadsheet_ops_late_answers_total",
          "Answers that did not wait any longer for what they tell.",
          {{"page", page}}};
}

class HttpOpsServer final : public OpsServer {
 public:
  explicit HttpOpsServer(OpsServerOptions options)
      : options_(std::move(options)),
        status_look_([this] { LookAtSections(); }, options_.patience),
        metrics_look_([this] { LookAtGauges(); }, options_.patience) {}

  absl::Status Listen() {
    http::ServerOptions options;
    options.address = options_.address;
    options.port = options_.port;
    options.max_connections = kMaxConnections;
    options.handler = [this](std::shared_ptr<const http::Request> request, http::Responder responder) {
      Answer(*request, std::move(responder));
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
    sections_.push_back(std::make_shared<AskedSection>(std::move(title), std::move(rows)));
  }

  void BeforeScrape(std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    before_scrape_.push_back(std::make_shared<const std::function<void()>>(std::move(callback)));
  }

 private:
  struct AskedSection {
    AskedSection(std::string title, std::function<StatusRows()> ask)
        : title(std::move(title)), ask(std::move(ask)) {}
    const std::string title;
    const std::function<StatusRows()> ask;
    std::optional<StatusRows> rows;  // none: it has not answered yet
  };

  // On the only event loop, which the probes need.
  void Answer(const http::Request& request, http::Responder responder) {
    if (request.path() == "/metrics") return AnswerWithMetrics(std::move(responder));
    if (request.path() == "/status") return AnswerWithStatus(request, std::move(responder));
    responder.Send(AnswerAtOnce(request));
  }

  http::Response AnswerAtOnce(const http::Request& request) const {
    if (request.path() == "/healthz") return http::PlainText(200, "ok");
    if (request.path() == "/readyz")
      return ready_ ? http::PlainText(200, "ready") : http::PlainText(503, "not ready");
    if (request.path() == "/") return http::Redirect(302, "/status");
    return http::PlainText(404, "There are /healthz, /readyz, /metrics and /status.");
  }

  void AnswerWithMetrics(http::Responder responder) {
    metrics_look_.Ask([this, to = std::make_shared<http::Responder>(std::move(responder))](bool looked) {
      if (!looked) late_metrics_.Increment();
      to->Send(NotStored("text/plain; version=0.0.4; charset=utf-8", MetricsText()));
    });
  }

  void AnswerWithStatus(const http::Request& request, http::Responder responder) {
    const bool html = request.Header("Accept").find("text/html") != std::string_view::npos;
    status_look_.Ask([this, html, to = std::make_shared<http::Responder>(std::move(responder))](bool looked) {
      if (!looked) late_status_.Increment();
      const std::vector<Section> sections = Sections();
      to->Send(html ? NotStored("text/html; charset=utf-8", StatusHtml(options_.service, sections))
                    : NotStored("text/plain; charset=utf-8", StatusText(sections)));
    });
  }

  void LookAtGauges() {
    for (const auto& callback : Copy(before_scrape_)) (*callback)();
  }

  void LookAtSections() {
    const std::vector<std::shared_ptr<AskedSection>> sections = Copy(sections_);
    {
      const std::lock_guard lock(mutex_);
      for (const auto& section : sections) section->rows.reset();
    }
    for (const auto& section : sections) {
      StatusRows rows = section->ask();
      const std::lock_guard lock(mutex_);
      section->rows = std::move(rows);
    }
  }

  template <class List>
  List Copy(const List& list) {
    const std::lock_guard lock(mutex_);
    return list;
  }

  std::vector<Section> Sections() {
    std::vector<Section> sections = {{"Process", ProcessRows()}, {"Flags", options_.flags}};
    const std::lock_guard lock(mutex_);
    for (const auto& section : sections_) {
      sections.push_back(
          {section->title, section->rows.value_or(StatusRows{{"not known", "it did not answer in time"}})});
    }
    return sections;
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
  Counter late_status_ = LateAnswers("status");
  Counter late_metrics_ = LateAnswers("metrics");
  std::atomic<bool> ready_{false};
  std::mutex mutex_;
  std::vector<std::shared_ptr<AskedSection>> sections_;  // their rows are under the mutex, too
  std::vector<std::shared_ptr<const std::function<void()>>> before_scrape_;
  // In this order they end before what they use is destroyed: the server asks the looks.
  BoundedLook status_look_;
  BoundedLook metrics_look_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Start(OpsServerOptions options) {
  PublishBuildInfo(options.service, options.version);
  auto server = std::make_unique<HttpOpsServer>(std::move(options));
  if (absl::Status listening = server->Listen(); !listening.ok()) return listening;
  return server;
}

}  // namespace broadsheet::telemetry
