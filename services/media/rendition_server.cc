#include "services/media/rendition_server.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/media/rendition_path.h"

namespace broadsheet::media {
namespace {

http::Response NotFound() { return http::PlainText(404, "There is no such picture."); }

http::Response Unavailable(absl::string_view reason) {
  static telemetry::LimitedLog log;
  log.Log("unavailable", telemetry::Severity::kError, "rendition not served", {{"reason", reason}});
  http::Response response = http::PlainText(503, "Pictures cannot be served at the moment.");
  response.headers.Add("Retry-After", "2");
  return response;
}

std::shared_ptr<const http::Content> Prepare(const RenditionRead& rendition, std::string bytes) {
  http::Content::Parts parts;
  parts.content_type = rendition.media_type;
  parts.etag = rendition.blob;  // the SHA-256 of the bytes
  parts.body = std::move(bytes);
  parts.headers = {{"Cache-Control", "public, max-age=31536000, immutable"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Content-Security-Policy", "default-src 'none'; sandbox"},
                   {"Access-Control-Allow-Origin", "*"},
                   {"Cross-Origin-Resource-Policy", "cross-origin"}};
  return http::Content::Make(std::move(parts));
}

void Count(const http::Served& served) {
  telemetry::Counter("broadsheet_media_http_requests_total", "Requests answered at the renditions' port.",
                     {{"status", absl::StrCat(served.status)}})
      .Increment();
  static telemetry::Histogram seconds("broadsheet_media_http_request_seconds", "Time to answer them.");
  seconds.Observe(absl::ToDoubleSeconds(served.duration));
}

}  // namespace

RenditionServer::RenditionServer(const ImageStore& images, const BlobStore& blobs,
                                 const RenditionServerOptions& options)
    : images_(images), blobs_(blobs), options_(options), cache_(options.cache_bytes) {
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Work(); });
}

absl::StatusOr<std::unique_ptr<RenditionServer>> RenditionServer::Start(
    const ImageStore& images, const BlobStore& blobs, const RenditionServerOptions& options) {
  std::unique_ptr<RenditionServer> renditions(new RenditionServer(images, blobs, options));
  http::ServerOptions http;
  http.address = options.host;
  http.port = options.port;
  http.max_body_bytes = 0;
  http.on_served = Count;
  http.handler = [server = renditions.get()](std::shared_ptr<const http::Request> request,
                                             http::Responder responder) {
    server->Accept(std::move(request), std::move(responder));
  };
  absl::StatusOr<std::unique_ptr<http::Server>> started = http::Server::Start(std::move(http));
  if (!started.ok()) return started.status();
  renditions->server_ = *std::move(started);
  return renditions;
}

RenditionServer::~RenditionServer() {
  server_.reset();  // nothing is accepted any more
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void RenditionServer::Accept(std::shared_ptr<const http::Request> request, http::Responder responder) {
  {
    const absl::MutexLock lock(&mutex_);
    if (waiting_.size() < options_.max_waiting) {
      waiting_.push_back({std::move(request), std::move(responder)});
      return;
    }
  }
  responder.Send(Unavailable("too many requests are waiting"));
}

void RenditionServer::Work() {
  while (true) {
    std::optional<Waiting> next;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](RenditionServer* server) {
            server->mutex_.AssertHeld();
            return server->stopping_ || !server->waiting_.empty();
          },
          this));
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next->responder.Send(Answer(*next->request));
  }
}

http::Response RenditionServer::Answer(const http::Request& request) {
  const std::optional<RenditionName> name = ParseRenditionPath(request.path());
  if (!name.has_value()) return NotFound();
  absl::StatusOr<RenditionRead> rendition = images_.FindRendition(name->key, name->file);
  if (absl::IsNotFound(rendition.status())) return NotFound();
  if (!rendition.ok()) return Unavailable(rendition.status().message());
  return rendition->usable ? AnswerFromBlob(*rendition) : NotFound();
}

http::Response RenditionServer::AnswerFromBlob(const RenditionRead& rendition) {
  std::shared_ptr<const http::Content> content = cache_.Find(rendition.blob);
  if (content == nullptr) {
    absl::StatusOr<std::string> bytes = blobs_.Get(rendition.blob);
    if (!bytes.ok()) return Unavailable(bytes.status().message());
    if (static_cast<std::int64_t>(bytes->size()) != rendition.byte_size)
      return Unavailable("a blob is damaged");
    content = Prepare(rendition, *std::move(bytes));
    cache_.Insert(rendition.blob, content);
  }
  http::Response response;
  response.content = std::move(content);
  return response;
}

}  // namespace broadsheet::media
