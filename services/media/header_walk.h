#ifndef BROADSHEET_SERVICES_MEDIA_HEADER_WALK_H_
#define BROADSHEET_SERVICES_MEDIA_HEADER_WALK_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/media/image_header.h"

namespace broadsheet::media::header {

// One walk per container, for image_header.cc alone. Each fills in what it finds and checks what only it
// knows; image_header.cc checks the common limits afterwards.
absl::Status WalkJpeg(std::string_view file, const HeaderLimits& limits, ImageHeader& header);
absl::Status WalkPng(std::string_view file, const HeaderLimits& limits, ImageHeader& header);
absl::Status WalkWebp(std::string_view file, const HeaderLimits& limits, ImageHeader& header);
absl::Status WalkGif(std::string_view file, const HeaderLimits& limits, ImageHeader& header);
absl::Status WalkTiff(std::string_view file, const HeaderLimits& limits, ImageHeader& header);
absl::Status WalkHeif(std::string_view file, const HeaderLimits& limits, ImageHeader& header);

// The error of a structure that contradicts itself or ends early.
absl::Status Damaged(absl::string_view what);
// INVALID_ARGUMENT unless 1 <= width, height <= max_side and width * height <= max_pixels.
absl::Status CheckSize(std::int64_t width, std::int64_t height, const HeaderLimits& limits);

// Reads integers from the front of a buffer. Reading past the end gives zeros and makes ok() false for good,
// so that a run of reads needs one check.
class ByteReader {
 public:
  enum class Order { kBig, kLittle };

  explicit ByteReader(std::string_view bytes, Order order = Order::kBig) : rest_(bytes), order_(order) {}

  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

  // `size` bytes, 0 to 8, as one unsigned number.
  std::uint64_t Integer(std::size_t size) {
    const std::string_view bytes = Bytes(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t at = order_ == Order::kBig ? i : bytes.size() - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes[at]);
    }
    return value;
  }
  std::uint8_t U8() { return static_cast<std::uint8_t>(Integer(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Integer(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Integer(4)); }

  // The next `size` bytes; empty when there are fewer.
  std::string_view Bytes(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

 private:
  std::string_view rest_;
  Order order_;
  bool ok_ = true;
};

}  // namespace broadsheet::media::header

#endif  // BROADSHEET_SERVICES_MEDIA_HEADER_WALK_H_
