#ifndef BROADSHEET_LIBS_HTTP_PACKED_BYTES_H_
#define BROADSHEET_LIBS_HTTP_PACKED_BYTES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace broadsheet::http {

// Bytes that somebody owns; null: their user, who copies them if he keeps them.
struct OwnedBytes {
  std::shared_ptr<const std::string> owner;
  std::string_view bytes;  // of those that `owner` holds

  bool empty() const { return bytes.empty(); }
};

// Bytes that are kept for long, in blocks that fit the allocator: jemalloc gives 20 KiB, and a page beside
// them, to who asks for 16.5; of blocks of this size nothing is lost. Immutable.
class PackedBytes {
 public:
  static constexpr std::size_t kBlockBytes = 8 * 1024;

  PackedBytes() = default;
  explicit PackedBytes(std::string_view bytes);
  // With an owner they stay where they are: for bytes that came in one piece.
  explicit PackedBytes(OwnedBytes bytes);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The bytes from `offset` on that stand together; empty at the end. `offset` is at most size().
  std::string_view From(std::size_t offset) const;
  std::string Joined() const;
  // Heap bytes held, those of an owner that are not its part included.
  std::size_t bytes() const;

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;  // all of them full but the last; none with an owner
  std::shared_ptr<const std::string> owner_;
  const char* begin_ = nullptr;  // in what the owner holds
  std::size_t size_ = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_PACKED_BYTES_H_
