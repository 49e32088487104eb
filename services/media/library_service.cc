#include "services/media/library_service.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "services/media/digest.h"
#include "services/media/image_edit.h"
#include "services/media/validation.h"

namespace broadsheet::media {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20;
// The same for equal requests of one method.
std::string DigestOf(const google::protobuf::Message& request) { return Sha256(request.SerializeAsString()); }

absl::Status BrokenOff() { return absl::CancelledError("the upload was broken off"); }

// `STATUS:NUMBER`: the filter the token belongs to, and where its page ended.
std::string PageToken(v1::ImageStatus status, std::int64_t next) {
  return next == 0 ? "" : absl::StrCat(static_cast<int>(status), ":", next);
}

absl::StatusOr<std::int64_t> ParsePageToken(absl::string_view token, v1::ImageStatus status) {
  if (token.empty()) return 0;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits(':', 1));
  int filter = 0;
  std::int64_t before = 0;
  if (!absl::SimpleAtoi(parts.first, &filter) || !absl::SimpleAtoi(parts.second, &before) || before < 1) {
    return rpc::InvalidArgument("page_token", "is not one of this service");
  }
  if (filter != static_cast<int>(status))
    return rpc::InvalidArgument("page_token", "belongs to another status");
  return before;
}

// Names the log that positions belong to. Asked for before anything is written: a write that was made must
// not fail for want of it.
absl::StatusOr<std::string> ReadLogId(const ImageStore& store) {
  absl::StatusOr<ImagesRead> read = store.ReadImages({});
  if (!read.ok()) return read.status();
  return read->snapshot.log_id();
}

// Says which state of the log the answer belongs to, waits for the followers and says how that went. A write
// that found its work done, by a call that is still waiting perhaps, must not return before readers see it
// either: it waits as well, with nothing to report.
template <class Response>
void Propagate(change::Publisher& publisher, const std::string& log_id, const Written& written,
               Response& response) {
  const std::int64_t position = written.position != 0 ? written.position : written.found_at;
  response.mutable_snapshot()->set_log_id(log_id);
  response.mutable_snapshot()->set_position(position);
  if (position == 0) return;
  const change::v1::Propagation propagation = publisher.WaitForFollowers(position);
  if (written.position != 0) *response.mutable_propagation() = propagation;
}

}  // namespace

LibraryService::LibraryService(ImageStore& store, ImageLibrary& library, change::Publisher& publisher,
                               LibraryServiceOptions options)
    : store_(store),
      library_(library),
      publisher_(publisher),
      options_(std::move(options)),
      uploads_("uploads", options_.max_uploads, /*waiting=*/0),
      watch_(options_.max_pause) {}

grpc::Status LibraryService::UploadImage(grpc::ServerContext* context,
                                         grpc::ServerReader<v1::UploadImageRequest>* reader,
                                         v1::UploadImageResponse* response) {
  absl::StatusOr<std::string> log_id = ReadLogId(store_);
  if (!log_id.ok()) return rpc::ToGrpc(log_id.status());
  absl::StatusOr<Written> written = Receive(*context, *reader);
  if (!written.ok()) return rpc::ToGrpc(written.status());
  *response->mutable_image() = written->image;
  response->set_existed(written->existed);
  Propagate(publisher_, *log_id, *written, *response);
  return grpc::Status::OK;
}

absl::StatusOr<Written> LibraryService::Receive(grpc::ServerContext& context,
                                                grpc::ServerReader<v1::UploadImageRequest>& reader) {
  auto abandoned = [&context] { return context.IsCancelled(); };
  const absl::Time deadline =
      std::min(absl::FromChrono(context.deadline()), absl::Now() + options_.max_upload_time);
  absl::StatusOr<WorkSlots::Lease> slot = uploads_.Acquire(deadline, abandoned);
  if (!slot.ok()) return slot.status();
  reader.SendInitialMetadata();  // tells a client that waits for it that the upload has its place
  absl::StatusOr<Spool> file = Spool::Create(options_.incoming);
  if (!file.ok()) return file.status();
  v1::UploadImageRequest first;
  {
    UploadWatch::Guard guard(watch_, context);
    if (!reader.Read(&first))
      return context.IsCancelled() ? BrokenOff() : rpc::InvalidArgument("info", "is missing");
  }
  if (!first.has_info()) return rpc::InvalidArgument("info", "must be the first message");
  if (absl::Status valid = Validate(first.info()); !valid.ok()) return valid;
  if (absl::Status received = ReceiveChunks(context, reader, deadline, *file); !received.ok())
    return received;
  const Upload upload{.request_id = first.info().request_id(),
                      .image_id = first.info().image_id(),
                      .metadata = Clean(first.info().metadata()),
                      .file = *std::move(file)};
  return library_.Add(upload, deadline, abandoned);
}

