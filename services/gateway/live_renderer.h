#ifndef BROADSHEET_SERVICES_GATEWAY_LIVE_RENDERER_H_
#define BROADSHEET_SERVICES_GATEWAY_LIVE_RENDERER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/ops_server.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// The renderer in force, and what replaces it when its folder of templates and assets changes. A folder that
// does not load replaces nothing: the one in force stays, the reason is logged, counted and shown on /status.
// Thread-safe.
class LiveRenderer {
 public:
  struct Options {
    std::string directory;
    Site site;
    absl::Duration look_every = absl::Seconds(1);
  };

  // Errors: as Renderer::Load. Does not watch yet.
  static absl::StatusOr<std::unique_ptr<LiveRenderer>> Load(Options options);
  ~LiveRenderer();

  // Begins to watch the folder; call once. `before_use` is called on the watching thread with each renderer
  // that is to come into force, before any page is made by it.
  void Watch(std::function<void(const Renderer&)> before_use);
  // No callback runs after it has returned. Idempotent.
  void StopWatching();

  std::shared_ptr<const Renderer> current() const;
  // Its version; cheap.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  telemetry::StatusRows StatusRows() const;

 private:
  LiveRenderer(Options options, std::string stamp, std::unique_ptr<Renderer> first);
  void Run();
  void Replace();

  const Options options_;
  std::function<void(const Renderer&)> before_use_;
  telemetry::Counter replaced_;
  telemetry::Counter refused_;
  telemetry::Gauge faulty_;  // as fault_ is

  mutable std::mutex mutex_;
  std::shared_ptr<const Renderer> current_;  // guarded by mutex_
  absl::Time since_;                         // guarded by mutex_
  std::string fault_;                        // guarded by mutex_; of the folder as it is now; empty: none
  std::atomic<std::uint64_t> version_;

  std::string stamp_;      // the folder as it was tried last; of the watching thread
  bool stopping_ = false;  // guarded by mutex_
  std::condition_variable stop_;
  std::thread thread_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_LIVE_RENDERER_H_
