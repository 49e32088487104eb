#include "libs/http/uri.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace broadsheet::http {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

using Bytes = std::array<bool, 256>;

// Those that RFC 3986 calls unreserved, and some more.
constexpr Bytes Unreserved(std::string_view also) {
  Bytes bytes = {};
  for (unsigned char c = 'a'; c <= 'z'; ++c) bytes[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) bytes[c] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) bytes[c] = true;
  for (const char c : std::string_view("-._~")) bytes[static_cast<unsigned char>(c)] = true;
  for (const char c : also) bytes[static_cast<unsigned char>(c)] = true;
  return bytes;
}

constexpr Bytes kInComponent = Unreserved("");
constexpr Bytes kInPath = Unreserved("/!$&'()*+,;=:@");

// The byte that the escape at `text[i]` (a "%") stands for, or -1.
int DecodeEscape(std::string_view text, std::size_t i) {
  if (i + 2 >= text.size()) return -1;
  const int high = HexValue(text[i + 1]);
  const int low = HexValue(text[i + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool HasDotSegment(std::string_view path) {
  for (std::size_t start = 1; start <= path.size();) {
    std::size_t end = path.find('/', start);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

// Where the ASCII that begins at `i` ends; by words, as most text is ASCII.
std::size_t EndOfAscii(std::string_view text, std::size_t i) {
  for (std::uint64_t word; i + sizeof(word) <= text.size(); i += sizeof(word)) {
    std::memcpy(&word, text.data() + i, sizeof(word));
    if (word & 0x8080808080808080) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

// Bytes that are allowed are copied in runs: most texts are one.
std::string Encode(std::string_view text, const Bytes& allowed) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  while (true) {
    std::size_t run = 0;
    while (run < text.size() && allowed[static_cast<unsigned char>(text[run])]) ++run;
    encoded.append(text.substr(0, run));
    if (run == text.size()) return encoded;
    const auto byte = static_cast<unsigned char>(text[run]);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
    text.remove_prefix(run + 1);
  }
}

}  // namespace

std::optional<std::string> DecodePath(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::string decoded;
  decoded.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    int byte = static_cast<unsigned char>(path[i]);
    if (byte == '%') {
      byte = DecodeEscape(path, i);
      if (byte < 0 || byte == '/') return std::nullopt;
      i += 2;
    }
    if (byte == '\\' || IsControl(static_cast<unsigned char>(byte))) return std::nullopt;
    decoded += static_cast<char>(byte);
  }
  if (HasDotSegment(decoded) || !IsValidUtf8(decoded)) return std::nullopt;
  return decoded;
}

std::optional<std::string> DecodeQueryComponent(std::string_view component) {
  std::string decoded;
  decoded.reserve(component.size());
  for (std::size_t i = 0; i < component.size(); ++i) {
    int byte = static_cast<unsigned char>(component[i]);
    if (byte == '+') {
      byte = ' ';
    } else if (byte == '%') {
      byte = DecodeEscape(component, i);
      if (byte < 0) return std::nullopt;
      i += 2;
    }
    if (IsControl(static_cast<unsigned char>(byte))) return std::nullopt;
    decoded += static_cast<char>(byte);
  }
  if (!IsValidUtf8(decoded)) return std::nullopt;
  return decoded;
}

std::string EncodePath(std::string_view path) { return Encode(path, kInPath); }

std::string EncodeQueryComponent(std::string_view component) { return Encode(component, kInComponent); }

bool IsValidUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    i = EndOfAscii(text, i);
    if (i == text.size()) break;
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead >= 0xc2 && lead <= 0xdf   ? 2
                       : (lead & 0xf0) == 0xe0        ? 3
                       : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                      : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t code = lead & (0x7f >> length);
    for (int k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3f);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

}  // namespace broadsheet::http
