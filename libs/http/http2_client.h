#ifndef BROADSHEET_LIBS_HTTP_HTTP2_CLIENT_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_CLIENT_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/raw_client.h"

namespace broadsheet::http {

// For tests: an HTTP/2 client with prior knowledge, the protocol spoken by libnghttp2's client side.
class Http2Client {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  struct Reply {
    int status = 0;
    std::multimap<std::string, std::string> fields;
    std::string body;
    bool complete = false;
    std::uint32_t error = 0;  // of a stream that was reset

    std::string Header(const std::string& name) const {
      const auto found = fields.find(name);
      return found == fields.end() ? "" : found->second;
    }
  };

  explicit Http2Client(int port) : socket_(port) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Http2Client() { nghttp2_session_del(session_); }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  // Begins a request and returns its stream. Nothing is sent before Send or Receive.
  std::int32_t Begin(const std::string& method, const std::string& path, const Fields& more = {},
                     std::string body = "") {
    Fields fields = {
        {":method", method}, {":scheme", "http"}, {":authority", "news.example"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> lines;
    for (auto& [name, value] : fields) {
      lines.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                       reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
    }
    const bool has_body = !body.empty();
    nghttp2_data_provider provider = {.source = {.ptr = this}, .read_callback = ReadBody};
    const std::int32_t id = nghttp2_submit_request(session_, nullptr, lines.data(), lines.size(),
                                                   has_body ? &provider : nullptr, nullptr);
    if (has_body) bodies_[id] = std::move(body);
    return id;
  }

  void Send() {
    const std::uint8_t* bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;) {
      socket_.Send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    }
  }

  // Waits for the end of the stream, or of the connection.
  Reply Receive(std::int32_t id) {
    Send();
    while (!replies_[id].complete && ReceiveSome()) {
    }
    return replies_[id];
  }

  Reply Exchange(const std::string& method, const std::string& path, const Fields& fields = {},
                 std::string body = "") {
    return Receive(Begin(method, path, fields, std::move(body)));
  }

  void Reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }
  void Ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

  // Sends what was begun, and no more.
  void FinishSending() {
    Send();
    socket_.FinishSending();
  }

  // Reads on until the server ends the connection; false when it does not.
  bool ReceiveToEnd() {
    while (ReceiveSome()) {
    }
    return ended_;
  }

  // Reads what comes next.
  void ReceiveMore() { ReceiveSome(); }

  // Of the last GOAWAY; -1: none came.
  int goaway_error() const { return goaway_error_; }

 private:
  static Http2Client& Self(void* client) { return *static_cast<Http2Client*>(client); }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                      void* client) {
    Reply& reply = Self(client).replies_[frame->hd.stream_id];
    const std::string field(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    if (field == ":status") reply.status = std::stoi(text);
    reply.fields.emplace(field, text);
    return 0;
  }
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                    std::size_t size, void* client) {
    Self(client).replies_[id].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int OnClose(nghttp2_session*, std::int32_t id, std::uint32_t error, void* client) {
    Self(client).replies_[id].complete = true;
    Self(client).replies_[id].error = error;
    return 0;
  }
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* client) {
    if (frame->hd.type == NGHTTP2_GOAWAY)
      Self(client).goaway_error_ = static_cast<int>(frame->goaway.error_code);
    return 0;
  }
  static ssize_t ReadBody(nghttp2_session*, std::int32_t id, std::uint8_t* into, std::size_t room,
                          std::uint32_t* flags, nghttp2_data_source* source, void*) {
    std::string& body = Self(source->ptr).bodies_[id];
    const std::size_t size = std::min(room, body.size());
    std::memcpy(into, body.data(), size);
    body.erase(0, size);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  bool ReceiveSome() {
    const std::string bytes = socket_.ReceivePart();
    if (bytes.empty()) {
      ended_ = true;
      return false;
    }
    nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    Send();
    return true;
  }

  RawClient socket_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Reply> replies_;
  std::map<std::int32_t, std::string> bodies_;
  int goaway_error_ = -1;
  bool ended_ = false;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_CLIENT_H_
