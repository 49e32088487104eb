#include "libs/http/http2_output.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

namespace broadsheet::http {
namespace {

constexpr std::size_t kMaxKept = 16 * 1024;  // of what was needed once, for the next time
constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::size_t kMaxFrameBytes = 16 * 1024;  // what every peer takes

// RFC 9113, section 4.1.
std::string FrameHead(std::size_t size, char type, char flags, std::string_view stream) {
  std::string head = {static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size),
                      type, flags};
  return head.append(stream);
}

}  // namespace

void Http2Output::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  copied_ += bytes;
  size_ += bytes.size();
  if (pieces_.empty() || pieces_.back().owner) pieces_.emplace_back();
  pieces_.back().size += bytes.size();
}

void Http2Output::AppendHead(std::string_view frame, std::span<const std::string_view> more) {
  const std::string_view stream = frame.substr(5, 4);
  std::size_t size = frame.size() - kFrameHeadBytes;
  for (const std::string_view fragment : more) size += fragment.size();
  if (size <= kMaxFrameBytes) {
    Append(FrameHead(size, frame[3], frame[4], stream));
    Append(frame.substr(kFrameHeadBytes));
    for (const std::string_view fragment : more) Append(fragment);
    return;
  }
  std::string block(frame.substr(kFrameHeadBytes));
  for (const std::string_view fragment : more) block += fragment;
  char type = frame[3];
  int flags = frame[4] & ~NGHTTP2_FLAG_END_HEADERS;
  for (std::string_view rest = block; !rest.empty();) {
    const std::string_view part = rest.substr(0, kMaxFrameBytes);
    rest.remove_prefix(part.size());
    if (rest.empty()) flags |= NGHTTP2_FLAG_END_HEADERS;
    Append(FrameHead(part.size(), type, static_cast<char>(flags), stream));
    Append(part);
    type = NGHTTP2_CONTINUATION;
    flags = NGHTTP2_FLAG_NONE;
  }
}

void Http2Output::Append(std::shared_ptr<const void> owner, std::string_view part) {
  if (part.empty()) return;
  size_ += part.size();
  pieces_.push_back({.owner = std::move(owner), .begin = part.data(), .size = part.size()});
}

void Http2Output::Clear() {
  if (copied_.capacity() > kMaxKept) copied_ = {};
  copied_.clear();
  pieces_.clear();
  first_ = first_copied_ = written_of_first_ = size_ = 0;
}

std::span<const iovec> Http2Output::Next(std::span<iovec> pieces) const {
  std::size_t count = 0;
  std::size_t copied = first_copied_;
  std::size_t skip = written_of_first_;
  for (std::size_t i = first_; i < pieces_.size() && count < pieces.size(); ++i) {
    const Piece& piece = pieces_[i];
    const char* begin = piece.owner ? piece.begin : copied_.data() + copied;
    if (!piece.owner) copied += piece.size;
    pieces[count++] = {const_cast<char*>(begin) + skip, piece.size - skip};
    skip = 0;
  }
  return pieces.first(count);
}

void Http2Output::Written(std::size_t bytes) {
  size_ -= bytes;
  if (size_ == 0) return Clear();
  written_of_first_ += bytes;
  while (written_of_first_ >= pieces_[first_].size) {
    Piece& piece = pieces_[first_++];
    written_of_first_ -= piece.size;
    if (!piece.owner) first_copied_ += piece.size;
    piece.owner.reset();
  }
}

}  // namespace broadsheet::http
