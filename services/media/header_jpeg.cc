#include <string>

#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t kEndOfImage = 0xd9;
constexpr std::uint8_t kStartOfScan = 0xda;

bool IsFrame(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// Markers without a length: TEM and RST0 to RST7.
bool StandsAlone(std::uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7); }

absl::Status ReadFrame(std::uint8_t marker, std::string_view segment, const HeaderLimits& limits,
                       ImageHeader& header) {
  if (header.width != 0) return Damaged("it has two frame headers");
  if (marker > 0xc2)
    return absl::InvalidArgumentError("lossless, hierarchical and arithmetic JPEG are not supported");
  ByteReader reader(segment);
  const std::uint8_t precision = reader.U8();
  header.height = reader.U16();
  header.width = reader.U16();
  header.components = reader.U8();
  if (!reader.ok()) return Damaged("its frame header is cut off");
  if (precision != 8) return absl::InvalidArgumentError("only JPEG of 8 bits per sample is supported");
  if (header.components != 1 && header.components != 3 && header.components != 4) {
    return Damaged("it has neither 1, 3 nor 4 components");
  }
  return CheckSize(header.width, header.height, limits);
}

void KeepMetadata(std::uint8_t marker, std::string_view segment, const HeaderLimits& limits,
                  MetadataBlocks& blocks) {
  constexpr std::string_view kExif = "Exif\0\0"sv;
  constexpr std::string_view kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;
  constexpr std::string_view kPhotoshop = "Photoshop 3.0\0"sv;
  if (marker == 0xe1 && segment.starts_with(kExif) && blocks.exif.empty()) {
    blocks.exif = segment.substr(kExif.size());
  } else if (marker == 0xe1 && segment.starts_with(kXmp) && blocks.xmp.empty()) {
    blocks.xmp = segment.substr(kXmp.size());
  } else if (marker == 0xed && segment.starts_with(kPhotoshop) &&
             blocks.photoshop.size() + segment.size() <= limits.max_metadata_bytes) {
    blocks.photoshop += segment.substr(kPhotoshop.size());  // long resources continue in the next segment
  }
}

// Skips the coded data of a scan, up to the marker that ends it.
std::string_view SkipScanData(std::string_view rest) {
  for (std::size_t at = rest.find('\xff'); at != rest.npos; at = rest.find('\xff', at + 1)) {
    if (at + 1 >= rest.size()) break;
    const auto next = static_cast<std::uint8_t>(rest[at + 1]);
    if (next != 0x00 && next != 0xff && !StandsAlone(next)) return rest.substr(at);
  }
  return {};
}

}  // namespace

absl::Status WalkJpeg(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  std::string_view rest = file.substr(2);
  while (true) {
    ByteReader reader(rest);
    if (reader.U8() != 0xff || !reader.ok()) return Damaged("it ends early, or a marker is missing");
    std::uint8_t marker = reader.U8();
    while (marker == 0xff) marker = reader.U8();  // fill bytes
    if (!reader.ok()) return Damaged("it ends before its end marker");
    if (marker == kEndOfImage) break;
    if (StandsAlone(marker)) {
      rest = reader.rest();
      continue;
    }
    if (marker < 0xc0) return Damaged("it holds an unknown marker");
    const std::uint16_t length = reader.U16();
    if (length < 2) return Damaged("a segment has no length");
    const std::string_view segment = reader.Bytes(length - 2);
    if (!reader.ok()) return Damaged("a segment is longer than the file");
    rest = reader.rest();
    if (IsFrame(marker)) {
      if (absl::Status frame = ReadFrame(marker, segment, limits, header); !frame.ok()) return frame;
    } else if (marker == kStartOfScan) {
      if (header.width == 0) return Damaged("it has a scan before its frame header");
      if (++header.scans > limits.max_scans) return absl::OkStatus();  // refused by the caller
      rest = SkipScanData(rest);
      if (rest.empty()) return Damaged("it ends in the middle of a scan");
    } else {
      KeepMetadata(marker, segment, limits, header.metadata);
    }
  }
  if (header.scans == 0) return Damaged("it holds no picture data");
  return absl::OkStatus();
}

}  // namespace broadsheet::media::header
