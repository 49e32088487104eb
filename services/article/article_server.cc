#include "services/article/article_server.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/change/publisher.h"
#include "libs/rpc/server.h"
#include "libs/telemetry/metrics.h"
#include "services/article/article_cache.h"
#include "services/article/article_service.h"
#include "services/article/editorial_service.h"
#include "services/article/scheduler.h"
#include "services/article/sql_article_store.h"
#include "services/article/sqlite.h"

namespace broadsheet::article {
namespace {

constexpr absl::string_view kVersion = "0.1.0";
constexpr int kMaxThreads = 256;            // writes hold theirs while followers catch up, up to a lease
constexpr int kMaxMessageBytes = 16 << 20;  // so that a body that is too long is refused by name, not by size

// Keeps a second process out of a folder: only the one that commits can tell the followers.
class FolderLock {
 public:
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      return absl::UnavailableError(absl::StrCat("cannot make the folder ", folder, ": ", error.message()));
    const std::string path = absl::StrCat(folder, "/article.lock");
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot write to the folder ", folder, ": ", std::generic_category().message(errno)));
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      close(file);
      return absl::FailedPreconditionError(absl::StrCat("another article service uses the folder ", folder));
    }
    return std::unique_ptr<FolderLock>(new FolderLock(file));
  }
  ~FolderLock() { close(file_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int file) : file_(file) {}
  const int file_;
};

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

class Assembly final : public ArticleServer {
 public:
  explicit Assembly(ArticleServerOptions options) : options_(std::move(options)) {}

  absl::Status Open() {
    absl::StatusOr<std::unique_ptr<FolderLock>> lock = FolderLock::Take(options_.data);
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
    auto database = sql::OpenSqlite(absl::StrCat(options_.data, "/article.sqlite"));
    if (!database.ok()) return database.status();
    SqlArticleStore::Options store_options;
    store_options.max_readers = options_.max_readers;
    auto store = SqlArticleStore::Open(*std::move(database), store_options);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    absl::StatusOr<std::int64_t> head = store_->Head();
    if (!head.ok()) return head.status();
    change::v1::Snapshot snapshot;
    snapshot.set_log_id(store_->log_id());
    snapshot.set_position(*head);
    cache_ = std::make_unique<ArticleCache>(*store_, snapshot, options_.cache_bytes);
    change::PublisherOptions publisher_options;
    publisher_options.source = "article";
    publisher_options.lease = options_.lease;
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
        *store_, [this](std::int64_t position) { return publisher_->WaitForFollowers(position); },
        options_.clock);
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
    scheduler_->Start();
    return StartOps();
  }

  int grpc_port() const override { return server_->port(); }
  int ops_port() const override { return ops_->port(); }

  void Drain() override {
    ops_->SetReady(false);
    server_->Drain();
  }

 private:
  absl::Status StartOps() {
    telemetry::PublishBuildInfo("article", std::string(kVersion));
    telemetry::OpsServerOptions ops_options;
    ops_options.service = "article";
    ops_options.version = std::string(kVersion);
    ops_options.address = options_.host;
    ops_options.port = options_.ops_port;
    ops_options.flags = options_.flags;
    auto ops = telemetry::OpsServer::Start(std::move(ops_options));
    if (!ops.ok()) return ops.status();
    ops_ = *std::move(ops);
    ops_->AddSection("Change log", [this] { return LogRows(*store_, *publisher_); });
    ops_->AddSection("Followers", [this] { return FollowerRows(*publisher_); });
    ops_->AddSection("Stories", [this] { return StoryRows(*store_); });
    ops_->BeforeScrape(
        [this, head = telemetry::Gauge("broadsheet_article_log_position", "Newest change of the log."),
         cached = telemetry::Gauge("broadsheet_article_cache_bytes", "Stories kept in memory.")]() mutable {
          head.Set(static_cast<double>(publisher_->head()));
          cached.Set(static_cast<double>(cache_->bytes()));
        });
    ops_->SetReady(true);
    return absl::OkStatus();
  }

  // Each uses those before it.
  const ArticleServerOptions options_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<SqlArticleStore> store_;
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
  auto assembly = std::make_unique<Assembly>(std::move(options));
  if (absl::Status opened = assembly->Open(); !opened.ok()) return opened;
  if (absl::Status serving = assembly->Serve(); !serving.ok()) return serving;
  return assembly;
}

}  // namespace broadsheet::article
