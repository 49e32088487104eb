#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// The files of `directory` that pages refer to, each under a path with a hash of its bytes: page.css,
// page.js, favicon.svg, favicon.ico (also as "/favicon.ico"). NOT_FOUND if one is missing or cannot be read.
absl::StatusOr<std::vector<Asset>> LoadAssets(absl::string_view directory);

// Twelve hexadecimal digits of the SHA-256: enough to tell versions of one file apart.
std::string Fingerprint(absl::string_view bytes);

// The path of the asset that was the file `name`, for example "page.css"; empty if there is none.
std::string AssetPath(const std::vector<Asset>& assets, absl::string_view name);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_
