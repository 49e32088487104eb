#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/media/header_walk.h"

namespace broadsheet::media::header {
namespace {

constexpr std::size_t kMaxBoxes = 10'000;  // of one container
constexpr std::size_t kMaxItems = 2'000;

struct Box {
  std::string_view type;
  std::string_view body;
};

// Reads the next box; nothing at the end (`damaged` unchanged) or when it does not fit (`damaged` set).
std::optional<Box> NextBox(ByteReader& reader, bool& damaged) {
  if (reader.rest().empty()) return std::nullopt;
  std::uint64_t size = reader.U32();
  Box box;
  box.type = reader.Bytes(4);
  std::uint64_t head = 8;
  if (size == 1) {
    size = reader.Integer(8);
    head = 16;
  } else if (size == 0) {
    size = head + reader.rest().size();
  }
  if (size >= head) box.body = reader.Bytes(size - head);
  if (!reader.ok() || size < head) {
    damaged = true;
    return std::nullopt;
  }
  return box;
}

// All boxes of `bytes`; nothing when they are damaged or too many.
std::optional<std::vector<Box>> Boxes(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<Box> boxes;
  bool damaged = false;
  while (std::optional<Box> box = NextBox(reader, damaged)) {
    if (boxes.size() == kMaxBoxes) return std::nullopt;
    boxes.push_back(*box);
  }
  if (damaged) return std::nullopt;
  return boxes;
}

struct Item {
  std::string type;          // "Exif", "mime", "av01", …
  std::string content_type;  // of "mime"
};

struct Extent {
  bool in_idat = false;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

std::string_view UntilNul(std::string_view text) { return text.substr(0, text.find('\0')); }

// One `infe` box, of version 2 or 3; others name no type.
void ReadItem(std::string_view body, std::map<std::uint32_t, Item>& items) {
  ByteReader reader(body);
  const std::uint8_t version = reader.U8();
  reader.Bytes(3);
  if (version < 2) return;
  const std::uint32_t id = static_cast<std::uint32_t>(reader.Integer(version == 2 ? 2 : 4));
  reader.U16();  // protection
  Item item;
  item.type = reader.Bytes(4);
  if (!reader.ok() || items.size() >= kMaxItems) return;
  const std::string_view name = UntilNul(reader.rest());
  if (item.type == "mime" && name.size() < reader.rest().size()) {
    item.content_type = UntilNul(reader.rest().substr(name.size() + 1));
  }
  items[id] = std::move(item);
}

struct Locations {
  std::map<std::uint32_t, Extent> extents;  // of items in one piece; metadata always are
  std::uint64_t file_end = 0;               // the file must be at least this long
};

// `iloc`: where each item's bytes are. Nothing when it is damaged.
std::optional<Locations> ReadLocations(std::string_view body) {
  Locations locations;
  ByteReader reader(body);
  const std::uint8_t version = reader.U8();
  reader.Bytes(3);
  const std::uint8_t sizes = reader.U8();
  const std::uint8_t more = reader.U8();
  const std::size_t index_size = version == 0 ? 0 : more & 15;
  const std::uint64_t count = reader.Integer(version < 2 ? 2 : 4);
  if (count > kMaxItems || index_size > 8 || more >> 4 > 8 || sizes >> 4 > 8 || (sizes & 15) > 8)
    return std::nullopt;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto id = static_cast<std::uint32_t>(reader.Integer(version < 2 ? 2 : 4));
    const unsigned method = version == 0 ? 0 : reader.U16() & 15;
    reader.U16();  // data reference
    const std::uint64_t base = reader.Integer(more >> 4);
    const std::uint16_t parts = reader.U16();
    for (int part = 0; part < parts && reader.ok(); ++part) {
      reader.Integer(index_size);
      const std::uint64_t offset = base + reader.Integer(sizes >> 4);
      const std::uint64_t length = reader.Integer(sizes & 15);
      if (parts == 1 && method <= 1) locations.extents[id] = {method == 1, offset, length};
      if (offset + length < length) return std::nullopt;
      if (method == 0) locations.file_end = std::max(locations.file_end, offset + length);
    }
    if (!reader.ok()) return std::nullopt;
  }
  return locations;
}

class HeifWalk {
 public:
  HeifWalk(std::string_view file, const HeaderLimits& limits) : file_(file), limits_(limits) {}

