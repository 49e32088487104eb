#ifndef BROADSHEET_SERVICES_MEDIA_VALIDATION_H_
#define BROADSHEET_SERVICES_MEDIA_VALIDATION_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "broadsheet/media/v1/library_service.pb.h"
#include "broadsheet/media/v1/media_service.pb.h"
#include "libs/rpc/status.h"

namespace broadsheet::media {

// Whether requests are what the contract demands, before anything else looks at them. OK, or INVALID_ARGUMENT
// with google.rpc.BadRequest naming each field at fault.
absl::Status Validate(const v1::GetImageRequest& request);
absl::Status Validate(const v1::BatchGetImagesRequest& request);
absl::Status Validate(const v1::UploadImageRequest::Info& info);
absl::Status Validate(const v1::UpdateImageRequest& request);
absl::Status Validate(const v1::WithholdImageRequest& request);
absl::Status Validate(const v1::ListImagesRequest& request);

// 1 to 100 characters of `a-z 0-9 -`. A picture that is uploaded must have an id that does not start with
// `-`.
bool IsImageId(std::string_view text);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_VALIDATION_H_
