#ifndef BROADSHEET_SERVICES_MEDIA_DECODER_PROCESS_H_
#define BROADSHEET_SERVICES_MEDIA_DECODER_PROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "broadsheet/media/v1/image.pb.h"

namespace broadsheet::media {

// What the decoder makes of a file.
struct DecodedImage {
  // width, height, media_type, placeholder_color, metadata as the file says, renditions without paths.
  v1::Image image;
  std::vector<std::string> renditions;  // their bytes, in order
};

// What the decoder may use: far beyond what any picture within HeaderLimits needs.
inline constexpr unsigned long long kDecoderMemoryBytes = 3ULL << 30;  // of address space
inline constexpr int kDecoderCpuSeconds = 30;

// The whole life of the decoder: a process of its own, started by ImageDecoder (`media --decode`), in which a
// hostile file may crash or exhaust the codecs without harm to the service. Gives up privileges it could
// gain, files it could write, and memory and CPU time beyond the limits; then reads the picture from
// descriptor 0, writes one answer (EncodeAnswer) to descriptor 1, and returns the process's exit status.
int RunDecoder(const char* program, std::string_view language);

// The answer as bytes: a status, and with OK the picture.
std::string EncodeAnswer(const absl::StatusOr<DecodedImage>& decoded);
// The reverse. The process that wrote it may have been taken over by the file it decoded, so everything is
// checked: INTERNAL unless it is complete and each rendition is a picture of the type and size it claims.
absl::StatusOr<DecodedImage> ParseAnswer(std::string_view answer);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_DECODER_PROCESS_H_
