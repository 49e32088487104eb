#include <zlib.h>

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

using namespace std::string_view_literals;

// Expands a zlib stream; nothing when it is damaged or expands beyond `max_bytes`.
std::optional<std::string> Expand(std::string_view compressed, std::size_t max_bytes) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return std::nullopt;
  std::string expanded;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  int state = Z_OK;
  while (state == Z_OK && expanded.size() <= max_bytes) {
    const std::size_t before = expanded.size();
    expanded.resize(before + 64 * 1024);
    stream.next_out = reinterpret_cast<Bytef*>(expanded.data() + before);
    stream.avail_out = 64 * 1024;
    state = inflate(&stream, Z_NO_FLUSH);
    expanded.resize(expanded.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END || expanded.size() > max_bytes) return std::nullopt;
  return expanded;
}

// What ImageMagick and exiftool write where PNG has no chunk of its own: "\niptc\n     123\n" and hexadecimal
// lines.
std::string FromRawProfile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return "";
    text.remove_prefix(end + 1);
  }
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) digits += c;
  }
  return digits.size() % 2 == 0 ? absl::HexStringToBytes(digits) : "";
}

void KeepRawProfile(std::string_view keyword, std::string_view text, MetadataBlocks& blocks) {
  if (keyword == "Raw profile type iptc") {
    std::string bytes = FromRawProfile(text);
    if (bytes.starts_with("8BIM")) {
      blocks.photoshop = std::move(bytes);
    } else {
      blocks.iim = std::move(bytes);
    }
  } else if (keyword == "Raw profile type exif" || keyword == "Raw profile type APP1") {
    std::string bytes = FromRawProfile(text);
    if (bytes.starts_with("Exif\0\0"sv)) bytes.erase(0, 6);
    if (blocks.exif.empty()) blocks.exif = std::move(bytes);
  }
}

// Splits "keyword\0rest".
std::pair<std::string_view, std::string_view> SplitAtNul(std::string_view data) {
  const std::size_t nul = data.find('\0');
  if (nul == data.npos) return {data, {}};
  return {data.substr(0, nul), data.substr(nul + 1)};
}

absl::Status TooLarge(absl::string_view chunk, const HeaderLimits& limits) {
  return absl::InvalidArgumentError(absl::StrCat("a ", chunk,
                                                 " chunk of the PNG is damaged or expands to more than ",
                                                 limits.max_expanded_bytes, " bytes"));
}

// iTXt: keyword, compression flag and method, language tag, translated keyword, text.
absl::Status ReadInternationalText(std::string_view data, const HeaderLimits& limits,
                                   MetadataBlocks& blocks) {
  const auto [keyword, rest] = SplitAtNul(data);
  if (rest.size() < 2) return Damaged("a text chunk is cut off");
  const bool compressed = rest[0] != 0;
  const std::string_view text = SplitAtNul(SplitAtNul(rest.substr(2)).second).second;
  std::optional<std::string> plain =
      compressed ? Expand(text, limits.max_expanded_bytes) : std::make_optional<std::string>(text);
  if (!plain.has_value()) return TooLarge("text", limits);
  if (keyword == "XML:com.adobe.xmp" && blocks.xmp.empty()) blocks.xmp = *std::move(plain);
  return absl::OkStatus();
}

absl::Status ReadAncillary(std::string_view type, std::string_view data, const HeaderLimits& limits,
                           MetadataBlocks& blocks) {
  if (type == "eXIf") {
    blocks.exif = data;
  } else if (type == "tEXt") {
    const auto [keyword, text] = SplitAtNul(data);
    KeepRawProfile(keyword, text, blocks);
  } else if (type == "zTXt" || type == "iCCP") {
    const auto [keyword, rest] = SplitAtNul(data);
    if (rest.empty()) return Damaged("a compressed chunk is cut off");
    std::optional<std::string> plain = Expand(rest.substr(1), limits.max_expanded_bytes);
    if (!plain.has_value()) return TooLarge(type == "zTXt" ? "text" : "colour profile", limits);
    if (type == "zTXt") KeepRawProfile(keyword, *plain, blocks);
  } else if (type == "iTXt") {
    return ReadInternationalText(data, limits, blocks);
  }
  return absl::OkStatus();
}

absl::Status ReadImageHeaderChunk(std::string_view data, const HeaderLimits& limits, ImageHeader& header) {
  ByteReader reader(data);
  header.width = reader.U32();
  header.height = reader.U32();
  reader.U8();  // bit depth
  const std::uint8_t color_type = reader.U8();
  if (!reader.ok() || data.size() != 13) return Damaged("its IHDR chunk is not 13 bytes");
  switch (color_type) {
    case 0:
      header.components = 1;
      break;
    case 2:
    case 3:
      header.components = 3;
      break;
    case 4:
      header.components = 2;
      break;
    case 6:
      header.components = 4;
      break;
    default:
      return Damaged("its colour type is unknown");
  }
  return CheckSize(header.width, header.height, limits);
}

absl::Status CheckChecksum(std::string_view type_and_data, std::uint32_t expected) {
  const auto* bytes = reinterpret_cast<const Bytef*>(type_and_data.data());
  if (crc32_z(0, bytes, type_and_data.size()) != expected) return Damaged("a chunk's checksum is wrong");
  return absl::OkStatus();
}

}  // namespace

absl::Status WalkPng(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  constexpr int kMaxChunks = 100'000;  // encoders write a data chunk per 8 KiB
  std::string_view rest = file.substr(8);
  bool has_data = false;
  for (int count = 0; count < kMaxChunks; ++count) {
    ByteReader reader(rest);
    const std::uint32_t length = reader.U32();
    const std::string_view type = reader.Bytes(4);
    const std::string_view data = reader.Bytes(length);
    const std::uint32_t checksum = reader.U32();
    if (!reader.ok()) return Damaged("it ends before its last chunk does");
    if ((count == 0) != (type == "IHDR")) return Damaged("its first chunk, and only that, must be IHDR");
    if (absl::Status sum = CheckChecksum(rest.substr(4, 4 + length), checksum); !sum.ok()) return sum;
    rest = reader.rest();
    if (type == "IEND") return has_data ? absl::OkStatus() : Damaged("it holds no picture data");
    absl::Status read;
    if (type == "IHDR") {
      read = ReadImageHeaderChunk(data, limits, header);
    } else if (type == "IDAT") {
      has_data = true;
    } else if (type == "acTL") {
      header.frames = static_cast<int>(ByteReader(data).U32() & 0xffffff);
    } else {
      read = ReadAncillary(type, data, limits, header.metadata);
    }
    if (!read.ok()) return read;
  }
  return Damaged("it has too many chunks");
}

}  // namespace broadsheet::media::header
