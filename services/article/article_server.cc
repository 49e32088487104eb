#include "services/article/article_server.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/change/publisher.h"
#include "libs/rpc/server.h"
#include "libs/telemetry/metrics.h"
#include "services/article/article_cache.h"
#include "services/article/article_service.h"
#include "services/article/editorial_service.h"
#include "services/article/postgres.h"
#include "services/article/scheduler.h"
#include "services/article/served_store.h"

namespace broadsheet::article {
namespace {

constexpr absl::string_view kVersion = "0.1.0";
constexpr int kMaxThreads = 256;            // writes hold theirs while followers catch up, up to a lease
constexpr int kMaxMessageBytes = 16 << 20;  // so that a body that is too long is refused by name, not by size

telemetry::StatusRows LogRows(const SqlArticleStore& store, const change::Publisher& publisher) {
  return {{"log id", store.log_id()}, {"head position", absl::StrCat(publisher.head())}};
}

telemetry::StatusRows FollowerRows(const change::Publisher& publisher) {
  telemetry::StatusRows rows;
  for (const change::Publisher::FollowerState& follower : publisher.followers()) {
    rows.emplace_back(
        follower.follower_id,
        absl::StrCat("at position ", follower.acknowledged, ", ", follower.connected ? "connected" : "gone",
                     ", lease left ",
                     absl::FormatDuration(std::max(follower.lease_left, absl::ZeroDuration()))));
  }
  return rows;
}

telemetry::StatusRows ReplicaRows(const ReplicaGroup& replicas) {
  telemetry::StatusRows rows = {{"this process", replicas.IsCurrent() ? "current" : "not current"}};
  const absl::Duration now = replicas.clock().Now();
  for (const ReplicaPeers::Seen& peer : replicas.peers()) {
    rows.emplace_back(peer.replica.name,
                      absl::StrCat("settled at position ", peer.replica.settled, ", last heard ",
                                   absl::FormatDuration(now - peer.at), " ago"));
  }
  return rows;
}

telemetry::StatusRows ScheduleRows(const Scheduler::State& state) {
  return {{"stories due", absl::StrCat(state.due)},
          {"overdue by", absl::FormatDuration(absl::Trunc(state.late, absl::Seconds(1)))},
          {"put off after a failure", absl::StrCat(state.put_off)}};
}

std::string NameOfThisProcess() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return absl::StrCat("process ", getpid());
  return absl::StrCat(host.data(), " (process ", getpid(), ")");
}

telemetry::StatusRows StoryRows(const SqlArticleStore& store) {
  absl::StatusOr<std::vector<EditStore::Count>> counts = store.CountStories();
  if (!counts.ok()) return {{"error", counts.status().ToString()}};
  telemetry::StatusRows rows;
  for (const EditStore::Count& count : *counts) {
    rows.emplace_back(
        absl::StrCat(v1::PubStatus_Name(count.pub_status), " ", v1::EditState_Name(count.edit_state)),
        absl::StrCat(count.stories));
  }
  return rows;
}

absl::Status CheckOptions(const ArticleServerOptions& options) {
  const auto refused = [](const char* flag, const char* rule) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", rule));
  };
  if (options.max_readers < 1) return refused("max_readers", "must be at least 1");
  if (options.drain < absl::ZeroDuration()) return refused("drain_seconds", "must not be negative");
  if (options.lease < absl::Milliseconds(50) || options.lease > absl::Seconds(10))
    return refused("lease", "is from 50ms to 10s");
  if (options.restart_grace < absl::ZeroDuration() || options.restart_grace > absl::Seconds(10))
    return refused("restart_grace", "is from 0 to 10s");
  if (options.replica_timeout < absl::Milliseconds(500) || options.replica_timeout > absl::Minutes(1))
    return refused("replica_timeout", "is from 500ms to 1m");
  if (!options.database.empty() && options.replica_timeout < 2 * options.lease)
    return refused("replica_timeout", "must be at least twice --lease");
  return absl::OkStatus();
}

class Assembly final : public ArticleServer {
 public:
  explicit Assembly(ArticleServerOptions options) : options_(std::move(options)) {}
  ~Assembly() override {
    if (served_.replicas) served_.replicas->Leave();  // it uses what is destroyed before it
  }

  absl::Status Open() {
    if (absl::Status ops = StartOps(); !ops.ok()) return ops;
    absl::StatusOr<ServedStore> served = OpenStore();
    if (!served.ok()) return served.status();
    served_ = *std::move(served);
    store_ = served_.store.get();
    absl::StatusOr<std::int64_t> head = store_->Head();
    if (!head.ok()) return head.status();
    change::v1::Snapshot snapshot;
    snapshot.set_log_id(store_->log_id());
    snapshot.set_position(*head);
    cache_ = std::make_unique<ArticleCache>(
        *store_, snapshot, options_.cache_bytes,
        [replicas = served_.replicas.get()] { return replicas == nullptr || replicas->IsCurrent(); });
    change::PublisherOptions publisher_options;
    publisher_options.source = "article";
    publisher_options.lease = options_.lease;
    publisher_options.restart_grace =
        std::max(served_.restart_grace.value_or(options_.lease), options_.restart_grace);
    if (served_.replicas) {
      publisher_options.clock = &served_.replicas->clock();
      publisher_options.leases_end_by = [this] { return served_.replicas->leases_end_by(); };
    }
    auto publisher = change::Publisher::Start(*store_, publisher_options);
    if (!publisher.ok()) return publisher.status();
    publisher_ = *std::move(publisher);
    store_->SetCommitListener([this](const std::vector<change::v1::Change>& changes, std::int64_t position) {
      cache_->Apply(changes, position);
      publisher_->Notify(position);
    });
    return absl::OkStatus();
  }

