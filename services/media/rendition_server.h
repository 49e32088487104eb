#ifndef BROADSHEET_SERVICES_MEDIA_RENDITION_SERVER_H_
#define BROADSHEET_SERVICES_MEDIA_RENDITION_SERVER_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/http/server.h"
#include "services/media/blob_store.h"
#include "services/media/content_cache.h"
#include "services/media/image_store.h"

namespace broadsheet::media {

struct RenditionServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;                     // 0: any free one
  int threads = 4;                  // reading records and blobs
  std::size_t max_waiting = 1'000;  // requests; beyond: 503
  std::size_t cache_bytes = std::size_t{64} << 20;
};

// Serves renditions at their paths over HTTP: to be cached for ever, by anybody, and harmless wherever they
// are opened. 404, not to be cached, for paths that are unknown and for those of withheld pictures: the
// record is asked at every request, so a picture is gone from here when WithholdImage has committed. 503
// while the storage does not work.
class RenditionServer {
 public:
  // The stores must outlive the server. Errors as http::Server::Start.
  static absl::StatusOr<std::unique_ptr<RenditionServer>> Start(const ImageStore& images,
                                                                const BlobStore& blobs,
                                                                const RenditionServerOptions& options);
  ~RenditionServer();

  int port() const { return server_->port(); }
  void Drain(absl::Duration timeout) { server_->Drain(timeout); }

 private:
  struct Waiting {
    std::shared_ptr<const http::Request> request;
    http::Responder responder;
  };

  RenditionServer(const ImageStore& images, const BlobStore& blobs, const RenditionServerOptions& options);

  void Accept(std::shared_ptr<const http::Request> request, http::Responder responder);
  void Work();
  http::Response Answer(const http::Request& request);
  http::Response AnswerFromBlob(const RenditionRead& rendition);

  const ImageStore& images_;
  const BlobStore& blobs_;
  const RenditionServerOptions options_;
  ContentCache cache_;
  absl::Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_RENDITION_SERVER_H_
