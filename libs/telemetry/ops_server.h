#ifndef BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_
#define BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace broadsheet::telemetry {

// Name and value, in the order to be shown.
using StatusRows = std::vector<std::pair<std::string, std::string>>;

struct OpsServerOptions {
  std::string service;
  std::string version;
  std::string address = "0.0.0.0";
  int port = 0;      // 0: any free one
  StatusRows flags;  // shown on /status; the owner leaves secrets out
};

// The operators' port of a process, apart from the one that serves readers, so that it answers when that one
// is full:
//   /healthz  200 while the process runs
//   /readyz   200 after SetReady(true), otherwise 503; never asks a dependency
//   /metrics  MetricsText()
//   /status   a page for people: service, version, uptime, flags, the owners' sections
// Thread-safe. Not for the public internet.
class OpsServer {
 public:
  // Not ready when it returns. Errors as http::Server::Start.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Start(OpsServerOptions options);

  // Stops serving; callbacks are not called once it has returned.
  virtual ~OpsServer() = default;

  virtual int port() const = 0;
  virtual void SetReady(bool ready) = 0;

  // Adds a section to /status. `rows` is called on the ops thread at every look; it must be quick and
  // thread-safe, and what it uses must outlive this server.
  virtual void AddSection(std::string title, std::function<StatusRows()> rows) = 0;
  // Called on the ops thread before /metrics is written, to set gauges that are read rather than counted.
  // Same rules.
  virtual void BeforeScrape(std::function<void()> callback) = 0;
};

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_
