#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_PIPELINE_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_PIPELINE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/media/image_header.h"

namespace broadsheet::media {

struct PipelineOptions {
  // Widths offered, ascending. A picture gets those below its own width and one more, at its own width: it is
  // never enlarged.
  std::vector<int> widths = {320, 640, 960, 1280, 1920};
  int max_height = 16'000;  // WebP ends at 16,383; a taller picture is made narrower
  int webp_quality = 75;
  int webp_effort = 3;
  int jpeg_quality = 82;
};

struct RenderedFile {
  std::string name;  // "w640"
  std::string media_type;
  int width = 0;
  int height = 0;
  std::string bytes;
};

struct RenderedImage {
  int width = 0;  // of the original, orientation applied
  int height = 0;
  std::string placeholder_color;    // "#rrggbb"
  std::vector<RenderedFile> files;  // by media type, and of each the smallest first
};

// Makes libvips ready: one thread, no cache, only loaders that are safe for untrusted files. Once per
// process, before Render. UNAVAILABLE when the library does not start.
absl::Status StartPipeline(const char* program);

// Decodes the first frame of `file`, which ReadImageHeader recognised as `type`, upright and in sRGB, and
// encodes it at each width. The results carry pixels and nothing else: no EXIF, XMP, IPTC, comments or
// profiles, so no place, camera or name. Deterministic for a version of the libraries. INVALID_ARGUMENT when
// the file cannot be decoded. Runs in the decoder's process, see decoder_process.h: codecs given hostile
// files may crash, loop or eat memory.
absl::StatusOr<RenderedImage> Render(std::string_view file, ImageType type, const PipelineOptions& options);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_PIPELINE_H_
