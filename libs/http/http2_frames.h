#ifndef BROADSHEET_LIBS_HTTP_HTTP2_FRAMES_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_FRAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/http/http2_connection.h"

// For tests: HTTP/2 as bytes, for clients that no library would be.
namespace broadsheet::http {

// A frame as bytes (RFC 9113, section 4.1).
inline std::string BytesOfFrame(char type, char flags, std::uint32_t stream, std::string_view payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += type;
  frame += flags;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame.append(payload);
}

inline std::string Number(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
  return bytes;
}

// Begins HTTP/2, with so large a window for each stream.
inline std::string BeginWithWindow(std::uint32_t size) {
  return std::string(kHttp2Preface) + BytesOfFrame(4, 0, 0, std::string("\0\4", 2) + Number(size));
}

inline std::string WindowUpdate(std::uint32_t stream, std::uint32_t size) {
  return BytesOfFrame(8, 0, stream, Number(size));
}

// http://x/ by the static table of RFC 7541.
inline const std::string kGetFields("\x82\x86\x84\x41\x01x", 6);
inline const std::string kPostFields("\x83\x86\x84\x41\x01x", 6);

inline std::string GetOnStream(std::uint32_t stream) { return BytesOfFrame(1, 5, stream, kGetFields); }

// The same of a path of less than 127 bytes, and with more fields, coded already.
inline std::string GetOnStream(std::uint32_t stream, std::string_view path, std::string_view more = "") {
  std::string fields("\x82\x86\x04", 3);
  fields += static_cast<char>(path.size());
  return BytesOfFrame(1, 5, stream, fields.append(path).append("\x41\x01x", 3).append(more));
}

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_FRAMES_H_
