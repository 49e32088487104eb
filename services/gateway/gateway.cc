#include "services/gateway/gateway.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/change/follower_gauges.h"
#include "libs/http/server.h"
#include "libs/redis/client.h"
#include "libs/rpc/process.h"
#include "libs/rpc/server.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/ops_server.h"
#include "services/gateway/assembler.h"
#include "services/gateway/beacon.h"
#include "services/gateway/cache_service.h"
#include "services/gateway/followers.h"
#include "services/gateway/gateway_options.h"
#include "services/gateway/http_routes.h"
#include "services/gateway/live_renderer.h"
#include "services/gateway/page_parts.h"
#include "services/gateway/page_service.h"
#include "services/gateway/page_store.h"
#include "services/gateway/readiness.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/route.h"
#include "services/gateway/scraped_metrics.h"
#include "services/gateway/worker.h"

namespace broadsheet::gateway {
namespace {

// What is asked for most need not be a page: bots ask for what is not there, and for sitemaps.
constexpr std::size_t kFoundPerWanted = 16;

constexpr absl::Duration kFinishInFlight = absl::Seconds(10);

int OrOnePerCore(int threads) {
  return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// Null without an address. `loop`: see redis::Client::StartHere; null: with a thread of its own.
absl::StatusOr<std::unique_ptr<redis::Client>> StartRedis(const redis::ClientOptions& options,
                                                          event_base* loop = nullptr) {
  if (options.address.empty()) return nullptr;
  return loop != nullptr ? redis::Client::StartHere(loop, options) : redis::Client::Start(options);
}

rpc::ServerOptions GrpcOptions(const GatewayOptions& options) {
  rpc::ServerOptions grpc;
  grpc.host = options.host;
  grpc.port = options.grpc_port;
  grpc.queue_threads = OrOnePerCore(options.threads);
  grpc.serving_at_start = false;  // see Readiness
  return grpc;
}

// Of the memory for pages an eighth is for the uncoded bytes of those asked for without a coding of late, as
// all are over gRPC. Returns it, and leaves the rest.
std::size_t TakeUncodedPart(GatewayOptions& options) {
  const std::size_t part = options.pages.cache.max_bytes / 8;
  options.pages.cache.max_bytes -= part;
  return part;
}

telemetry::StatusRows FollowerRows(const Followers& followers) {
  telemetry::StatusRows rows;
  for (Source source : kAllSources) {
    const change::Follower* follower = followers.follower(source);
    if (follower == nullptr) continue;
    const change::Follower::State state = follower->state();
    const std::string name(SourceName(source));
    rows.emplace_back(name, follower->live()           ? "fresh"
                            : follower->has_followed() ? "cut off"
                                                       : "never followed");
    rows.emplace_back(name + ": position", absl::StrCat(state.position, " of log ", state.log_id));
    rows.emplace_back(name + ": floor", absl::StrCat(state.floor));
    rows.emplace_back(name + ": lease left", absl::FormatDuration(state.lease_left));
    rows.emplace_back(name + ": reconnects", absl::StrCat(state.reconnects));
    if (!state.last_error.empty()) rows.emplace_back(name + ": last error", state.last_error);
  }
  return rows;
}

class RunningGateway final : public Gateway {
 public:
  RunningGateway(GatewayOptions options, std::unique_ptr<LiveRenderer> renderers,
                 redis::ClientOptions redis_options, std::unique_ptr<redis::Client> redis)
      : options_(std::move(options)),
        redis_options_(std::move(redis_options)),
        renderers_(std::move(renderers)),
        readiness_(options_.ready_once_following, [this](bool ready) { Tell(ready); }),
        grpc_(GrpcOptions(options_)),
        backends_(options_.backends, grpc_.queues()),
        parts_(backends_, followers_),
        uncoded_(std::make_shared<http::UncodedBodies>(TakeUncodedPart(options_))),
        store_(std::move(redis), options_.site.url, renderers_->current()->content_security_policy(),
               uncoded_),
        assembler_(backends_, parts_, *renderers_, uncoded_),
        pages_({backends_, followers_, assembler_, store_, worker_, compressor_, grpc_.queues()},
               options_.pages),
        last_good_(options_.last_good, options_.site.url, renderers_->current()->content_security_policy()),
        page_service_({pages_, store_, parts_, last_good_, followers_}),
        cache_service_({pages_, store_, last_good_, followers_}),
        reads_(backends_, grpc_.queues(), options_.reads),
        clicks_({pages_, store_, followers_, reads_}, options_.clicks),
        routes_(pages_, clicks_, grpc_.queues(), options_.site.url) {}

  ~RunningGateway() override {
    options_.drain = absl::ZeroDuration();
    Drain();
  }

  absl::Status Start();

  int http_port() const override { return http_->port(); }
  int grpc_port() const override { return grpc_.port(); }
  int ops_port() const override { return ops_->port(); }
  void Drain() override;
  bool WaitUntilFollowing(absl::Duration timeout) const override;

 private:
  void StartFollowing();
  void AdoptPagesOfEarlierRun();
  // What is heard by those who send readers here.
  void Tell(bool ready);
  std::vector<std::string> MostWanted(std::size_t limit);
  absl::Status StartOps();
  // Once everything that is read for them runs.
  void ShowMetrics();
  telemetry::StatusRows PageRows() const;

  GatewayOptions options_;
  const redis::ClientOptions redis_options_;  // read once: files of passwords may change meanwhile
  const std::unique_ptr<LiveRenderer> renderers_;
  Readiness readiness_;
  rpc::Server grpc_;
  Backends backends_;
  Followers followers_;
  PageParts parts_;
  const std::shared_ptr<http::UncodedBodies> uncoded_;
  PageStore store_;
  Assembler assembler_;
  Worker worker_{Worker::Priority::kUsual};
  Worker compressor_{Worker::Priority::kLow};
  PageServer pages_;
  LastGoodKeeper last_good_;
  PageService page_service_;
  CacheService cache_service_;
  ReadReporter reads_;
  Clicks clicks_;
  HttpRoutes routes_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<telemetry::OpsServer> ops_;
  bool drained_ = false;
};

// First of all: whoever may ask later finds the followers, and what an earlier run left, in their place. The
// pages come last: a change makes those anew that show what it withdraws, which asks both followers.
void RunningGateway::StartFollowing() {
  followers_.Start(backends_,
                   {.follower_id = options_.follower_id,
                    .on_change =
                        [this](const change::v1::Change& change) {
                          last_good_.OnChange(change);
                          pages_.OnChange(change);
                        },
                    .on_reset = [this](Source source, const std::string& log_id,
                                       std::int64_t floor) { last_good_.OnReset(source, log_id, floor); },
                    .on_caught_up =
                        [this](Source source) {
                          if (source == Source::kArticle) readiness_.HasPages();
                        },
                    .earlier_run = last_good_.TakeEarlierRun()});
  AdoptPagesOfEarlierRun();
  last_good_.Start({.wanted = [this](std::size_t limit) { return MostWanted(limit); },
                    .find =
                        [this](const std::string& path) {
                          PageCache::Slot slot = pages_.cache().Peek(path);
                          return std::vector<EntryPtr>{std::move(slot.whole), std::move(slot.degraded)};
                        },
                    .renew = [this](const std::string& path) { pages_.Refresh(path); }},
                   followers_);
}

void RunningGateway::AdoptPagesOfEarlierRun() {
  for (const EntryPtr& entry : last_good_.TakePages()) {
    const EntryFacts facts = followers_.Examine(*entry, absl::Now());
    if (Decide(facts, Owner::kUnreachable, options_.pages.rules) != Decision::kRefuse) readiness_.HasPages();
    pages_.Adopt(entry);
  }
}

void RunningGateway::Tell(bool ready) {
  grpc_.SetServing(ready);
  ops_->SetReady(ready);
}

// The front, the sections, then what readers ask for most.
std::vector<std::string> RunningGateway::MostWanted(std::size_t limit) {
  std::vector<std::string> wanted = {std::string(kFrontPath)};
  for (const article::v1::Section& section : parts_.LastKnownSections())
    wanted.push_back(SectionPath(section.section_id()));
  for (std::string& path : pages_.cache().MostFound(kFoundPerWanted * limit)) {
    if (wanted.size() >= limit) break;
    const PageCache::Slot slot = pages_.cache().Peek(path);
    const EntryPtr& entry = slot.whole ? slot.whole : slot.degraded;
    if (!entry || entry->status() != 200 || IsSitemap(ParseRoute(path).kind)) continue;
    if (std::find(wanted.begin(), wanted.end(), path) == wanted.end()) wanted.push_back(std::move(path));
  }
  if (wanted.size() > limit) wanted.resize(limit);
  return wanted;
}

absl::Status RunningGateway::Start() {
  StartFollowing();
  if (absl::Status ops = StartOps(); !ops.ok()) return ops;
  grpc_.Register(&page_service_);
  grpc_.Register(&cache_service_);
  if (absl::Status grpc = grpc_.Start(); !grpc.ok()) return grpc;
  routes_.UseAssets(renderers_->current()->assets());
  renderers_->Watch([this](const Renderer& next) { routes_.UseAssets(next.assets()); });
  http::ServerOptions http;
  http.address = options_.host;
  http.port = options_.http_port;
  http.threads = options_.threads;
  http.methods = {http::Method::kGet, http::Method::kHead, http::Method::kPost};
  http.allow = HttpRoutes::AllowedAt;
  http.max_body_bytes = kMaxBeaconBytes;
  http.handler = [this](std::shared_ptr<const http::Request> request, http::Responder responder) {
    routes_.Handle(std::move(request), std::move(responder));
  };
  http.on_loop = [this](event_base* loop) -> std::shared_ptr<void> {
    absl::StatusOr<std::unique_ptr<redis::Client>> client = StartRedis(redis_options_, loop);
    if (!client.ok() || *client == nullptr) return nullptr;
    return store_.LoadHereThrough(*std::move(client));
  };
  http.on_served = [this](const http::Served& served) { routes_.CountServed(served); };
  http.on_given_up = [this](http::GivenUp why) { routes_.NoteGivenUp(why); };
  absl::StatusOr<std::unique_ptr<http::Server>> server = http::Server::Start(std::move(http));
  if (!server.ok()) return server.status();
  http_ = *std::move(server);
  ShowMetrics();
  readiness_.DoorsOpen();
  telemetry::Log(telemetry::Severity::kInfo, "serving",
                 {{"http_port", http_port()},
                  {"grpc_port", grpc_port()},
                  {"ops_port", ops_port()},
                  {"ready", readiness_.ready() ? "yes" : "once article is followed"}});
  return rpc::WritePortFile(options_.port_file,
                            {{"http", http_port()}, {"grpc", grpc_port()}, {"ops", ops_port()}});
}

absl::Status RunningGateway::StartOps() {
  absl::StatusOr<std::unique_ptr<telemetry::OpsServer>> ops =
      telemetry::OpsServer::Start({.service = "gateway",
                                   .version = BROADSHEET_VERSION,
                                   .address = options_.host,
                                   .port = options_.ops_port,
                                   .flags = options_.flags});
  if (!ops.ok()) return ops.status();
  ops_ = *std::move(ops);
  ops_->AddSection("Pages", [this] { return PageRows(); });
  ops_->AddSection("Last refused pages", [this] { return pages_.refused().StatusRows(); });
  ops_->AddSection("Templates", [this] { return renderers_->StatusRows(); });
  ops_->AddSection("Change logs", [this] { return FollowerRows(followers_); });
  ops_->AddSection("Services", [this] { return backends_.StatusRows(); });
  ops_->AddSection("Last good pages", [this] { return last_good_.StatusRows(); });
  ops_->AddSection("Redis", [this] { return store_.StatusRows(); });
  return absl::OkStatus();
}

void RunningGateway::ShowMetrics() {
  for (Source source : kAllSources) {
    ops_->BeforeScrape(
        [gauges = change::FollowerGauges(std::string(SourceName(source)),
                                         *followers_.follower(source))]() mutable { gauges.Set(); });
  }
  ops_->BeforeScrape([this, metrics = ScrapedMetrics()]() mutable {
    metrics.Show({.cache = pages_.cache_statistics(),
                  .waiting_for_compression = compressor_.waiting(),
                  .http = http_->statistics()});
  });
}

telemetry::StatusRows RunningGateway::PageRows() const {
  const PageCache::Statistics cache = pages_.cache_statistics();
  const PageCache::Statistics fragments = pages_.fragment_statistics();
  return {{"in memory", absl::StrCat(cache.pages, " pages, ", cache.bytes >> 10, " KiB")},
          {"of these uncoded too", absl::StrCat(uncoded_->bytes() >> 10, " KiB; with what is being sent ",
                                                uncoded_->living_bytes() >> 10, " KiB")},
          {"evicted", absl::StrCat(cache.evicted)},
          {"fragments of live stories", absl::StrCat(fragments.pages, ", ", fragments.bytes >> 10, " KiB")},
          {"being made", absl::StrCat(pages_.renders_in_flight(), " of at most ", pages_.render_limit())},
          {"waiting to be compressed", absl::StrCat(compressor_.waiting())}};
}

// First whoever asks, then whoever answers: pages under way still find the queues they run on.
void RunningGateway::Drain() {
  if (drained_) return;
  drained_ = true;
  readiness_.Draining();
  absl::SleepFor(options_.drain);
  if (http_) http_->Drain(kFinishInFlight);
  clicks_.WaitUntilIdle();
  renderers_->StopWatching();
  compressor_.Stop();
  worker_.Stop();
  last_good_.Stop();
  grpc_.Drain();
  pages_.WaitUntilIdle();
  ops_.reset();
  followers_.Stop();
  telemetry::Log(telemetry::Severity::kInfo, "stopped");
}

bool RunningGateway::WaitUntilFollowing(absl::Duration timeout) const {
  return followers_.follower(Source::kArticle)->WaitUntilLive(timeout) &&
         followers_.follower(Source::kMedia)->WaitUntilLive(timeout);
}

}  // namespace

absl::StatusOr<std::string> CheckTemplates(const GatewayOptions& options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  if (const auto redis = RedisOptions(options); !redis.ok()) return redis.status();
  const absl::StatusOr<Site> site = SiteOf(options);
  if (!site.ok()) return site.status();
  const absl::StatusOr<std::unique_ptr<Renderer>> renderer = Renderer::Load(options.templates, *site);
  if (!renderer.ok()) return renderer.status();
  return absl::StrCat("ok, version ", absl::Hex((*renderer)->version(), absl::kZeroPad16));
}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(GatewayOptions options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  absl::StatusOr<Site> site = SiteOf(options);
  if (!site.ok()) return site.status();
  options.site = *std::move(site);
  absl::StatusOr<std::unique_ptr<LiveRenderer>> renderers = LiveRenderer::Load(
      {.directory = options.templates, .site = options.site, .look_every = options.look_at_templates_every});
  if (!renderers.ok()) return renderers.status();
  absl::StatusOr<redis::ClientOptions> redis_options = RedisOptions(options);
  if (!redis_options.ok()) return redis_options.status();
  absl::StatusOr<std::unique_ptr<redis::Client>> redis = StartRedis(*redis_options);
  if (!redis.ok()) return redis.status();
  auto gateway = std::make_unique<RunningGateway>(std::move(options), *std::move(renderers),
                                                  *std::move(redis_options), *std::move(redis));
  if (absl::Status started = gateway->Start(); !started.ok()) return started;
  return gateway;
}

}  // namespace broadsheet::gateway
