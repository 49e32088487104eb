#include "libs/http/packed_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace broadsheet::http {

PackedBytes::PackedBytes(std::string_view bytes) : size_(bytes.size()) {
  blocks_.reserve((bytes.size() + kBlockBytes - 1) / kBlockBytes);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kBlockBytes);
    auto block = std::make_unique_for_overwrite<char[]>(part.size());
    std::memcpy(block.get(), part.data(), part.size());
    blocks_.push_back(std::move(block));
    bytes.remove_prefix(part.size());
  }
}

PackedBytes::PackedBytes(OwnedBytes bytes) {
  if (!bytes.owner) {
    *this = PackedBytes(bytes.bytes);
    return;
  }
  owner_ = std::move(bytes.owner);
  begin_ = bytes.bytes.data();
  size_ = bytes.bytes.size();
}

std::string_view PackedBytes::From(std::size_t offset) const {
  if (offset >= size_) return {};
  if (owner_) return {begin_ + offset, size_ - offset};
  const std::size_t inside = offset % kBlockBytes;
  const std::size_t length = std::min(size_ - (offset - inside), kBlockBytes) - inside;
  return {blocks_[offset / kBlockBytes].get() + inside, length};
}

std::string PackedBytes::Joined() const {
  std::string joined;
  joined.reserve(size_);
  while (joined.size() < size_) joined += From(joined.size());
  return joined;
}

std::size_t PackedBytes::bytes() const {
  if (owner_) return sizeof(std::string) + owner_->capacity();
  return size_ + blocks_.capacity() * sizeof(blocks_[0]);
}

}  // namespace broadsheet::http
