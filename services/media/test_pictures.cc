#include "services/media/test_pictures.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/media/image_pipeline.h"

namespace broadsheet::media::test {
namespace {

using namespace std::string_literals;

std::string Big(std::uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

std::string Little(std::uint64_t number, int bytes) {
  std::string text;
  for (int shift = 0; shift < 8 * bytes; shift += 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

std::string PngHeader(std::uint32_t width, std::uint32_t height, std::uint8_t color_type) {
  return PngChunk("IHDR",
                  Big(width, 4) + Big(height, 4) + "\x08"s + static_cast<char>(color_type) + "\0\0\0"s);
}

std::string PngOf(int width, int height, std::uint8_t color_type, std::string_view chunks,
                  std::string_view rows) {
  return std::string(kPngSignature) + PngHeader(width, height, color_type) + std::string(chunks) +
         PngChunk("IDAT", ZlibCompress(rows)) + PngChunk("IEND", "");
}

std::string Box(std::string_view type, std::string_view body) {
  return Big(body.size() + 8, 4) + std::string(type) + std::string(body);
}

std::string FullBox(std::string_view type, std::uint8_t version, std::string_view body) {
  return Box(type, Big(std::uint32_t{version} << 24, 4) + std::string(body));
}

}  // namespace

std::string ZlibCompress(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string compressed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(compressed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
            bytes.size(), 6);
  compressed.resize(size);
  return compressed;
}

std::string PngChunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  return Big(data.size(), 4) + body +
         Big(crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size()), 4);
}

std::string Png(int width, int height, Color color, std::string_view chunks) {
  std::string rows;
  for (int y = 0; y < height; ++y) {
    rows += '\0';
    for (int x = 0; x < width; ++x) {
      const bool corner = x < width / 2 && y < height / 2;
      rows += static_cast<char>(corner ? 0 : color.red);
      rows += static_cast<char>(corner ? 0 : color.green);
      rows += static_cast<char>(corner ? 0 : color.blue);
    }
  }
  return PngOf(width, height, 2, chunks, rows);
}

std::string PngClaiming(std::uint32_t width, std::uint32_t height) {
  return std::string(kPngSignature) + PngHeader(width, height, 2) +
         PngChunk("IDAT", ZlibCompress(std::string(100, '\0'))) + PngChunk("IEND", "");
}

std::string TransparentPng(int width, int height) {
  return PngOf(width, height, 6, "", std::string((static_cast<std::size_t>(width) * 4 + 1) * height, '\0'));
}

std::string Jpeg(int width, int height, Color color) {
  static const bool started = StartPipeline("test").ok();
  if (!started) std::abort();
  PipelineOptions options;
  options.widths = {width};
  absl::StatusOr<RenderedImage> rendered = Render(Png(width, height, color), ImageType::kPng, options);
  if (!rendered.ok()) std::abort();
  return rendered->files.front().bytes;
}

std::string JpegSegment(std::uint8_t marker, std::string_view data) {
  return "\xff"s + static_cast<char>(marker) + Big(data.size() + 2, 2) + std::string(data);
}

std::string WithSegments(const std::string& jpeg, std::initializer_list<std::string> segments) {
  std::string file = jpeg.substr(0, 2);
  for (const std::string& segment : segments) file += segment;
  return file + jpeg.substr(2);
}

std::string JpegClaiming(std::uint16_t width, std::uint16_t height, int scans) {
  std::string file =
      "\xff\xd8"s + JpegSegment(0xc2, "\x08"s + Big(height, 2) + Big(width, 2) + "\x01\x01\x11\x00"s);
  for (int i = 0; i < scans; ++i) file += JpegSegment(0xda, "\x01\x01\x00\x00\x3f\x00"s) + "abc\xff\x00 abc"s;
  return file + "\xff\xd9";
}

std::string Gif(int width, int height, int frames) {
  std::string file = "GIF89a" + Little(width, 2) + Little(height, 2) + "\x80\0\0"s + "\0\0\0\xff\xff\xff"s;
  for (int i = 0; i < frames; ++i) {
    file += "\x2c\0\0\0\0"s + Little(width, 2) + Little(height, 2) + "\0"s + "\x02\x02\x44\x01\0"s;
  }
  return file + "\x3b";
}

std::string Tiff(std::uint32_t width, std::uint32_t height, std::uint16_t compression) {
  struct Entry {
    std::uint16_t tag;
    std::uint32_t value;
  };
  const std::vector<Entry> entries = {{256, width},       {257, height}, {258, 8},
                                      {259, compression}, {262, 1},      {273, 200},
                                      {277, 1},           {278, height}, {279, width * height}};
  std::string file = "II*\0"s + Little(8, 4) + Little(entries.size(), 2);
  for (const Entry& entry : entries)
    file += Little(entry.tag, 2) + Little(4, 2) + Little(1, 4) + Little(entry.value, 4);
  file += Little(0, 4);
  file.resize(200);
  return file + std::string(std::min<std::size_t>(std::size_t{width} * height, 1 << 20), '\x80');
}

std::string AvifClaiming(std::uint32_t width, std::uint32_t height, std::string_view xmp) {
  const std::string ftyp = Box("ftyp", "avif"s + Big(0, 4) + "avifmif1");
  auto meta = [&](std::uint64_t offset) {
    const std::string item =
        FullBox("infe", 2, Big(1, 2) + Big(0, 2) + "mime" + "xmp\0"s + "application/rdf+xml\0"s);
    const std::string ispe = FullBox("ispe", 0, Big(width, 4) + Big(height, 4));
    return FullBox("meta", 0,
                   FullBox("iinf", 0, Big(1, 2) + item) + Box("iprp", Box("ipco", ispe)) +
                       FullBox("iloc", 0,
                               "\x44\x00"s + Big(1, 2) + Big(1, 2) + Big(0, 2) + Big(1, 2) + Big(offset, 4) +
                                   Big(xmp.size(), 4)));
  };
  const std::size_t before_data = ftyp.size() + meta(0).size() + 8;
  return ftyp + meta(before_data) + Box("mdat", xmp);
}

std::string Xmp(std::string_view elements) {
  return "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
         "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''"
         " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'"
         " xmlns:xmpRights='http://ns.adobe.com/xap/1.0/rights/'"
         " xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'>" +
         std::string(elements) + "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";
}

std::string XmpSegment(std::string_view packet) {
  return JpegSegment(0xe1, "http://ns.adobe.com/xap/1.0/\0"s + std::string(packet));
}

std::string Iim(const std::vector<Dataset>& datasets) {
  std::string block;
  for (const Dataset& dataset : datasets) {
    block += "\x1c"s + static_cast<char>(dataset.record) + static_cast<char>(dataset.number) +
             Big(dataset.value.size(), 2) + dataset.value;
  }
  return block;
}

std::string PhotoshopSegment(std::string_view iim, std::string_view digest) {
  auto resource = [](int id, std::string_view data) {
    return "8BIM" + Big(id, 2) + "\0\0"s + Big(data.size(), 4) + std::string(data) +
           (data.size() % 2 == 1 ? "\0"s : "");
  };
  return JpegSegment(0xed, "Photoshop 3.0\0"s + resource(0x0404, iim) +
                               (digest.empty() ? std::string() : resource(0x0425, digest)));
}

std::string Md5(std::string_view bytes) {
  std::string digest(16, '\0');
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_md5(),
             nullptr);
  return digest;
}

std::string Exif(const std::vector<ExifText>& texts, std::uint16_t orientation) {
  const std::size_t count = texts.size() + (orientation == 0 ? 0 : 1);
  const std::size_t values_at = 8 + 2 + 12 * count + 4;
  std::string directory = Little(count, 2);
  std::string values;
  if (orientation != 0) directory += Little(0x0112, 2) + Little(3, 2) + Little(1, 4) + Little(orientation, 4);
  for (const ExifText& text : texts) {
    const std::string value = text.value + "    \0"s;  // never short enough to stand in the entry itself
    directory +=
        Little(text.tag, 2) + Little(2, 2) + Little(value.size(), 4) + Little(values_at + values.size(), 4);
    values += value;
  }
  return "II*\0"s + Little(8, 4) + directory + Little(0, 4) + values;
}

std::string ExifSegment(std::string_view exif) { return JpegSegment(0xe1, "Exif\0\0"s + std::string(exif)); }

std::optional<std::string> SharedPictures() {
  const char* named =
      std::getenv("BROADSHEET_SHARED_DATA");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  const std::filesystem::path folder =
      named != nullptr
          ? std::filesystem::path(named) / "media"
          : std::filesystem::path(BROADSHEET_SOURCE_DIR).parent_path() / "shared" / "data" / "media";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder.string();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace broadsheet::media::test
