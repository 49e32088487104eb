#include "services/media/image_library.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"
#include "services/media/digest.h"
#include "services/media/image_edit.h"
#include "services/media/image_header.h"

namespace broadsheet::media {
namespace {

// What is wrong with the file is wrong with the field it came in.
absl::Status AsChunkViolation(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? rpc::InvalidArgument("chunk", std::string(status.message()))
                                         : status;
}

// Of an upload with all that it says. A repetition has been cleaned like the first.
std::string DigestOf(const Upload& upload, const std::string& sha256) {
  return Sha256(
      absl::StrCat(upload.image_id, "\n", Sha256(upload.metadata.SerializeAsString()), "\n", sha256));
}

}  // namespace

absl::Status ImageLibrary::Recover() {
  const absl::MutexLock lock(&storing_);
  return RemoveUnusedBlobs();
}

absl::StatusOr<Written> ImageLibrary::Add(const Upload& upload, absl::Time deadline,
                                          const std::function<bool()>& abandoned) {
  absl::StatusOr<MappedFile> file = MappedFile::Map(upload.file.descriptor());
  if (!file.ok()) return file.status();
  if (absl::StatusOr<ImageHeader> header = ReadImageHeader(file->bytes()); !header.ok()) {
    return AsChunkViolation(header.status());
  }
  const std::string sha256 = Sha256(file->bytes());
  absl::StatusOr<std::string> image_id = Resolve(upload, sha256);
  if (!image_id.ok()) return image_id.status();
  const WriteRequest request{.method = "UploadImage",
                             .request_id = upload.request_id,
                             .image_id = *image_id,
                             .digest = DigestOf(upload, sha256),
                             .request_id_field = "info.request_id"};
  absl::StatusOr<std::optional<Written>> answer = store_.FindAnswer(request);
  if (!answer.ok()) return answer.status();
  if (answer->has_value()) return **std::move(answer);

  absl::StatusOr<ImagesRead> present = store_.ReadImages({*image_id});
  if (!present.ok()) return present.status();
  if (!present->images.empty()) {
    return store_.Write(request, [&](const std::optional<v1::Image>& current) -> EditResult {
      if (!current.has_value()) return absl::UnavailableError("the picture has just gone");
      return Reupload(*current, sha256, upload.metadata);
    });
  }
  absl::StatusOr<DecodedImage> decoded =
      decoder_.Decode(upload.file.descriptor(), upload.metadata.language(), deadline, abandoned);
  if (!decoded.ok()) return AsChunkViolation(decoded.status());
  const Edit added =
      NewImage(*image_id, sha256, static_cast<std::int64_t>(file->bytes().size()), *decoded, upload.metadata);
  return Store(request, upload, file->bytes(), *decoded, added, abandoned);
}

absl::StatusOr<std::string> ImageLibrary::Resolve(const Upload& upload, const std::string& sha256) const {
  if (!upload.image_id.empty()) return upload.image_id;
  absl::StatusOr<std::optional<std::string>> same = store_.FindByContent(sha256);
  if (!same.ok()) return same.status();
  return same->value_or(IdOf(sha256));
}

absl::StatusOr<Written> ImageLibrary::Store(const WriteRequest& request, const Upload& upload,
                                            std::string_view original, const DecodedImage& decoded,
                                            const Edit& added, const std::function<bool()>& abandoned) {
  const absl::MutexLock lock(&storing_);
  auto store = [&]() -> absl::StatusOr<Written> {
    if (absl::Status stored = StoreBlobs(original, decoded, added); !stored.ok()) return stored;
    return store_.Write(request, [&](const std::optional<v1::Image>& current) -> EditResult {
      if (abandoned()) return absl::CancelledError("the caller has gone");
      if (current.has_value()) return Reupload(*current, added.image.sha256(), upload.metadata);
      return added;
    });
  };
  absl::StatusOr<Written> written = store();
  if (absl::Status cleared = RemoveUnusedBlobs(); !cleared.ok()) {
    telemetry::Log(telemetry::Severity::kWarning, "unused blobs are left for the next start",
                   {{"reason", cleared.message()}});
  }
  return written;
}

absl::Status ImageLibrary::StoreBlobs(std::string_view original, const DecodedImage& decoded,
                                      const Edit& added) {
  std::vector<std::string> expected = added.rendition_blobs;
  expected.push_back(added.image.sha256());
  if (absl::Status noted = store_.ExpectBlobs(expected); !noted.ok()) return noted;
  if (absl::Status put = blobs_.Put(added.image.sha256(), original).status(); !put.ok()) return put;
  for (std::size_t i = 0; i < decoded.renditions.size(); ++i) {
    absl::Status put = blobs_.Put(added.rendition_blobs[i], decoded.renditions[i]).status();
    if (!put.ok()) return put;
  }
  return absl::OkStatus();
}

absl::Status ImageLibrary::RemoveUnusedBlobs() {
  absl::StatusOr<std::vector<std::string>> unused = store_.UnusedBlobs();
  if (!unused.ok()) return unused.status();
  for (const std::string& digest : *unused) {
    if (absl::Status removed = blobs_.Remove(digest); !removed.ok()) return removed;
  }
  return store_.ForgetExpectedBlobs();
}

}  // namespace broadsheet::media
