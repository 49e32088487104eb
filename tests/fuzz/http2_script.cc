#include "tests/fuzz/http2_script.h"

#include <nghttp2/nghttp2.h>

#include <cstdlib>
#include <vector>

#include "tests/fuzz/lines.h"

namespace broadsheet::fuzz {
namespace {

constexpr std::size_t kMaxFields = 40;
constexpr std::size_t kMaxPayload = 16 * 1024;

std::string Number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

// Takes the decimal digits in front.
std::uint32_t TakeNumber(std::string_view& text) {
  std::uint32_t value = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = value * 10 + static_cast<std::uint32_t>(text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

bool TakeMark(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

nghttp2_nv FieldOf(std::string_view text) {
  const std::size_t colon = text.find(':', 1);
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  const auto bytes = [](std::string_view part) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(part.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

std::string Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  payload = payload.substr(0, kMaxPayload);
  std::string frame = Number(static_cast<std::uint32_t>(payload.size())).substr(1);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  return frame.append(Number(stream & 0x7fffffffU)).append(payload);
}

Http2Script::Http2Script() {
  if (nghttp2_hd_deflate_new(&deflater_, 4096) != 0) std::abort();
}
Http2Script::~Http2Script() { nghttp2_hd_deflate_del(deflater_); }

// "1.&:method:GET&a:b": stream, "." for its end, "+" for more to come in CONTINUATION.
std::string Http2Script::Headers(std::string_view line) {
  const std::uint32_t stream = TakeNumber(line);
  std::uint8_t flags = NGHTTP2_FLAG_END_HEADERS;
  if (TakeMark(line, '.')) flags |= NGHTTP2_FLAG_END_STREAM;
  if (TakeMark(line, '+')) flags &= static_cast<std::uint8_t>(~NGHTTP2_FLAG_END_HEADERS);
  std::vector<nghttp2_nv> fields;
  while (!line.empty() && fields.size() < kMaxFields) {
    if (const std::string_view field = Take(line, '&'); !field.empty()) fields.push_back(FieldOf(field));
  }
  std::string block(nghttp2_hd_deflate_bound(deflater_, fields.data(), fields.size()), '\0');
  const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(block.data()),
                                             block.size(), fields.data(), fields.size());
  return Frame(NGHTTP2_HEADERS, flags, stream, std::string_view(block).substr(0, size < 0 ? 0 : size));
}

// "3=100 4=5": pairs of an id and a value.
std::string Http2Script::Settings(std::string_view line) {
  std::string payload;
  while (!line.empty() && payload.size() < 600) {
    const auto id = static_cast<std::uint16_t>(TakeNumber(line));
    TakeMark(line, '=');
    const std::uint32_t value = TakeNumber(line);
    if (id == NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE && value < NGHTTP2_INITIAL_WINDOW_SIZE)
      gives_up_answers_ = true;
    payload += Number(id).substr(2) + Number(value);
    if (!TakeMark(line, ' ')) break;
  }
  return payload;
}

std::string Http2Script::Line(std::string_view line) {
  if (line.empty()) return "";
  const char kind = line.front();
  line.remove_prefix(1);
  const bool any_bytes = kind == 'x' || kind == 'c' || kind == 'f';
  possible_heads_ += any_bytes ? line.size() : line.find("HEAD") != line.npos;
  if (kind == 'h') return Headers(line);
  if (kind == 's') return Frame(NGHTTP2_SETTINGS, 0, 0, Settings(line));
  if (kind == 'x' || kind == 'r' || kind == 'f') gives_up_answers_ = true;  // "x", "f": it may be either
  if (kind == 'x') return std::string(line);
  std::uint32_t number = TakeNumber(line);
  if (kind == 'd') {
    const bool ends = TakeMark(line, '.');
    return Frame(NGHTTP2_DATA, ends ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE, number, line);
  }
  if (kind == 'c') {
    const bool more = TakeMark(line, '+');
    return Frame(NGHTTP2_CONTINUATION, more ? NGHTTP2_FLAG_NONE : NGHTTP2_FLAG_END_HEADERS, number, line);
  }
  if (kind == 'p') return Frame(NGHTTP2_PING, number != 0 ? NGHTTP2_FLAG_ACK : 0, 0, "12345678");
  if (kind == 'g') return Frame(NGHTTP2_GOAWAY, 0, 0, Number(number) + Number(0));
  TakeMark(line, ' ');
  const std::uint32_t second = TakeNumber(line);
  if (kind == 'r') return Frame(NGHTTP2_RST_STREAM, 0, number, Number(second));
  if (kind == 'w') return Frame(NGHTTP2_WINDOW_UPDATE, 0, number, Number(second));
  if (kind != 'f') return "";
  TakeMark(line, ' ');
  const std::uint32_t stream = TakeNumber(line);
  TakeMark(line, ' ');
  return Frame(static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(second), stream, line);
}

}  // namespace broadsheet::fuzz
