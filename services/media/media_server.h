#ifndef BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_H_
#define BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/ops_server.h"
#include "services/media/image_decoder.h"

namespace broadsheet::media {

struct MediaServerOptions {
  std::string host = "127.0.0.1";
  int grpc_port = 0;  // 0, for each: any free one
  int http_port = 0;
  int ops_port = 0;
  std::string data;  // folder; made if absent
  absl::Duration lease = absl::Milliseconds(500);
  // How long the first write waits for followers of the run before; a lease at least.
  absl::Duration restart_grace = absl::ZeroDuration();
  absl::Duration drain = absl::ZeroDuration();
  int max_uploads = 16;
  absl::Duration max_upload_pause = absl::Seconds(30);
  absl::Duration max_upload_time = absl::Minutes(10);
  ImageDecoderOptions decoder;
  telemetry::StatusRows flags;  // shown on /status
};

// The whole service: storage, change log, gRPC, renditions over HTTP, operators' port.
class MediaServer {
 public:
  // Serving when it returns. Errors, each in one sentence: the folder cannot be used, a port is taken, an
  // option is out of range, by its flag's name. The operators' port answers first, so that one that prepares
  // its database for long is seen to live.
  static absl::StatusOr<std::unique_ptr<MediaServer>> Start(const MediaServerOptions& options);
  virtual ~MediaServer() = default;

  virtual int grpc_port() const = 0;
  virtual int http_port() const = 0;
  virtual int ops_port() const = 0;

  // Not ready from now on; serves for `options.drain`, finishes what is in flight, and returns when nothing
  // runs.
  virtual void Drain() = 0;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_MEDIA_SERVER_H_
