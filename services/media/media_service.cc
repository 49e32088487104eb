#include "services/media/media_service.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/media/image_edit.h"
#include "services/media/validation.h"

namespace broadsheet::media {
namespace {

absl::StatusOr<ImagesRead> ReadAtLeast(const ImageStore& store, const std::vector<std::string>& image_ids,
                                       std::int64_t min_position) {
  absl::StatusOr<ImagesRead> read = store.ReadImages(image_ids);
  if (read.ok() && read->snapshot.position() < min_position) {
    return absl::UnavailableError(
        absl::StrCat("the change log is at ", read->snapshot.position(), ", not yet at ", min_position));
  }
  return read;
}

bool IsUsable(const v1::Image& image) { return image.status() == v1::IMAGE_STATUS_USABLE; }

// Every picture is usable when it is uploaded, so one that is not any more was withdrawn.
absl::Status NotShown(const ImagesRead& read, const std::string& image_id) {
  const absl::Status status =
      read.images.empty()
          ? ImageNotFound(image_id)
          : rpc::NotFound("IMAGE_WITHDRAWN", absl::StrCat("image ", image_id, " was withdrawn"));
  return rpc::WithDetail(status, read.snapshot);
}

std::vector<std::string> Distinct(const google::protobuf::RepeatedPtrField<std::string>& image_ids) {
  std::vector<std::string> distinct;
  std::set<std::string_view> seen;
  for (const std::string& image_id : image_ids) {
    if (seen.insert(image_id).second) distinct.push_back(image_id);
  }
  return distinct;
}

}  // namespace

grpc::Status MediaService::GetImage(grpc::ServerContext*, const v1::GetImageRequest* request,
                                    v1::GetImageResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<ImagesRead> read = ReadAtLeast(store_, {request->image_id()}, request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  if (read->images.empty() || !IsUsable(read->images[0]))
    return rpc::ToGrpc(NotShown(*read, request->image_id()));
  *response->mutable_image() = std::move(read->images[0]);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

grpc::Status MediaService::BatchGetImages(grpc::ServerContext*, const v1::BatchGetImagesRequest* request,
                                          v1::BatchGetImagesResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<ImagesRead> read =
      ReadAtLeast(store_, Distinct(request->image_ids()), request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  for (v1::Image& image : read->images) {
    if (IsUsable(image)) *response->add_images() = std::move(image);
  }
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

}  // namespace broadsheet::media
