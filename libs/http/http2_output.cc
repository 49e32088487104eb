#include "libs/http/http2_output.h"

#include <algorithm>
#include <utility>

namespace broadsheet::http {

void Http2Output::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  copied_ += bytes;
  size_ += bytes.size();
  if (pieces_.empty() || pieces_.back().content) pieces_.emplace_back();
  pieces_.back().size += bytes.size();
}

void Http2Output::Append(std::shared_ptr<const Content> content, std::string_view part) {
  if (part.empty()) return;
  size_ += part.size();
  pieces_.push_back({.content = std::move(content), .begin = part.data(), .size = part.size()});
}

void Http2Output::Clear() {
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
    const char* begin = piece.content ? piece.begin : copied_.data() + copied;
    if (!piece.content) copied += piece.size;
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
    if (!piece.content) first_copied_ += piece.size;
    piece.content.reset();
  }
}

}  // namespace broadsheet::http
