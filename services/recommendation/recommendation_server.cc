#include "services/recommendation/recommendation_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/telemetry/metrics.h"
#include "services/recommendation/indexer.h"
#include "services/recommendation/reading_log.h"
#include "services/recommendation/recommendation_service.h"
#include "services/recommendation/story_index.h"

namespace broadsheet::recommendation {
namespace {

constexpr int kMaxArticleMessageBytes = 32 << 20;  // a page of long stories
constexpr int kMaxMessageBytes = 1 << 20;          // the largest request: 1,000 reads

rpc::ChannelOptions ReadingChannel() {
  rpc::ChannelOptions options;
  options.retried_services = {"broadsheet.article.v1.ArticleService"};
  options.max_message_bytes = kMaxArticleMessageBytes;
  return options;
}

rpc::ChannelOptions StreamingChannel() {
  rpc::ChannelOptions options;
  options.own_connection = true;
  return options;
}

rpc::ServerOptions RpcOptions(const RecommendationServerOptions& options) {
  rpc::ServerOptions server;
  server.host = options.host;
  server.port = options.grpc_port;
  server.max_message_bytes = kMaxMessageBytes;
  server.drain = options.drain;
  server.queue_threads = 0;
  return server;
}

telemetry::StatusRows IndexRows(const StoryIndex::Size& size, const Indexer::State& state) {
  return {{"caught up", state.position.caught_up ? "yes" : "no: calls fail with UNAVAILABLE"},
          {"stories", absl::StrCat(size.stories)},
          {"words", absl::StrCat(size.terms)},
          {"words in stories", absl::StrCat(size.postings)},
          {"left out as too many", absl::StrCat(size.left_out)},
          {"article log", state.position.log_id},
          {"article position", absl::StrCat(state.position.position)},
          {"changed stories to fetch", absl::StrCat(state.pending)},
          {"loads of every story", absl::StrCat(state.loads)},
          {"stories fetched", absl::StrCat(state.fetches)},
          {"failed calls to article", absl::StrCat(state.failures)},
          {"last failure", state.last_error}};
}

telemetry::StatusRows FollowerRows(const change::Follower::State& follower) {
  const bool live = follower.connected_since != absl::InfiniteFuture();
  return {{"live", live ? absl::StrCat("yes, since ", absl::FormatTime(follower.connected_since)) : "no"},
          {"newest change applied", absl::StrCat(follower.position)},
          {"its age when applied", absl::FormatDuration(follower.lag)},
          {"reconnects", absl::StrCat(follower.reconnects)},
          {"last stream ended with", follower.last_error}};
}

telemetry::StatusRows ReadingRows(const ReadingLog::State& state) {
  return {{"file", absl::StrCat(state.file_bytes, " bytes")},
          {"counts", absl::StrCat(state.counts, " in ", state.hours, " hours")},
          {"request ids remembered", absl::StrCat(state.request_ids)},
          {"times written anew", absl::StrCat(state.rewrites)}};
}

struct Gauges {
  telemetry::Gauge caught_up{"broadsheet_recommendation_caught_up", "1 once the index has caught up."};
  telemetry::Gauge stories{"broadsheet_recommendation_stories", "Stories in the index."};
  telemetry::Gauge terms{"broadsheet_recommendation_terms", "Different words in the index."};
  telemetry::Gauge position{"broadsheet_recommendation_article_position",
                            "Change of article up to which the index is complete."};
  telemetry::Gauge pending{"broadsheet_recommendation_pending_stories",
                           "Changed stories still to be fetched."};
  telemetry::Gauge file{"broadsheet_recommendation_reading_log_bytes", "Size of the reading log's file."};

  void Set(const StoryIndex::Size& size, const Indexer::State& state, const ReadingLog::State& reading_log) {
    caught_up.Set(state.position.caught_up ? 1 : 0);
    stories.Set(static_cast<double>(size.stories));
    terms.Set(static_cast<double>(size.terms));
    position.Set(static_cast<double>(state.position.position));
    pending.Set(static_cast<double>(state.pending));
    file.Set(static_cast<double>(reading_log.file_bytes));
  }
};

absl::Status CheckOptions(const RecommendationServerOptions& options) {
  if (options.max_stories < 1) return absl::InvalidArgumentError("--max_stories must be at least 1");
  if (options.drain < absl::ZeroDuration())
    return absl::InvalidArgumentError("--drain_seconds must not be negative");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<telemetry::OpsServer>> StartOps(const RecommendationServerOptions& options) {
  return telemetry::OpsServer::Start({.service = "recommendation",
                                      .version = BROADSHEET_VERSION,
                                      .address = options.host,
                                      .port = options.ops_port,
                                      .flags = options.flags});
}

// The parts in the order they depend on each other, so that they end in the reverse one.
class Assembly final : public RecommendationServer {
 public:
  Assembly(RecommendationServerOptions options, std::unique_ptr<telemetry::OpsServer> ops,
           std::unique_ptr<ReadingLog> reading_log)
      : options_(std::move(options)),
        reading_log_(std::move(reading_log)),
        index_(options_.max_stories),
        indexer_(Indexer::Start(rpc::NewChannel(options_.article_address, ReadingChannel()),
                                rpc::NewChannel(options_.article_address, StreamingChannel()), {}, index_)),
        service_(index_, *indexer_, *reading_log_, options_.clock),
        server_(RpcOptions(options_)),
        ops_(std::move(ops)) {}

  absl::Status Serve() {
    server_.Register(&service_);
    if (absl::Status started = server_.Start(); !started.ok()) return started;
    ops_->AddSection("Index", [this] { return IndexRows(index_.size(), indexer_->state()); });
    ops_->AddSection("Follower", [this] { return FollowerRows(indexer_->state().follower); });
    ops_->AddSection("Reading log", [this] { return ReadingRows(reading_log_->state()); });
    ops_->BeforeScrape([this, gauges = Gauges()]() mutable {
      gauges.Set(index_.size(), indexer_->state(), reading_log_->state());
    });
    ops_->SetReady(true);
    return absl::OkStatus();
  }

  int grpc_port() const override { return server_.port(); }
  int ops_port() const override { return ops_->port(); }

  void Drain() override {
    ops_->SetReady(false);
    server_.Drain();
  }

 private:
  const RecommendationServerOptions options_;
  const std::unique_ptr<ReadingLog> reading_log_;
  StoryIndex index_;
  const std::unique_ptr<Indexer> indexer_;
  RecommendationService service_;
  rpc::Server server_;
  const std::unique_ptr<telemetry::OpsServer> ops_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecommendationServer>> RecommendationServer::Start(
    RecommendationServerOptions options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  absl::StatusOr<std::unique_ptr<telemetry::OpsServer>> ops = StartOps(options);
  if (!ops.ok()) return ops.status();
  ReadingLogOptions log_options;
  log_options.folder = options.data;
  log_options.clock = options.clock;
  absl::StatusOr<std::unique_ptr<ReadingLog>> reading_log = ReadingLog::Open(std::move(log_options));
  if (!reading_log.ok()) return reading_log.status();
  auto assembly = std::make_unique<Assembly>(std::move(options), *std::move(ops), *std::move(reading_log));
  if (absl::Status serving = assembly->Serve(); !serving.ok()) return serving;
  return assembly;
}

}  // namespace broadsheet::recommendation
