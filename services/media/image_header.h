#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_HEADER_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace broadsheet::media {

// What a file is, by its bytes; its name and what the client says of it play no part.
enum class ImageType { kJpeg, kPng, kWebp, kGif, kTiff, kHeic, kHeif, kAvif };

// "image/jpeg", …
std::string_view MediaType(ImageType type);

// The blocks that captions and credits live in, raw and untrusted. Empty: the file has none.
struct MetadataBlocks {
  std::string exif;       // a TIFF structure, without "Exif\0\0"
  std::string xmp;        // the packet
  std::string photoshop;  // 8BIM resources, without "Photoshop 3.0\0"
  std::string iim;        // IPTC-IIM datasets that stand outside 8BIM resources (TIFF tag 33723)
};

struct ImageHeader {
  ImageType type = ImageType::kJpeg;
  std::int64_t width = 0;  // as stored, before any orientation is applied
  std::int64_t height = 0;
  int components = 0;  // channels; 0 when the container does not say
  int frames = 1;
  int scans = 0;  // JPEG only
  MetadataBlocks metadata;
};

// What a codec may be asked to do. A small file can demand seconds of CPU and gigabytes: these are checked
// before any codec sees it.
struct HeaderLimits {
  std::int64_t max_pixels = 100'000'000;
  std::int64_t max_side = 65'535;
  int max_frames = 2'000;
  int max_scans = 100;  // progressive JPEGs have about ten; each costs a pass over all coefficients
  std::size_t max_expanded_bytes = 4 * 1024 * 1024;   // of each compressed profile or text chunk
  std::size_t max_metadata_bytes = 16 * 1024 * 1024;  // of all blocks together
};

// Walks the file's structure from its first byte to its last, decoding nothing. INVALID_ARGUMENT, with a
// sentence for the uploader, when the type is not supported, the structure is damaged or ends early, or a
// limit is exceeded. Takes time linear in the size of the file; never recurses deeper than eight.
absl::StatusOr<ImageHeader> ReadImageHeader(std::string_view file, const HeaderLimits& limits = {});

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_HEADER_H_
