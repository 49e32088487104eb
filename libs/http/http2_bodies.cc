// The bodies of an HTTP/2 connection's responses: which streams hold theirs, and how they go out.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "libs/http/http2_connection.h"
#include "libs/http/http2_session.h"
#include "libs/http/response_writer.h"

namespace broadsheet::http {

bool Http2Connection::MayUnpack(const Content* content) const {
  return unpacked_in_turn_ < kUnpackedInTurn &&
         (unpacked_bytes_ < kUnpackedAtOnce || content == nullptr || content->has_plenty_of_room());
}

void Http2Connection::NoteUnpacked(const WireResponse& wire) {
  unpacked_bytes_ += wire.unpacked_bytes();
  unpacked_in_turn_ += wire.unpacked_bytes();
}

void Http2Connection::ReleaseBody(std::int32_t id, const Stream& stream) {
  written_later_ += stream.wire.unpacked_bytes();
  if (stream.waits_for_others) std::erase(waiting_bodies_, id);
}

Http2Connection::Body Http2Connection::PrepareBody(std::int32_t id) {
  Stream* stream = Find(id);
  if (stream == nullptr || stream->wire.body.left_out == 0) return Body::kReady;
  if (!MayUnpack(stream->wire.content.get())) {
    stream->waits_for_others = true;
    if (!stream->waiting_since) stream->waiting_since = loop().now();
    waiting_bodies_.push_back(id);
    return Body::kLater;
  }
  stream->waiting_since.reset();
  if (!stream->wire.Unpack()) {
    loop().NoteGivenUp(GivenUp::kNoRoom);
    return Body::kNever;
  }
  NoteUnpacked(stream->wire);
  return Body::kReady;
}

bool Http2Connection::has_more_next_turn() const {
  if (waiting_bodies_.empty() || unpacked_bytes_ < kUnpackedAtOnce) return !waiting_bodies_.empty();
  const auto first = streams_.find(waiting_bodies_.front());
  return first == streams_.end() || first->second.wire.content->has_plenty_of_room();
}

// All of them, for the client may give one no room; who has to wait on is told so again.
void Http2Connection::ResumeBodies() {
  if (!has_more_next_turn()) return;
  if (unpacked_in_turn_ >= kUnpackedInTurn) return YieldTurn();
  for (const std::int32_t id : std::exchange(waiting_bodies_, {})) {
    if (Stream* stream = Find(id); stream != nullptr) stream->waits_for_others = false;
    nghttp2_session_resume_data(session_, id);
  }
}

std::size_t Http2Connection::BodyLeft(std::int32_t id) {
  const Stream* stream = Find(id);
  return stream == nullptr ? 0 : stream->wire.body.size() - stream->sent;
}

bool Http2Connection::SendBody(std::int32_t id, std::string_view frame_head, std::size_t size) {
  if (output_.size() >= kMaxHttp2Output) return false;
  Stream* stream = Find(id);
  output_.Append(frame_head);
  if (stream == nullptr) return true;
  const std::shared_ptr<const void> owner = stream->wire.body_owner();
  for (const std::size_t end = stream->sent + size; stream->sent < end;) {
    const std::string_view part = stream->wire.body.From(stream->sent).substr(0, end - stream->sent);
    output_.Append(owner, part);
    stream->sent += part.size();
  }
  chatter_ = std::max(0, chatter_ - 2);
  return true;
}

}  // namespace broadsheet::http
