#include "services/media/webp_chunks.h"

#include <cstdint>

#include "services/media/header_walk.h"

namespace broadsheet::media {
namespace {

constexpr unsigned char kAnimation = 0x02;
constexpr unsigned char kAlpha = 0x10;

void AppendNumber(std::size_t number, std::string& bytes) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xff);
}

void AppendChunk(std::string_view type, std::string_view data, std::string& chunks) {
  chunks += type;
  AppendNumber(data.size(), chunks);
  chunks += data;
  if (data.size() % 2 == 1) chunks += '\0';
}

}  // namespace

std::string WithoutMetadataChunks(std::string_view webp) {
  if (webp.size() < 12 || !webp.starts_with("RIFF") || webp.substr(8, 4) != "WEBP") return std::string(webp);
  header::ByteReader reader(webp.substr(12), header::ByteReader::Order::kLittle);
  std::string chunks;
  while (reader.rest().size() >= 8) {
    const std::string_view type = reader.Bytes(4);
    const std::uint32_t size = reader.U32();
    std::string data(reader.Bytes(size));
    if (!reader.ok()) return std::string(webp);
    if (size % 2 == 1 && !reader.rest().empty()) reader.Bytes(1);
    if (type == "EXIF" || type == "XMP " || type == "ICCP") continue;
    if (type == "VP8X" && !data.empty()) {
      data[0] = static_cast<char>(static_cast<unsigned char>(data[0]) & (kAnimation | kAlpha));
      if (data[0] == 0) continue;
    }
    AppendChunk(type, data, chunks);
  }
  std::string file = "RIFF";
  AppendNumber(chunks.size() + 4, file);
  file += "WEBP";
  return file + chunks;
}

}  // namespace broadsheet::media
