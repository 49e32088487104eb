#include "services/media/media_server.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/change/publisher.h"
#include "libs/rpc/folder_lock.h"
#include "libs/rpc/server.h"
#include "services/media/file_blob_store.h"
#include "services/media/files.h"
#include "services/media/image_library.h"
#include "services/media/library_service.h"
#include "services/media/media_service.h"
#include "services/media/rendition_server.h"
#include "services/media/sql_image_store.h"

namespace broadsheet::media {
namespace {

constexpr absl::Duration kHttpDrain = absl::Seconds(5);

rpc::ServerOptions RpcOptions(const MediaServerOptions& options) {
  rpc::ServerOptions server;
  server.host = options.host;
  server.port = options.grpc_port;
  server.drain = options.drain;
  return server;
}

absl::Status CheckOptions(const MediaServerOptions& options) {
  if (options.max_uploads < 1) return absl::InvalidArgumentError("--max_uploads is below 1");
  if (options.decoder.at_work < 1) return absl::InvalidArgumentError("--decoders is below 1");
  if (options.drain < absl::ZeroDuration()) return absl::InvalidArgumentError("--drain_seconds is negative");
  if (options.restart_grace < absl::ZeroDuration() || options.restart_grace > absl::Seconds(10))
    return absl::InvalidArgumentError("--restart_grace is not from 0 to 10s");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<telemetry::OpsServer>> StartOps(const MediaServerOptions& options) {
  return telemetry::OpsServer::Start({.service = "media",
                                      .version = BROADSHEET_VERSION,
                                      .address = options.host,
                                      .port = options.ops_port,
                                      .flags = options.flags});
}

// The parts in the order they depend on each other, so that they end in the reverse one.
class AssembledServer final : public MediaServer {
 public:
  AssembledServer(const MediaServerOptions& options, std::unique_ptr<telemetry::OpsServer> ops,
                  std::unique_ptr<rpc::FolderLock> folder_lock, std::unique_ptr<SqlImageStore> store,
                  std::unique_ptr<FileBlobStore> blobs)
      : options_(options),
        folder_lock_(std::move(folder_lock)),
        store_(std::move(store)),
        blobs_(std::move(blobs)),
        decoder_(options.decoder),
        library_(*store_, *blobs_, decoder_),
        media_service_(*store_),
        rpc_(RpcOptions(options)),
        ops_(std::move(ops)) {}

  absl::Status Serve() {
    if (absl::Status recovered = library_.Recover(); !recovered.ok()) return recovered;
    if (absl::Status grpc = ServeGrpc(); !grpc.ok()) return grpc;
    absl::StatusOr<std::unique_ptr<RenditionServer>> renditions =
        RenditionServer::Start(*store_, *blobs_, {.host = options_.host, .port = options_.http_port});
    if (!renditions.ok()) return renditions.status();
    renditions_ = *std::move(renditions);
    ops_->AddSection("Change log", [this] { return ChangeLogRows(); });
    ops_->SetReady(true);
    return absl::OkStatus();
  }

  int grpc_port() const override { return rpc_.port(); }
  int http_port() const override { return renditions_->port(); }
  int ops_port() const override { return ops_->port(); }

  void Drain() override {
    ops_->SetReady(false);
    rpc_.Drain();
    renditions_->Drain(kHttpDrain);
  }

 private:
  absl::Status ServeGrpc() {
    change::PublisherOptions publisher;
    publisher.source = "media";
    publisher.lease = options_.lease;
    publisher.restart_grace = std::max(options_.lease, options_.restart_grace);
    absl::StatusOr<std::unique_ptr<change::Publisher>> started = change::Publisher::Start(*store_, publisher);
    if (!started.ok()) return started.status();
    publisher_ = *std::move(started);
    library_service_ = std::make_unique<LibraryService>(
        *store_, library_, *publisher_,
        LibraryServiceOptions{.incoming = absl::StrCat(options_.data, "/incoming"),
                              .max_uploads = options_.max_uploads,
                              .max_pause = options_.max_upload_pause,
                              .max_upload_time = options_.max_upload_time});
    rpc_.Register(&media_service_);
    rpc_.Register(library_service_.get());
    rpc_.Register(publisher_.get());
    return rpc_.Start();
  }

  telemetry::StatusRows ChangeLogRows() const {
    telemetry::StatusRows rows = {{"log", store_->log_id()}, {"position", absl::StrCat(publisher_->head())}};
    for (const change::Publisher::FollowerState& follower : publisher_->followers()) {
      rows.emplace_back(
          absl::StrCat("follower ", follower.follower_id),
          absl::StrCat("at ", follower.acknowledged, ", lease ", absl::FormatDuration(follower.lease_left),
                       follower.connected ? "" : ", gone"));
    }
    return rows;
  }

  const MediaServerOptions options_;
  const std::unique_ptr<rpc::FolderLock> folder_lock_;
  const std::unique_ptr<SqlImageStore> store_;
  const std::unique_ptr<FileBlobStore> blobs_;
  ImageDecoder decoder_;
  ImageLibrary library_;
  MediaService media_service_;
  std::unique_ptr<change::Publisher> publisher_;
  std::unique_ptr<LibraryService> library_service_;
  rpc::Server rpc_;
  std::unique_ptr<RenditionServer> renditions_;
  const std::unique_ptr<telemetry::OpsServer> ops_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MediaServer>> MediaServer::Start(const MediaServerOptions& options) {
  if (absl::Status checked = CheckOptions(options); !checked.ok()) return checked;
  absl::StatusOr<std::unique_ptr<telemetry::OpsServer>> ops = StartOps(options);
  if (!ops.ok()) return ops.status();
  // Before anything looks into it: the recovery removes what an upload in another process has under way.
  absl::StatusOr<std::unique_ptr<rpc::FolderLock>> folder_lock =
      rpc::FolderLock::Take(options.data, "media.lock", "media");
  if (!folder_lock.ok()) return folder_lock.status();
  std::error_code error;
  const std::string incoming = absl::StrCat(options.data, "/incoming");
  std::filesystem::create_directories(incoming, error);
  if (error) return FileError(error.value(), absl::StrCat("use the data folder ", options.data));
  absl::StatusOr<std::unique_ptr<SqlImageStore>> store =
      SqlImageStore::Open({.path = absl::StrCat(options.data, "/media.db")});
  if (!store.ok()) return store.status();
  absl::StatusOr<std::unique_ptr<FileBlobStore>> blobs =
      FileBlobStore::Open(absl::StrCat(options.data, "/blobs"));
  if (!blobs.ok()) return blobs.status();
  auto server = std::make_unique<AssembledServer>(options, *std::move(ops), *std::move(folder_lock),
                                                  *std::move(store), *std::move(blobs));
  if (absl::Status serving = server->Serve(); !serving.ok()) return serving;
  return server;
}

}  // namespace broadsheet::media
