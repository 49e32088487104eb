#include <string>

#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

using namespace std::string_view_literals;

constexpr auto kLittle = ByteReader::Order::kLittle;

absl::Status ReadLossy(std::string_view data, ImageHeader& header) {
  ByteReader reader(data, kLittle);
  const std::uint32_t tag = static_cast<std::uint32_t>(reader.Integer(3));
  const std::string_view start_code = reader.Bytes(3);
  header.width = reader.U16() & 0x3fff;
  header.height = reader.U16() & 0x3fff;
  if (!reader.ok() || (tag & 1) != 0 || start_code != "\x9d\x01\x2a"sv)
    return Damaged("its VP8 header is wrong");
  return absl::OkStatus();
}

absl::Status ReadLossless(std::string_view data, ImageHeader& header) {
  ByteReader reader(data, kLittle);
  const std::uint8_t signature = reader.U8();
  const std::uint32_t bits = reader.U32();
  if (!reader.ok() || signature != 0x2f) return Damaged("its VP8L header is wrong");
  header.width = (bits & 0x3fff) + 1;
  header.height = (bits >> 14 & 0x3fff) + 1;
  return absl::OkStatus();
}

absl::Status ReadExtended(std::string_view data, ImageHeader& header) {
  ByteReader reader(data, kLittle);
  reader.U32();  // flags
  header.width = static_cast<std::int64_t>(reader.Integer(3)) + 1;
  header.height = static_cast<std::int64_t>(reader.Integer(3)) + 1;
  if (!reader.ok()) return Damaged("its VP8X header is cut off");
  return absl::OkStatus();
}

// The canvas of an extended file stands; a simple one is as large as its only frame.
absl::Status ReadChunk(std::string_view type, std::string_view data, bool& has_data, ImageHeader& header) {
  ImageHeader frame;
  absl::Status read;
  if (type == "VP8X") return ReadExtended(data, header);
  if (type == "VP8 " || type == "VP8L") {
    read = type == "VP8 " ? ReadLossy(data, frame) : ReadLossless(data, frame);
    has_data = true;
    if (header.width == 0) {
      header.width = frame.width;
      header.height = frame.height;
    } else if (read.ok() && (frame.width != header.width || frame.height != header.height)) {
      read = Damaged("its frame is not as large as its canvas");
    }
  } else if (type == "ANMF") {
    header.frames += has_data ? 1 : 0;
    has_data = true;
  } else if (type == "EXIF") {
    header.metadata.exif = data.starts_with("Exif\0\0"sv) ? data.substr(6) : data;
  } else if (type == "XMP ") {
    header.metadata.xmp = data;
  }
  return read;
}

}  // namespace

absl::Status WalkWebp(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  ByteReader riff(file.substr(4), kLittle);
  const std::uint32_t size = riff.U32();
  ByteReader reader(riff.Bytes(size), kLittle);
  if (!riff.ok() || reader.Bytes(4) != "WEBP") return Damaged("it ends early");
  header.components = 3;
  bool has_data = false;
  while (reader.ok() && reader.rest().size() >= 8 && header.frames <= limits.max_frames) {
    const std::string_view type = reader.Bytes(4);
    const std::uint32_t length = reader.U32();
    const std::string_view data = reader.Bytes(length);
    if (!reader.ok()) return Damaged("a chunk is longer than the file");
    if (length % 2 == 1 && !reader.rest().empty()) reader.Bytes(1);
    if (absl::Status read = ReadChunk(type, data, has_data, header); !read.ok()) return read;
  }
  if (!has_data) return Damaged("it holds no picture data");
  return absl::OkStatus();
}

}  // namespace broadsheet::media::header
