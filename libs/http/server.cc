#include "libs/http/server.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "libs/http/event_loop.h"

namespace broadsheet::http {

Responder::Responder(std::shared_ptr<Exchange> connection, std::uint64_t exchange)
    : connection_(std::move(connection)), exchange_(exchange) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (connection_) Send(Response());
    connection_ = std::move(other.connection_);
    exchange_ = other.exchange_;
  }
  return *this;
}

Responder::~Responder() {
  if (connection_) Send(Response());
}

void Responder::Send(Response response) {
  const std::shared_ptr<Exchange> connection = std::move(connection_);
  if (connection) connection->Respond(exchange_, std::move(response));
}

void Responder::Send(std::shared_ptr<const Content> content) {
  Send(Response{.content = std::move(content), .headers = {}, .close_connection = false});
}

namespace {

constexpr int kMaxThreads = 64;

absl::Status Invalid(std::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

absl::Status Validate(const ServerOptions& options) {
  if (!options.handler) return Invalid("an HTTP server needs a handler");
  if (options.port < 0 || options.port > 65535) return Invalid("an HTTP port is between 0 and 65535");
  if (options.threads < 0 || options.threads > kMaxThreads)
    return Invalid("HTTP threads are between 0 and 64");
  if (options.max_connections == 0) return Invalid("max_connections is at least 1");
  if (options.max_header_bytes < 1024 || options.max_header_bytes > 1024 * 1024) {
    return Invalid("max_header_bytes is between 1 KiB and 1 MiB");
  }
  if (options.max_target_bytes > options.max_header_bytes) {
    return Invalid("max_target_bytes is at most max_header_bytes");
  }
  return absl::OkStatus();
}

class LoopServer final : public Server {
 public:
  explicit LoopServer(std::shared_ptr<const ServerOptions> options) : options_(std::move(options)) {}

  ~LoopServer() override {
    for (const auto& loop : loops_) loop->Stop();
  }

  absl::Status Listen() {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int threads = options_->threads > 0 ? options_->threads : std::min(cores, kMaxThreads);
    const auto loops = static_cast<std::size_t>(threads);
    const std::size_t share = (options_->max_connections + loops - 1) / loops;
    port_ = options_->port;
    std::vector<Socket> listeners;
    for (int i = 0; i < threads; ++i) {
      absl::StatusOr<Socket> bound = Socket::Bind(options_->address, port_, /*first=*/i == 0);
      if (!bound.ok()) return bound.status();
      port_ = bound->LocalPort();
      listeners.push_back(*std::move(bound));
    }
    for (Socket& listener : listeners) {
      if (absl::Status listening = listener.Listen(std::max(options_->idle_timeout, options_->write_timeout));
          !listening.ok())
        return listening;
    }
    for (Socket& listener : listeners) {
      loops_.push_back(std::make_shared<EventLoop>(options_, share, options_->max_stream_bytes / loops));
      loops_.back()->Run(std::move(listener));
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  ServerStatistics statistics() const override {
    ServerStatistics sum;
    for (const auto& loop : loops_) {
      EventLoop::Counters& counters = loop->counters();
      sum.accepted += counters.accepted.load(std::memory_order_relaxed);
      sum.open += counters.open.load(std::memory_order_relaxed);
      sum.requests += counters.requests.load(std::memory_order_relaxed);
      sum.rejected += counters.rejected.load(std::memory_order_relaxed);
      sum.not_modified += counters.not_modified.load(std::memory_order_relaxed);
      sum.timed_out += counters.timed_out.load(std::memory_order_relaxed);
      sum.slow_readers += counters.slow_readers.load(std::memory_order_relaxed);
      sum.evicted += counters.evicted.load(std::memory_order_relaxed);
      sum.evicted_slow += counters.evicted_slow.load(std::memory_order_relaxed);
      sum.refused += counters.refused.load(std::memory_order_relaxed);
      sum.refused_streams += counters.refused_streams.load(std::memory_order_relaxed);
    }
    return sum;
  }

  void Drain(absl::Duration timeout) override {
    if (draining_.exchange(true)) return;
    struct Remaining {
      std::mutex mutex;
      std::condition_variable changed;
      std::size_t loops;
    };
    const auto remaining = std::make_shared<Remaining>();
    remaining->loops = loops_.size();
    for (const auto& loop : loops_) {
      loop->BeginDrain([remaining] {
        const std::lock_guard lock(remaining->mutex);
        --remaining->loops;
        remaining->changed.notify_all();
      });
    }
    {
      std::unique_lock lock(remaining->mutex);
      remaining->changed.wait_for(lock, absl::ToChronoMilliseconds(timeout),
                                  [&] { return remaining->loops == 0; });
    }
    for (const auto& loop : loops_) loop->Stop();
  }

 private:
  const std::shared_ptr<const ServerOptions> options_;
  std::vector<std::shared_ptr<EventLoop>> loops_;
  int port_ = 0;
  std::atomic<bool> draining_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  if (absl::Status valid = Validate(options); !valid.ok()) return valid;
  auto server = std::make_unique<LoopServer>(std::make_shared<const ServerOptions>(std::move(options)));
  if (absl::Status listening = server->Listen(); !listening.ok()) return listening;
  return server;
}

}  // namespace broadsheet::http
