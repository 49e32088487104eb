#ifndef BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_
#define BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace broadsheet::telemetry {

// Name and value, in the order to be shown.
using StatusRows = std::vector<std::pair<std::string, std::string>>;

struct OpsServerOptions {
  std::string service;
  std::string version;
  std::string address = "0.0.0.0";
  int port = 0;      // 0: any free one
  StatusRows flags;  // shown on /status; the owner leaves secrets out
  // How long /status and /metrics wait for the owners' callbacks.
  absl::Duration patience = absl::Seconds(2);
};

// The operators' port of a process, apart from the one that serves readers, so that it answers when that one
// is full:
//   /healthz  200 while the process runs
//   /readyz   200 after SetReady(true), otherwise 503; never asks a dependency
//   /metrics  MetricsText()
//   /status   a page for people: service, version, uptime, flags, the owners' sections
// A callback that hangs is waited for a while: /status then says which sections are not known, /metrics tells
// gauges as they were read last, and broadsheet_ops_late_answers_total{page} counts it; the others answer.
// Thread-safe. Not for the public internet.
class OpsServer {
 public:
  // Not ready when it returns. Errors as http::Server::Start.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Start(OpsServerOptions options);

  // Stops serving; callbacks are not called once it has returned, so one that hangs is waited for.
  virtual ~OpsServer() = default;

  virtual int port() const = 0;
  virtual void SetReady(bool ready) = 0;

  // Adds a section to /status. `rows` is called at every look, one section after the other, on a thread for
  // that alone; it should be quick, must be thread-safe, and what it uses must outlive this server.
  virtual void AddSection(std::string title, std::function<StatusRows()> rows) = 0;
  // Called before /metrics is written, on another thread for that alone, to set gauges that are read rather
  // than counted. Same rules.
  virtual void BeforeScrape(std::function<void()> callback) = 0;
};

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_OPS_SERVER_H_
