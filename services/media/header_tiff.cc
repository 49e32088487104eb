#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

// One directory entry. `value` holds its bytes, wherever they stand.
struct Entry {
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::string_view value;
};
using Directory = std::map<std::uint16_t, Entry>;

enum Tag : std::uint16_t {
  kWidth = 256,
  kHeight = 257,
  kCompression = 259,
  kSamplesPerPixel = 277,
  kStripOffsets = 273,
  kStripSizes = 279,
  kTileWidth = 322,
  kTileHeight = 323,
  kTileOffsets = 324,
  kTileSizes = 325,
  kXmp = 700,
  kIptc = 33723,
  kPhotoshop = 34377,
};

std::size_t TypeSize(std::uint16_t type) {
  constexpr std::array<std::size_t, 14> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  return type < kSizes.size() ? kSizes[type] : 0;
}

class TiffWalk {
 public:
  TiffWalk(std::string_view file, const HeaderLimits& limits)
      : file_(file),
        limits_(limits),
        order_(file[0] == 'I' ? ByteReader::Order::kLittle : ByteReader::Order::kBig) {}

  absl::Status Run(ImageHeader& header) {
    Directory first;
    std::uint32_t next = 0;
    if (absl::Status read = ReadDirectory(Reader(file_.substr(4)).U32(), first, next); !read.ok())
      return read;
    header.width = Number(first, kWidth);
    header.height = Number(first, kHeight);
    header.components =
        static_cast<int>(std::clamp<std::int64_t>(Number(first, kSamplesPerPixel, 1), 0, 65'535));
    if (absl::Status size = CheckSize(header.width, header.height, limits_); !size.ok()) return size;
    if (absl::Status data = CheckData(first); !data.ok()) return data;
    if (absl::Status pages = CountPages(next, header); !pages.ok()) return pages;
    KeepMetadata(first, header.metadata);
    return absl::OkStatus();
  }

 private:
  ByteReader Reader(std::string_view bytes) const { return ByteReader(bytes, order_); }

  absl::Status ReadDirectory(std::uint32_t offset, Directory& directory, std::uint32_t& next) const {
    if (offset < 8 || offset >= file_.size()) return Damaged("a directory lies outside the file");
    ByteReader reader = Reader(file_.substr(offset));
    const std::uint16_t count = reader.U16();
    if (count == 0) return Damaged("a directory is empty");
    for (int i = 0; i < count && reader.ok(); ++i) {
      const std::uint16_t tag = reader.U16();
      Entry entry;
      entry.type = reader.U16();
      entry.count = reader.U32();
      const std::string_view inline_value = reader.Bytes(4);
      const std::uint64_t size = std::uint64_t{entry.count} * TypeSize(entry.type);
      if (size <= 4) {
        entry.value = inline_value.substr(0, size);
      } else {
        const std::uint32_t at = Reader(inline_value).U32();
        if (at > file_.size() || size > file_.size() - at)
          return Damaged("an entry's value lies outside the file");
        entry.value = file_.substr(at, size);
      }
      directory.emplace(tag, entry);
    }
    next = reader.U32();
    return reader.ok() ? absl::OkStatus() : Damaged("a directory is cut off");
  }

  // The entry's first (or `index`th) number; `otherwise` when there is none.
  std::int64_t Number(const Directory& directory, Tag tag, std::int64_t otherwise = 0,
                      std::size_t index = 0) const {
    const auto found = directory.find(tag);
    if (found == directory.end()) return otherwise;
    const std::size_t size = TypeSize(found->second.type);
    if (size == 0 || size > 4 || found->second.value.size() < (index + 1) * size) return otherwise;
    return Reader(found->second.value.substr(index * size)).Integer(size);
  }

  absl::Status CheckData(const Directory& directory) const {
    constexpr std::array<std::int64_t, 5> kCompressions = {1, 5, 8, 32773,
                                                           32946};  // none, LZW, Deflate, PackBits
    if (std::ranges::find(kCompressions, Number(directory, kCompression, 1)) == kCompressions.end()) {
      // JPEG inside TIFF among them: its sizes are not checked by this version of libvips.
      return absl::InvalidArgumentError(
          "this compression of TIFF is not supported: save it uncompressed or with LZW, "
          "Deflate or PackBits, or as JPEG");
    }
    const bool tiled = directory.contains(kTileWidth);
    if (tiled) {
      const absl::Status tile =
          CheckSize(Number(directory, kTileWidth), Number(directory, kTileHeight), limits_);
      if (!tile.ok()) return tile;
    }
    return CheckPieces(directory, tiled ? kTileOffsets : kStripOffsets, tiled ? kTileSizes : kStripSizes);
  }

  absl::Status CheckPieces(const Directory& directory, Tag offsets, Tag sizes) const {
    const auto found = directory.find(offsets);
    if (found == directory.end() || found->second.count == 0) return Damaged("it holds no picture data");
    if (found->second.count > 1'000'000) return Damaged("it is cut into too many pieces");
    for (std::size_t i = 0; i < found->second.count; ++i) {
      const std::int64_t at = Number(directory, offsets, -1, i);
      const std::int64_t size = Number(directory, sizes, -1, i);
      const auto end = static_cast<std::int64_t>(file_.size());
      if (at < 0 || size < 0 || at > end || size > end - at)
        return Damaged("picture data lie outside the file");
    }
    return absl::OkStatus();
  }

  // Bounded by the number of frames allowed, so a chain that leads back to itself ends too.
  absl::Status CountPages(std::uint32_t next, ImageHeader& header) const {
    while (next != 0 && header.frames <= limits_.max_frames) {
      Directory directory;
      if (absl::Status read = ReadDirectory(next, directory, next); !read.ok()) return read;
      ++header.frames;
    }
    return absl::OkStatus();
  }

  void KeepMetadata(const Directory& directory, MetadataBlocks& blocks) const {
    auto value = [&](Tag tag) -> std::string {
      const auto found = directory.find(tag);
      return found == directory.end() ? "" : std::string(found->second.value);
    };
    blocks.xmp = value(kXmp);
    blocks.photoshop = value(kPhotoshop);
    blocks.iim = value(kIptc);
    // A TIFF is an EXIF structure itself; beyond what a metadata block may hold it is not worth the copy.
    if (file_.size() <= limits_.max_metadata_bytes) blocks.exif = file_;
  }

  const std::string_view file_;
  const HeaderLimits& limits_;
  const ByteReader::Order order_;
};

}  // namespace

absl::Status WalkTiff(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  return TiffWalk(file, limits).Run(header);
}

}  // namespace broadsheet::media::header
