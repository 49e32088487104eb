#include "libs/http/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "libs/http/http2_fields.h"

namespace broadsheet::http {
namespace {

Http2Events& Events(void* user_data) { return *static_cast<Http2Events*>(user_data); }

std::string_view View(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

bool IsRequestHead(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  Events(user_data).OnFieldsBegin();
  if (IsRequestHead(*frame)) Events(user_data).OnHeadBegins(frame->hd.stream_id);
  return 0;
}

// Trailers are checked by the library and not used.
int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
             const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
  if (!Events(user_data).MayBring(name_size + value_size)) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (IsRequestHead(*frame)) {
    Events(user_data).OnField(frame->hd.stream_id, View(name, name_size), View(value, value_size));
  }
  return 0;
}

// Of a field that is malformed, and so of its request. The library has looked at all of it by now, and would
// go on without it.
int OnInvalidHeader(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t name_size,
                    const std::uint8_t*, std::size_t value_size, std::uint8_t, void* user_data) {
  Events(user_data).MayBring(name_size + value_size);
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int OnFrameReceived(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  Http2Events& events = Events(user_data);
  const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) {
    events.OnChatter();
    return 0;
  }
  if (IsRequestHead(*frame)) events.OnHeadEnds(frame->hd.stream_id);
  if (ends) {
    events.OnRequestEnds(frame->hd.stream_id);
  } else if (frame->hd.type == NGHTTP2_DATA) {
    events.OnChatter();  // a body may come in tiny parts, but not in any number of them
  }
  return 0;
}

int OnDataChunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                void* user_data) {
  Events(user_data).OnBody(id, View(bytes, size));
  return 0;
}

int OnInvalidFrame(nghttp2_session*, const nghttp2_frame*, int, void* user_data) {
  Events(user_data).OnChatter();
  return 0;
}

int OnFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  if (frame->hd.type == NGHTTP2_HEADERS) Events(user_data).OnHeadSent(frame->hd.stream_id);
  const bool message = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (message && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    Events(user_data).OnResponseEnds(frame->hd.stream_id);
  }
  return 0;
}

int OnStreamClosed(nghttp2_session*, std::int32_t id, std::uint32_t, void* user_data) {
  Events(user_data).OnStreamEnds(id);
  return 0;
}

ssize_t ReadBody(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t length, std::uint32_t* flags,
                 nghttp2_data_source*, void* user_data) {
  const Http2Events::Body body = Events(user_data).PrepareBody(id);
  if (body == Http2Events::Body::kLater) return NGHTTP2_ERR_DEFERRED;
  if (body == Http2Events::Body::kNever) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const std::size_t left = Events(user_data).BodyLeft(id);
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (left <= length) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(std::min(left, length));
}

int SendBody(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t size,
             nghttp2_data_source*, void* user_data) {
  constexpr std::size_t kFrameHead = 9;
  const bool taken = Events(user_data).SendBody(frame->hd.stream_id, View(head, kFrameHead), size);
  return taken ? 0 : NGHTTP2_ERR_WOULDBLOCK;
}

const nghttp2_session_callbacks* Callbacks() {
  static const auto* const kCallbacks = [] {
    nghttp2_session_callbacks* callbacks = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) std::abort();
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, OnInvalidHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrameReceived);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, OnInvalidFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnDataChunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnFrameSent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClosed);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, SendBody);
    return callbacks;
  }();
  return kCallbacks;
}

// Bounds against clients that make the library work or remember: resets (CVE-2023-44487), CONTINUATION
// (CVE-2024-28182), settings, and answers to PING and SETTINGS that the client does not read.
const nghttp2_option* Options() {
  static const auto* const kOptions = [] {
    nghttp2_option* options = nullptr;
    if (nghttp2_option_new(&options) != 0) std::abort();
    nghttp2_option_set_stream_reset_rate_limit(options, /*burst=*/1'000, /*a second=*/100);
    nghttp2_option_set_max_continuations(options, 8);
    nghttp2_option_set_max_settings(options, 32);
    nghttp2_option_set_max_outbound_ack(options, 100);
    nghttp2_option_set_server_fallback_rfc7540_priorities(options, 0);
    nghttp2_option_set_no_closed_streams(options, 1);
    return options;
  }();
  return kOptions;
}

// A response's status and what is not prepared of its field lines, as the library takes them. It puts names
// into lower case.
class LiveFields {
 public:
  void Read(const WireResponse& wire) {
    fields_.clear();
    status_ = std::to_string(wire.status);
    fields_.push_back(NameAndValue(":status", status_));
    ForEachField(wire.lines, [this](std::string_view name, std::string_view value) {
      fields_.push_back(NameAndValue(name, value));
    });
  }

  const std::vector<nghttp2_nv>& fields() const { return fields_; }

 private:
  std::string status_;
  std::vector<nghttp2_nv> fields_;
};

}  // namespace

nghttp2_session* NewHttp2Session(Http2Events& events, std::size_t max_header_bytes) {
  nghttp2_session* session = nullptr;
  if (nghttp2_session_server_new2(&session, Callbacks(), &events, Options()) != 0) std::abort();  // no memory
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxHttp2Streams},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(max_header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  return session;
}

bool SubmitResponse(nghttp2_session* session, std::int32_t id, const WireResponse& wire) {
  static thread_local LiveFields live;
  live.Read(wire);
  const std::vector<nghttp2_nv>& fields = live.fields();
  const nghttp2_data_provider body = {.source = {.ptr = nullptr}, .read_callback = ReadBody};
  return nghttp2_submit_response(session, id, fields.data(), fields.size(),
                                 wire.body.empty() ? nullptr : &body) == 0;
}

void SubmitContinue(nghttp2_session* session, std::int32_t id) {
  std::uint8_t name[] = {':', 's', 't', 'a', 't', 'u', 's'};
  std::uint8_t value[] = {'1', '0', '0'};
  const nghttp2_nv field = {name, value, sizeof(name), sizeof(value), NGHTTP2_NV_FLAG_NONE};
  nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id, nullptr, &field, 1, nullptr);
}

}  // namespace broadsheet::http
