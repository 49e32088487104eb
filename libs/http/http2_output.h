#ifndef BROADSHEET_LIBS_HTTP_HTTP2_OUTPUT_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_OUTPUT_H_

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace broadsheet::http {

// What waits to be written on one connection: frames, whose bodies stay where they are. Filled anew only when
// all of it has been written. Not thread-safe.
class Http2Output {
 public:
  // Copies `bytes`.
  void Append(std::string_view bytes);
  // Copies a frame that ends a header block, and behind it in the same block the fragments `more`.
  void AppendHead(std::string_view frame, std::span<const std::string_view> more);
  // `part` is a view of what `owner` owns, which is kept until it has been written.
  void Append(std::shared_ptr<const void> owner, std::string_view part);
  void Clear();

  std::size_t size() const { return size_; }  // bytes that are not written yet
  bool empty() const { return size_ == 0; }

  // The first pieces of what is not written, as many as `pieces` has room for; returns those used.
  std::span<const iovec> Next(std::span<iovec> pieces) const;
  // The first `bytes` of what was not written have been.
  void Written(std::size_t bytes);

 private:
  struct Piece {
    std::shared_ptr<const void> owner;  // null: `size` bytes of copied_, behind those of the piece before
    const char* begin = nullptr;        // of what it owns
    std::size_t size = 0;
  };
  std::string copied_;
  std::vector<Piece> pieces_;
  std::size_t first_ = 0;         // piece that is not written, or only in part
  std::size_t first_copied_ = 0;  // where in copied_ the bytes of the next copied piece begin
  std::size_t written_of_first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_OUTPUT_H_
