#include <string>

#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

// Skips a chain of sub-blocks: length byte and data, ended by a length of 0.
bool SkipSubBlocks(ByteReader& reader) {
  while (const std::uint8_t length = reader.U8()) reader.Bytes(length);
  return reader.ok();
}

void SkipColorTable(ByteReader& reader, std::uint8_t flags) {
  if (flags & 0x80) reader.Bytes(std::size_t{3} << ((flags & 0x07) + 1));
}

// An XMP application extension stores the packet as it is and then 258 bytes that end the chain of sub-blocks
// wherever a reader that takes the text for lengths may land.
void KeepXmp(std::string_view rest, MetadataBlocks& blocks) {
  constexpr std::string_view kEnd = "<?xpacket end=";
  const std::size_t end = rest.find(kEnd);
  if (end == rest.npos || end > 1024 * 1024) return;
  blocks.xmp = rest.substr(0, rest.find('>', end) == rest.npos ? end : rest.find('>', end) + 1);
}

bool SkipExtension(ByteReader& reader, MetadataBlocks& blocks) {
  constexpr std::uint8_t kApplication = 0xff;
  const std::uint8_t label = reader.U8();
  if (label == kApplication) {
    const std::string_view name = reader.Bytes(reader.U8());
    if (name == "XMP DataXMP") KeepXmp(reader.rest(), blocks);
  }
  return SkipSubBlocks(reader);
}

bool SkipFrame(ByteReader& reader) {
  reader.Bytes(8);  // position and size within the canvas, which the decoder clips to
  SkipColorTable(reader, reader.U8());
  reader.U8();  // minimum code size
  return SkipSubBlocks(reader);
}

}  // namespace

absl::Status WalkGif(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  ByteReader reader(file.substr(6), ByteReader::Order::kLittle);
  header.width = reader.U16();
  header.height = reader.U16();
  const std::uint8_t flags = reader.U8();
  reader.Bytes(2);  // background colour, aspect ratio
  SkipColorTable(reader, flags);
  if (!reader.ok()) return Damaged("its header is cut off");
  if (absl::Status size = CheckSize(header.width, header.height, limits); !size.ok()) return size;
  header.components = 3;
  header.frames = 0;
  while (header.frames <= limits.max_frames) {
    const std::uint8_t introducer = reader.U8();
    if (introducer == 0x3b && reader.ok()) break;
    if (introducer == 0x21) {
      if (!SkipExtension(reader, header.metadata)) return Damaged("it ends in the middle of an extension");
    } else if (introducer == 0x2c) {
      if (!SkipFrame(reader)) return Damaged("it ends in the middle of a frame");
      ++header.frames;
    } else {
      return Damaged("it ends early, or a block is of no known kind");
    }
  }
  if (header.frames == 0) return Damaged("it holds no picture data");
  return absl::OkStatus();
}

}  // namespace broadsheet::media::header
