#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_EDIT_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_EDIT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broadsheet/media/v1/library_service.pb.h"
#include "services/media/decoder_process.h"
#include "services/media/image_store.h"

// What the writes of LibraryService make of a picture. Pure: no storage, no clock.
namespace broadsheet::media {

// `metadata` or `metadata.<field>`.
bool IsMetadataPath(absl::string_view path);

// `base` with every field replaced that is set in `over`.
v1::ImageMetadata Overlay(v1::ImageMetadata base, const v1::ImageMetadata& over);

// Metadata from a client, cleaned as what files say is (clean_text.h).
v1::ImageMetadata Clean(v1::ImageMetadata metadata);

// The id of a picture uploaded without one.
std::string IdOf(const std::string& sha256);

// A new picture: what was decoded, what the client says laid over what the file says, and the renditions'
// paths. The paths follow from the renditions' bytes and the id, so nobody can guess them, they change when
// the bytes do, and no two pictures share any.
Edit NewImage(const std::string& image_id, const std::string& sha256, std::int64_t byte_size,
              const DecodedImage& decoded, const v1::ImageMetadata& metadata);

// Below, unset means: nothing changes. Errors: NOT_FOUND (IMAGE_NOT_FOUND), ABORTED (REVISION_MISMATCH),
// ALREADY_EXISTS (IMAGE_EXISTS).
using EditResult = absl::StatusOr<std::optional<Edit>>;
// The same bytes uploaded again.
EditResult Reupload(const v1::Image& current, const std::string& sha256, const v1::ImageMetadata& metadata);
EditResult Update(const std::optional<v1::Image>& current, const v1::UpdateImageRequest& request);
EditResult Withhold(const std::optional<v1::Image>& current, const v1::WithholdImageRequest& request);

absl::Status ImageNotFound(const std::string& image_id);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_EDIT_H_
