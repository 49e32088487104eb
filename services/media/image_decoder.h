#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_DECODER_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_DECODER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/media/decoder_process.h"
#include "services/media/work_slots.h"

namespace broadsheet::media {

struct ImageDecoderOptions {
  // Started as `program --decode --decode_language=TAG`, which must call RunDecoder. The default is the
  // running program itself, also after its file has been replaced.
  std::string program = "/proc/self/exe";
  int at_work = 2;                               // decoders at a time; each uses one core
  int waiting = 32;                              // pictures waiting for one
  absl::Duration time_limit = absl::Minutes(2);  // for one picture, wall clock
};

// Decodes pictures in processes of their own, one per picture. Thread-safe.
class ImageDecoder {
 public:
  explicit ImageDecoder(ImageDecoderOptions options);

  // Decodes the file open at `descriptor`, from its beginning; blocks. INVALID_ARGUMENT, with a sentence for
  // the uploader: it is no picture, it is damaged, or its decoder crashed or exceeded its limits.
  // RESOURCE_EXHAUSTED: too many pictures at once; or the decoder was ended from outside, as a machine
  // without memory does, or was not done in `time_limit`, though within its CPU time. CANCELLED: `abandoned`
  // (asked a few times a second) said so. UNAVAILABLE: no process could be started.
  absl::StatusOr<DecodedImage> Decode(int descriptor, const std::string& language, absl::Time deadline,
                                      const std::function<bool()>& abandoned);

 private:
  const ImageDecoderOptions options_;
  WorkSlots slots_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_DECODER_H_
