#include "services/media/validation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/media/image_edit.h"
#include "services/media/metadata_limits.h"

namespace broadsheet::media {
namespace {

using Violations = std::vector<rpc::Violation>;

constexpr std::string_view kIdForm = "must be 1 to 100 characters of a-z, 0-9 and -";
constexpr int kMaxMaskPaths = 100;

absl::Status Answer(const Violations& violations) {
  return violations.empty() ? absl::OkStatus() : rpc::InvalidArgument(violations);
}

void CheckImageId(const std::string& field, std::string_view image_id, Violations& violations) {
  if (!IsImageId(image_id)) violations.push_back({field, std::string(kIdForm)});
}

// As stories name them: earlier releases took pictures under ids that no story could have.
void CheckNewImageId(const std::string& field, std::string_view image_id, Violations& violations) {
  if (!IsImageId(image_id)) return CheckImageId(field, image_id, violations);
  if (image_id.front() == '-') violations.push_back({field, "must start with a letter or a digit"});
}

void CheckRequestId(std::string_view request_id, Violations& violations) {
  if (request_id.size() > 100) violations.push_back({"request_id", "must be at most 100 bytes"});
}

void CheckRevision(std::int64_t revision, Violations& violations) {
  if (revision < 0) violations.push_back({"expected_revision", "must not be negative"});
}

void CheckPosition(std::int64_t position, Violations& violations) {
  if (position < 0) violations.push_back({"min_position", "must not be negative"});
}

void CheckLength(const std::string& field, std::string_view text, std::size_t limit, Violations& violations) {
  if (text.size() > limit) {
    violations.push_back({field, absl::StrCat("must be at most ", limit, " bytes, is ", text.size())});
  }
}

// Subtags of BCP 47, well-formed though not looked up.
bool IsLanguageTag(absl::string_view tag) {
  if (tag.size() > 35) return false;
  bool first = true;
  for (const absl::string_view subtag : absl::StrSplit(tag, '-')) {
    const bool fits = first ? std::ranges::all_of(subtag, absl::ascii_isalpha) && subtag.size() >= 2
                            : std::ranges::all_of(subtag, absl::ascii_isalnum) && !subtag.empty();
    if (!fits || subtag.size() > 8) return false;
    first = false;
  }
  return true;
}

bool IsFraction(double value) { return std::isfinite(value) && value >= 0 && value <= 1; }

void CheckMetadata(const v1::ImageMetadata& metadata, const std::string& prefix, Violations& violations) {
  CheckLength(prefix + ".caption", metadata.caption(), kMaxCaptionBytes, violations);
  CheckLength(prefix + ".alt_text", metadata.alt_text(), kMaxAltTextBytes, violations);
  CheckLength(prefix + ".credit_line", metadata.credit_line(), kMaxCreditLineBytes, violations);
  CheckLength(prefix + ".creator", metadata.creator(), kMaxCreatorBytes, violations);
  CheckLength(prefix + ".copyright_notice", metadata.copyright_notice(), kMaxCopyrightNoticeBytes,
              violations);
  CheckLength(prefix + ".usage_terms", metadata.usage_terms(), kMaxUsageTermsBytes, violations);
  if (!metadata.language().empty() && !IsLanguageTag(metadata.language())) {
    violations.push_back({prefix + ".language", "must be a BCP 47 language tag such as en-GB"});
  }
  if (metadata.has_focal_point() && !IsFraction(metadata.focal_point().x())) {
    violations.push_back({prefix + ".focal_point.x", "must be between 0 and 1"});
  }
  if (metadata.has_focal_point() && !IsFraction(metadata.focal_point().y())) {
    violations.push_back({prefix + ".focal_point.y", "must be between 0 and 1"});
  }
}

}  // namespace

bool IsImageId(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::Status Validate(const v1::GetImageRequest& request) {
  Violations violations;
  CheckImageId("image_id", request.image_id(), violations);
  CheckPosition(request.min_position(), violations);
  return Answer(violations);
}

absl::Status Validate(const v1::BatchGetImagesRequest& request) {
  Violations violations;
  if (request.image_ids().empty() || request.image_ids_size() > 200) {
    violations.push_back({"image_ids", "must hold 1 to 200 ids"});
  } else {
    for (int i = 0; i < request.image_ids_size(); ++i) {
      CheckImageId(absl::StrCat("image_ids[", i, "]"), request.image_ids(i), violations);
    }
  }
  CheckPosition(request.min_position(), violations);
  return Answer(violations);
}

absl::Status Validate(const v1::UploadImageRequest::Info& info) {
  Violations violations;
  if (info.request_id().size() > 100) violations.push_back({"info.request_id", "must be at most 100 bytes"});
  if (!info.image_id().empty()) CheckNewImageId("info.image_id", info.image_id(), violations);
  CheckMetadata(info.metadata(), "info.metadata", violations);
  return Answer(violations);
}

absl::Status Validate(const v1::UpdateImageRequest& request) {
  Violations violations;
  CheckRequestId(request.request_id(), violations);
  CheckImageId("image_id", request.image_id(), violations);
  CheckRevision(request.expected_revision(), violations);
  CheckMetadata(request.metadata(), "metadata", violations);
  if (request.update_mask().paths().empty()) {
    violations.push_back({"update_mask", "must name at least one field"});
  }
  if (request.update_mask().paths_size() > kMaxMaskPaths) {
    violations.push_back({"update_mask", absl::StrCat("must have at most ", kMaxMaskPaths, " paths")});
    return Answer(violations);
  }
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    if (!IsMetadataPath(request.update_mask().paths(i))) {
      violations.push_back({absl::StrCat("update_mask.paths[", i, "]"),
                            "must be metadata or one of its fields, such as metadata.caption"});
    }
  }
  return Answer(violations);
}

absl::Status Validate(const v1::WithholdImageRequest& request) {
  Violations violations;
  CheckRequestId(request.request_id(), violations);
  CheckImageId("image_id", request.image_id(), violations);
  CheckRevision(request.expected_revision(), violations);
  if (!v1::ImageStatus_IsValid(request.status())) {
    violations.push_back({"status", "must be IMAGE_STATUS_WITHHELD or IMAGE_STATUS_USABLE"});
  }
  return Answer(violations);
}

absl::Status Validate(const v1::ListImagesRequest& request) {
  Violations violations;
  if (request.page_size() < 0) violations.push_back({"page_size", "must not be negative"});
  if (!v1::ImageStatus_IsValid(request.status())) violations.push_back({"status", "is not a known state"});
  return Answer(violations);
}

}  // namespace broadsheet::media
