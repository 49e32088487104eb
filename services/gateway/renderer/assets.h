#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

inline constexpr std::size_t kMaxAssets = 64;
inline constexpr std::size_t kMaxAssetBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxAssetsBytes = 16 * 1024 * 1024;  // of all together

// The files of `directory`, by name; favicon.ico is also there as "/favicon.ico". What begins with a dot is
// ignored: a mounted ConfigMap keeps its versions so. A link is followed within the directory only.
//
// NOT_FOUND if page.css, page.js, favicon.svg or favicon.ico is missing or cannot be read. INVALID_ARGUMENT
// "FILE: reason", a line for each file, for everything else that could not be served as it is meant: a
// folder, a link that leads elsewhere, a name or a kind of file that is not known, an empty file, more or
// longer ones than there may be.
absl::StatusOr<std::vector<Asset>> LoadAssets(absl::string_view directory);

// Twelve hexadecimal digits of the SHA-256: enough to tell versions of one file apart.
std::string Fingerprint(absl::string_view bytes);

// The path of the asset that is the file `name`, for example "page.css"; empty if there is none.
std::string AssetPath(const std::vector<Asset>& assets, absl::string_view name);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_ASSETS_H_
