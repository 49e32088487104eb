#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_PREVIEW_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_PREVIEW_H_

#include <filesystem>

#include "absl/status/status.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway::testing {

// Writes the sample pages, feeds, sitemaps and assets into `folder`, which is made if it is not there, so
// that a file server that knows nothing but `index.html` (python3 -m http.server) answers at their addresses:
// the page of /harbour is harbour/index.html. Pages of trouble are under extra/ and at 404.html and the like.
// Pictures are not among them. UNAVAILABLE: a file could not be written.
absl::Status WritePreview(const Renderer& renderer, const std::filesystem::path& folder);

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_PREVIEW_H_