  absl::Status Run(ImageHeader& header) {
    const std::optional<std::vector<Box>> top = Boxes(file_);
    if (!top.has_value()) return Damaged("it ends early, or its boxes do not fit");
    const auto meta = std::ranges::find(*top, "meta", &Box::type);
    if (meta == top->end() || meta->body.size() < 4) return Damaged("it holds no picture data");
    const std::optional<std::vector<Box>> boxes = Boxes(meta->body.substr(4));
    if (!boxes.has_value()) return Damaged("its meta box does not fit");
    for (const Box& box : *boxes) {
      absl::Status read;
      if (box.type == "iprp") read = ReadProperties(box.body, header);
      if (box.type == "iinf") read = ReadItems(box.body);
      if (box.type == "iloc") read = KeepLocations(box.body);
      if (box.type == "idat") idat_ = box.body;
      if (!read.ok()) return read;
    }
    if (header.width == 0) return Damaged("it does not say how large the picture is");
    KeepMetadata(header.metadata);
    return absl::OkStatus();
  }

 private:
  // The largest of the sizes stands for the picture: tiles, alpha planes and thumbnails are smaller.
  absl::Status ReadProperties(std::string_view body, ImageHeader& header) const {
    const std::optional<std::vector<Box>> boxes = Boxes(body);
    if (!boxes.has_value()) return Damaged("its properties do not fit");
    for (const Box& container : *boxes) {
      if (container.type != "ipco") continue;
      const std::optional<std::vector<Box>> properties = Boxes(container.body);
      if (!properties.has_value()) return Damaged("its properties do not fit");
      for (const Box& property : *properties) {
        if (property.type != "ispe") continue;
        ByteReader reader(property.body);
        reader.U32();  // version and flags
        const std::int64_t width = reader.U32();
        const std::int64_t height = reader.U32();
        if (absl::Status size = CheckSize(width, height, limits_); !size.ok()) return size;
        if (width * height > header.width * header.height) {
          header.width = width;
          header.height = height;
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadItems(std::string_view body) {
    if (body.size() < 6) return Damaged("its item list is cut off");
    const std::size_t head = body[0] == 0 ? 6 : 8;
    const std::optional<std::vector<Box>> boxes = Boxes(body.substr(std::min(head, body.size())));
    if (!boxes.has_value()) return Damaged("its item list does not fit");
    if (boxes->size() > kMaxItems) return Damaged("it has too many items");
    for (const Box& box : *boxes) {
      if (box.type == "infe") ReadItem(box.body, items_);
    }
    return absl::OkStatus();
  }

  absl::Status KeepLocations(std::string_view body) {
    std::optional<Locations> locations = ReadLocations(body);
    if (!locations.has_value()) return Damaged("its item locations do not fit");
    if (locations->file_end > file_.size()) return Damaged("it ends before its picture data do");
    extents_ = std::move(locations->extents);
    return absl::OkStatus();
  }

  std::string_view ItemBytes(std::uint32_t id) const {
    const auto found = extents_.find(id);
    if (found == extents_.end()) return {};
    const Extent& extent = found->second;
    const std::string_view source = extent.in_idat ? idat_ : file_;
    if (extent.offset > source.size() || extent.length > source.size() - extent.offset) return {};
    return source.substr(extent.offset, extent.length);
  }

  void KeepMetadata(MetadataBlocks& blocks) const {
    for (const auto& [id, item] : items_) {
      if (item.type == "Exif" && blocks.exif.empty()) {
        ByteReader reader(ItemBytes(id));
        reader.Bytes(reader.U32());  // from the end of this number to the TIFF header
        if (reader.ok()) blocks.exif = reader.rest();
      } else if (item.type == "mime" && item.content_type == "application/rdf+xml" && blocks.xmp.empty()) {
        blocks.xmp = ItemBytes(id);
      }
    }
  }

  const std::string_view file_;
  const HeaderLimits& limits_;
  std::map<std::uint32_t, Item> items_;
  std::map<std::uint32_t, Extent> extents_;
  std::string_view idat_;
};

}  // namespace

absl::Status WalkHeif(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  return HeifWalk(file, limits).Run(header);
}

}  // namespace broadsheet::media::header