  absl::Status Serve() {
    article_service_ = std::make_unique<ArticleService>(*cache_, store_->token_key(), options_.clock);
    editorial_service_ = std::make_unique<EditorialService>(
        *store_, [this](std::int64_t position) { return WaitForFollowers(position); }, options_.clock);
    scheduler_ = std::make_unique<Scheduler>(*store_, options_.clock);
    rpc::ServerOptions server_options;
    server_options.host = options_.host;
    server_options.port = options_.grpc_port;
    server_options.max_message_bytes = kMaxMessageBytes;
    server_options.max_threads = kMaxThreads;
    server_options.drain = options_.drain;
    server_ = std::make_unique<rpc::Server>(server_options);
    server_->Register(article_service_.get());
    server_->Register(editorial_service_.get());
    server_->Register(publisher_.get());
    if (absl::Status started = server_->Start(); !started.ok()) return started;
    if (served_.replicas) served_.replicas->Start(*store_, *publisher_);
    scheduler_->Start();
    ShowState();
    ops_->SetReady(true);
    return absl::OkStatus();
  }

  int grpc_port() const override { return server_->port(); }
  int ops_port() const override { return ops_->port(); }

  void Drain() override {
    ops_->SetReady(false);
    server_->Drain();
    if (served_.replicas) served_.replicas->Leave();
  }

 private:
  absl::StatusOr<ServedStore> OpenStore() const {
    SqlArticleStore::Options store_options;
    store_options.max_readers = options_.max_readers;
    if (options_.database.empty()) return OpenSqliteStore(options_.data, store_options);
    ReplicaGroup::Options group_options;
    group_options.conninfo = options_.database;
    group_options.name = NameOfThisProcess();
    group_options.timeout = options_.replica_timeout;
    return OpenPostgresStore(group_options, store_options, options_.give_up);
  }

  absl::StatusOr<change::v1::Propagation> WaitForFollowers(std::int64_t position) {
    change::v1::Propagation propagation = publisher_->WaitForFollowers(position);
    if (!served_.replicas) return propagation;
    absl::Status settled = served_.replicas->WaitForPeers(position, propagation);
    if (!settled.ok()) return settled;
    return propagation;
  }

  // First of all, so that one who waits for the database can be seen to live.
  absl::Status StartOps() {
    telemetry::PublishBuildInfo("article", std::string(kVersion));
    telemetry::OpsServerOptions ops_options;
    ops_options.service = "article";
    ops_options.version = std::string(kVersion);
    ops_options.address = options_.host;
    ops_options.port = options_.ops_port;
    ops_options.flags = options_.flags;
    if (!options_.database.empty()) {
      absl::StatusOr<std::string> name = sql::DescribePostgres(options_.database);
      if (!name.ok()) return name.status();
      std::erase_if(ops_options.flags, [](const auto& flag) { return flag.first == "database"; });
      ops_options.flags.emplace_back("database", *std::move(name));
    }
    auto ops = telemetry::OpsServer::Start(std::move(ops_options));
    if (!ops.ok()) return ops.status();
    ops_ = *std::move(ops);
    return absl::OkStatus();
  }

  void ShowState() {
    ops_->AddSection("Change log", [this] { return LogRows(*store_, *publisher_); });
    ops_->AddSection("Followers", [this] { return FollowerRows(*publisher_); });
    if (served_.replicas) {
      ops_->AddSection("Replicas", [this] { return ReplicaRows(*served_.replicas); });
    } else {
      telemetry::Gauge("broadsheet_article_replicas",
                       "Processes that serve the shared database, this one included.")
          .Set(1);
    }
    ops_->AddSection("Schedule", [this] { return ScheduleRows(scheduler_->state()); });
    ops_->AddSection("Stories", [this] { return StoryRows(*store_); });
    ops_->BeforeScrape(
        [this, head = telemetry::Gauge("broadsheet_article_log_position", "Newest change of the log."),
         late =
             telemetry::Gauge("broadsheet_article_schedule_late_seconds",
                              "How long the oldest story that is due has been, or what is due is unknown."),
         cached = telemetry::Gauge("broadsheet_article_cache_bytes", "Stories kept in memory.")]() mutable {
          head.Set(static_cast<double>(publisher_->head()));
          late.Set(absl::ToDoubleSeconds(scheduler_->state().late));
          cached.Set(static_cast<double>(cache_->bytes()));
        });
  }

  // Each uses those before it.
  const ArticleServerOptions options_;
  ServedStore served_;
  SqlArticleStore* store_ = nullptr;
  std::unique_ptr<ArticleCache> cache_;
  std::unique_ptr<change::Publisher> publisher_;  // reads the store; nothing commits any more when it ends
  std::unique_ptr<ArticleService> article_service_;
  std::unique_ptr<EditorialService> editorial_service_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<telemetry::OpsServer> ops_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArticleServer>> ArticleServer::Start(ArticleServerOptions options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  auto assembly = std::make_unique<Assembly>(std::move(options));
  if (absl::Status opened = assembly->Open(); !opened.ok()) return opened;
  if (absl::Status serving = assembly->Serve(); !serving.ok()) return serving;
  return assembly;
}

}  // namespace broadsheet::article
