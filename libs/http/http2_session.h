#ifndef BROADSHEET_LIBS_HTTP_HTTP2_SESSION_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/http/response_writer.h"

struct nghttp2_session;

// libnghttp2's callbacks and field lists in this library's terms.
namespace broadsheet::http {

inline constexpr std::size_t kMaxHttp2Streams = 100;        // of one connection at a time
inline constexpr std::size_t kMaxHttp2Output = 256 * 1024;  // waiting to be written, give or take a frame

// What the library reports of a connection's streams, by their number. Called while the library is on the
// stack: it may be given more to send, but not be asked to send.
class Http2Events {
 public:
  // A head or trailers begin; of what they bring each field is asked for first, by its bytes, whether it may
  // come. If not the stream is reset.
  virtual void OnFieldsBegin() = 0;
  virtual bool MayBring(std::size_t bytes) = 0;
  virtual void OnHeadBegins(std::int32_t id) = 0;
  virtual void OnField(std::int32_t id, std::string_view name, std::string_view value) = 0;
  virtual void OnHeadEnds(std::int32_t id) = 0;
  virtual void OnBody(std::int32_t id, std::string_view part) = 0;
  virtual void OnRequestEnds(std::int32_t id) = 0;
  // The end of a head, also of one that is no response yet, is what the library gives out next.
  virtual void OnHeadSent(std::int32_t id) = 0;
  virtual void OnResponseEnds(std::int32_t id) = 0;  // all of it has been handed out
  virtual void OnStreamEnds(std::int32_t id) = 0;    // for whatever reason
  virtual void OnChatter() = 0;                      // a frame that is part of no request
  // Asked before the body's next part is. kLater: not before nghttp2_session_resume_data; kNever: the stream
  // is reset.
  enum class Body { kReady, kLater, kNever };
  virtual Body PrepareBody(std::int32_t id) = 0;
  // What of the response's body is not sent yet.
  virtual std::size_t BodyLeft(std::int32_t id) = 0;
  // Takes a frame's head, to be followed by that many bytes of the body; false: not now.
  virtual bool SendBody(std::int32_t id, std::string_view frame_head, std::size_t size) = 0;

 protected:
  ~Http2Events() = default;
};

// A server's session, its settings waiting to be sent. `events` must outlive it.
nghttp2_session* NewHttp2Session(Http2Events& events, std::size_t max_header_bytes);

// Makes `wire` a response, whose body `events` gives out part by part. The library writes of its head what is
// not prepared; the rest is for the caller to put behind that. Whether the stream takes it.
bool SubmitResponse(nghttp2_session* session, std::int32_t id, const WireResponse& wire);

// Tells the client to go on with the body.
void SubmitContinue(nghttp2_session* session, std::int32_t id);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_SESSION_H_
