// What a client of HTTP/2 does, a line for each frame (http2_script.h). An empty line is where a write of the
// client's ends, "!" where late answers are given; without them everything arrives at once. What comes back
// is frames, every response with as many bytes as it says, and complete unless its stream is reset, the
// connection ends with an error, or the client has left no room for it (Reader::CheckEnds).
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/http2_script.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/one_client.h"

namespace broadsheet::fuzz {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;
constexpr std::size_t kMaxLines = 400;

// Reads what the server sends.
class Reader {
 public:
  Reader() { Expect(nghttp2_hd_inflate_new(&inflater_) == 0, "an inflater"); }
  ~Reader() { nghttp2_hd_inflate_del(inflater_); }

  void Read(std::string_view bytes) {
    while (!bytes.empty()) {
      Expect(bytes.size() >= kFrameHead, "a frame has a head", bytes);
      const std::size_t size = Byte(bytes, 0) << 16 | Byte(bytes, 1) << 8 | Byte(bytes, 2);
      Expect(size <= 16'384 && bytes.size() >= kFrameHead + size, "a frame is complete", bytes);
      const std::uint32_t stream =
          (Byte(bytes, 5) & 0x7f) << 24 | Byte(bytes, 6) << 16 | Byte(bytes, 7) << 8 | Byte(bytes, 8);
      OnFrame(Byte(bytes, 3), Byte(bytes, 4), stream, bytes.substr(kFrameHead, size));
      bytes.remove_prefix(kFrameHead + size);
    }
  }

  // To be asked when the server has nothing more to say. `answered`: the well-formed requests.
  void CheckEnds(const std::vector<OneClient::Answered>& answered, const Http2Script& client) const {
    std::map<int, std::size_t> heads, bodiless;  // by status
    std::size_t handled_heads = 0;
    for (const OneClient::Answered& one : answered) {
      heads[one.status] += one.method == http::Method::kHead;
      handled_heads += one.method == http::Method::kHead;
    }
    std::size_t refused_heads = client.possible_heads() - std::min(client.possible_heads(), handled_heads);
    for (const auto& [stream, response] : responses_) {
      if (response.ended && !response.reset && response.body == 0 && response.length > 0 &&
          response.status != 304)
        ++bodiless[response.status];
    }
    for (const auto& [status, count] : bodiless) {
      const std::size_t of_refused = count - std::min(count, heads[status]);
      Expect(of_refused <= refused_heads, "only to HEAD a body is missing", std::to_string(status));
      refused_heads -= of_refused;
    }
    if (client.gives_up_answers() || failed_ || body_ >= NGHTTP2_INITIAL_CONNECTION_WINDOW_SIZE) return;
    for (const auto& [stream, response] : responses_)
      Expect(response.status < 200 || response.ended, "a response is complete", std::to_string(stream));
  }

 private:
  struct Response {
    int status = 0;
    std::size_t length = 0;
    bool has_length = false;
    std::size_t body = 0;
    bool ended = false;
    bool reset = false;
  };

  static std::uint32_t Byte(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
  }

  void OnFrame(std::uint32_t type, std::uint32_t flags, std::uint32_t stream, std::string_view payload) {
    Response& response = responses_[stream];
    if (type == NGHTTP2_RST_STREAM) response.ended = response.reset = true;
    if (type == NGHTTP2_GOAWAY)
      failed_ |= payload.size() < 8 || payload.substr(4, 4) != std::string_view("\0\0\0\0", 4);
    if (type != NGHTTP2_HEADERS && type != NGHTTP2_DATA) return;
    Expect(stream % 2 == 1 && !response.ended, "a frame of a stream that is there", std::to_string(stream));
    if (type == NGHTTP2_HEADERS) {
      Expect((flags & NGHTTP2_FLAG_END_HEADERS) != 0, "a head is one frame");
      Expect(response.status < 200, "one head for each response", std::to_string(response.status));
      ReadFields(payload, response);
    } else {
      Expect(response.status >= 200, "a body follows its head");
      response.body += payload.size();
      body_ += payload.size();
    }
    if ((flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
    response.ended = true;
    Expect(response.body == 0 || (response.has_length && response.body == response.length),
           "a body is as long as it says", std::to_string(response.body));
  }

  void ReadFields(std::string_view block, Response& response) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    for (;;) {
      nghttp2_nv field;
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      Expect(used >= 0, "fields are well compressed");
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) OnField(field, response);
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      Expect(left > 0 || (flags & NGHTTP2_HD_INFLATE_EMIT) != 0, "fields come to an end");
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  static void OnField(const nghttp2_nv& field, Response& response) {
    const std::string_view name(reinterpret_cast<const char*>(field.name), field.namelen);
    const std::string_view value(reinterpret_cast<const char*>(field.value), field.valuelen);
    Expect(nghttp2_check_header_name(field.name, field.namelen) != 0 || name == ":status", "a field's name",
           name);
    Expect(nghttp2_check_header_value(field.value, field.valuelen) != 0, "a field's value", value);
    const absl::string_view text(value.data(), value.size());
    if (name == ":status") Expect(absl::SimpleAtoi(text, &response.status), "a status is a number", value);
    if (name != "content-length") return;
    response.has_length = absl::SimpleAtoi(text, &response.length);
    Expect(response.has_length, "a length is a number", value);
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  bool failed_ = false;   // it has said that the connection ends with an error
  std::size_t body_ = 0;  // of all responses
  std::map<std::uint32_t, Response> responses_;
};

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  std::string_view script(reinterpret_cast<const char*>(data), size);
  Http2Script frames;
  OneClient client;
  std::string pending(kPreface);
  for (std::size_t lines = 0; !script.empty() && lines < kMaxLines; ++lines) {
    const std::string_view line = Take(script);
    pending += frames.Line(line);
    if (!line.empty() && line != "!") continue;
    client.Send(pending);
    pending.clear();
    if (line == "!") client.AnswerLate();
  }
  client.Send(pending);
  client.Finish();
  Reader reader;
  reader.Read(client.received());
  reader.CheckEnds(client.answered(), frames);
  return 0;
}