absl::Status LibraryService::ReceiveChunks(grpc::ServerContext& context,
                                           grpc::ServerReader<v1::UploadImageRequest>& reader,
                                           absl::Time deadline, Spool& file) {
  UploadWatch::Guard guard(watch_, context);
  v1::UploadImageRequest message;
  while (reader.Read(&message)) {
    guard.Progress();
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the upload takes too long");
    if (!message.has_chunk())
      return rpc::InvalidArgument("chunk", "must be in every message after the first");
    if (message.chunk().empty()) return rpc::InvalidArgument("chunk", "must not be empty");
    if (message.chunk().size() > kMaxChunkBytes)
      return rpc::InvalidArgument("chunk", "must be at most 1 MiB");
    if (file.size() + message.chunk().size() > kMaxFileBytes) {
      return rpc::InvalidArgument("chunk", "the file is larger than 64 MiB");
    }
    if (absl::Status appended = file.Append(message.chunk()); !appended.ok()) return appended;
  }
  if (context.IsCancelled()) return BrokenOff();
  return file.size() == 0 ? rpc::InvalidArgument("chunk", "the file is empty") : absl::OkStatus();
}

grpc::Status LibraryService::UpdateImage(grpc::ServerContext*, const v1::UpdateImageRequest* request,
                                         v1::UpdateImageResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<std::string> log_id = ReadLogId(store_);
  if (!log_id.ok()) return rpc::ToGrpc(log_id.status());
  absl::StatusOr<Written> written =
      store_.Write({.method = "UpdateImage",
                    .request_id = request->request_id(),
                    .image_id = request->image_id(),
                    .digest = DigestOf(*request)},
                   [request](const std::optional<v1::Image>& current) { return Update(current, *request); });
  if (!written.ok()) return rpc::ToGrpc(written.status());
  *response->mutable_image() = written->image;
  Propagate(publisher_, *log_id, *written, *response);
  return grpc::Status::OK;
}

grpc::Status LibraryService::WithholdImage(grpc::ServerContext*, const v1::WithholdImageRequest* request,
                                           v1::WithholdImageResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<std::string> log_id = ReadLogId(store_);
  if (!log_id.ok()) return rpc::ToGrpc(log_id.status());
  absl::StatusOr<Written> written = store_.Write(
      {.method = "WithholdImage",
       .request_id = request->request_id(),
       .image_id = request->image_id(),
       .digest = DigestOf(*request)},
      [request](const std::optional<v1::Image>& current) { return Withhold(current, *request); });
  if (!written.ok()) return rpc::ToGrpc(written.status());
  *response->mutable_image() = written->image;
  Propagate(publisher_, *log_id, *written, *response);
  return grpc::Status::OK;
}

grpc::Status LibraryService::ListImages(grpc::ServerContext*, const v1::ListImagesRequest* request,
                                        v1::ListImagesResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<std::int64_t> before = ParsePageToken(request->page_token(), request->status());
  if (!before.ok()) return rpc::ToGrpc(before.status());
  ListRequest list{.status = std::nullopt, .before = *before, .limit = 20};
  if (request->status() != v1::IMAGE_STATUS_UNSPECIFIED) list.status = request->status();
  if (request->page_size() > 0) list.limit = std::min(request->page_size(), 100);
  absl::StatusOr<ListRead> read = store_.List(list);
  if (!read.ok()) return rpc::ToGrpc(read.status());
  for (v1::Image& image : read->images) *response->add_images() = std::move(image);
  response->set_next_page_token(PageToken(request->status(), read->next));
  return grpc::Status::OK;
}

}  // namespace broadsheet::media
