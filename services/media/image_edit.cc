#include "services/media/image_edit.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "services/media/clean_text.h"
#include "services/media/digest.h"
#include "services/media/rendition_path.h"

namespace broadsheet::media {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

absl::Status CheckCurrent(const std::optional<v1::Image>& current, const std::string& image_id,
                          std::int64_t expected) {
  if (!current.has_value()) return ImageNotFound(image_id);
  if (expected != 0 && expected != current->revision()) {
    return rpc::Aborted(
        "REVISION_MISMATCH",
        absl::StrCat("image ", image_id, " is at revision ", current->revision(), ", not ", expected),
        {{"revision", absl::StrCat(current->revision())}});
  }
  return absl::OkStatus();
}

// Readers do not notice what happens to a withheld picture.
Edit Changed(v1::Image image) {
  Edit edit;
  if (image.status() == v1::IMAGE_STATUS_USABLE) edit.noticed = change::v1::CHANGE_KIND_PUBLISHED;
  edit.image = std::move(image);
  return edit;
}

std::optional<Edit> WithMetadata(const v1::Image& current, const v1::ImageMetadata& metadata) {
  if (MessageDifferencer::Equals(current.metadata(), metadata)) return std::nullopt;
  v1::Image image = current;
  *image.mutable_metadata() = metadata;
  return Changed(std::move(image));
}

absl::string_view Extension(absl::string_view media_type) {
  return media_type == "image/webp" ? ".webp" : ".jpg";
}

}  // namespace

bool IsMetadataPath(absl::string_view path) {
  if (path == "metadata") return true;
  return absl::ConsumePrefix(&path, "metadata.") &&
         v1::ImageMetadata::descriptor()->FindFieldByName(std::string(path)) != nullptr;
}

v1::ImageMetadata Overlay(v1::ImageMetadata base, const v1::ImageMetadata& over) {
  if (over.has_focal_point())
    base.clear_focal_point();  // MergeFrom would keep a coordinate that is 0 in `over`
  base.MergeFrom(over);
  return base;
}

v1::ImageMetadata Clean(v1::ImageMetadata metadata) {
  const google::protobuf::Reflection* reflection = metadata.GetReflection();
  const google::protobuf::Descriptor* descriptor = metadata.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    reflection->SetString(&metadata, field, CleanText(reflection->GetString(metadata, field)));
  }
  return metadata;
}

std::string IdOf(const std::string& sha256) { return sha256.substr(0, 32); }

Edit NewImage(const std::string& image_id, const std::string& sha256, std::int64_t byte_size,
              const DecodedImage& decoded, const v1::ImageMetadata& metadata) {
  Edit edit;
  edit.noticed = change::v1::CHANGE_KIND_PUBLISHED;
  edit.image = decoded.image;
  edit.image.set_image_id(image_id);
  edit.image.set_sha256(sha256);
  edit.image.set_byte_size(byte_size);
  edit.image.set_status(v1::IMAGE_STATUS_USABLE);
  *edit.image.mutable_metadata() = Overlay(decoded.image.metadata(), metadata);
  std::string content = image_id;
  for (const std::string& bytes : decoded.renditions) {
    edit.rendition_blobs.push_back(Sha256(bytes));
    absl::StrAppend(&content, "\n", edit.rendition_blobs.back());
  }
  const std::string key = Sha256(content).substr(0, 32);
  for (v1::Rendition& rendition : *edit.image.mutable_renditions()) {
    rendition.set_path(
        RenditionPath({key, absl::StrCat(rendition.name(), Extension(rendition.media_type()))}));
  }
  return edit;
}

EditResult Reupload(const v1::Image& current, const std::string& sha256, const v1::ImageMetadata& metadata) {
  if (current.sha256() != sha256) {
    return rpc::AlreadyExists(
        "IMAGE_EXISTS", absl::StrCat("the id ", current.image_id(), " belongs to a picture of other bytes"),
        {{"sha256", current.sha256()}});
  }
  return WithMetadata(current, Overlay(current.metadata(), metadata));
}

EditResult Update(const std::optional<v1::Image>& current, const v1::UpdateImageRequest& request) {
  if (absl::Status valid = CheckCurrent(current, request.image_id(), request.expected_revision());
      !valid.ok()) {
    return valid;
  }
  v1::ImageMetadata metadata = current->metadata();
  const v1::ImageMetadata given = Clean(request.metadata());
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "metadata") {
      metadata = given;
      continue;
    }
    google::protobuf::FieldMask one;
    one.add_paths(std::string(absl::StripPrefix(path, "metadata.")));
    google::protobuf::util::FieldMaskUtil::MergeOptions replace;
    replace.set_replace_message_fields(true);
    metadata.GetReflection()->ClearField(&metadata, metadata.GetDescriptor()->FindFieldByName(one.paths(0)));
    google::protobuf::util::FieldMaskUtil::MergeMessageTo(given, one, replace, &metadata);
  }
  return WithMetadata(*current, metadata);
}

EditResult Withhold(const std::optional<v1::Image>& current, const v1::WithholdImageRequest& request) {
  if (absl::Status valid = CheckCurrent(current, request.image_id(), request.expected_revision());
      !valid.ok()) {
    return valid;
  }
  const bool usable = request.status() == v1::IMAGE_STATUS_USABLE;
  if (usable == (current->status() == v1::IMAGE_STATUS_USABLE)) return std::nullopt;
  Edit edit;
  edit.image = *current;
  edit.image.set_status(usable ? v1::IMAGE_STATUS_USABLE : v1::IMAGE_STATUS_WITHHELD);
  edit.noticed = usable ? change::v1::CHANGE_KIND_PUBLISHED : change::v1::CHANGE_KIND_WITHDRAWN;
  return edit;
}

absl::Status ImageNotFound(const std::string& image_id) {
  return rpc::NotFound("IMAGE_NOT_FOUND", absl::StrCat("there is no image ", image_id));
}

}  // namespace broadsheet::media
