#include "libs/http/http2_fields.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "absl/strings/ascii.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kKeptScratch = 64 * 1024;

struct Deleter {
  void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
};
using Encoder = std::unique_ptr<nghttp2_hd_deflater, Deleter>;

void Encode(nghttp2_hd_deflater* encoder, const std::vector<nghttp2_nv>& fields, std::string& block) {
  static thread_local std::string scratch;  // the bound is several times what it will be
  const std::size_t bound = nghttp2_hd_deflate_bound(encoder, fields.data(), fields.size());
  if (scratch.size() < bound) scratch.resize(bound);
  const ssize_t size = nghttp2_hd_deflate_hd(encoder, reinterpret_cast<std::uint8_t*>(scratch.data()), bound,
                                             fields.data(), fields.size());
  if (size < 0) std::abort();  // no memory
  block.append(scratch, 0, static_cast<std::size_t>(size));
  if (scratch.size() > kKeptScratch) scratch = std::string();
}

// One without a table, so that it can neither refer to what was before nor add to it.
Encoder NewEncoder() {
  nghttp2_hd_deflater* encoder = nullptr;
  if (nghttp2_hd_deflate_new(&encoder, /*max_deflate_dynamic_table_size=*/0) != 0) std::abort();  // no memory
  std::string first;  // would also tell of the table's size
  Encode(encoder, {NameAndValue("vary", "")}, first);
  return Encoder(encoder);
}

}  // namespace

nghttp2_nv NameAndValue(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

void ForEachField(std::string_view lines,
                  absl::FunctionRef<void(std::string_view name, std::string_view value)> take) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(std::min(lines.size(), line.size() + 2));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || line.starts_with("HTTP/1.1 ")) continue;
    take(line.substr(0, colon), line.substr(colon + 2));
  }
}

void AppendHttp2Fields(std::string_view lines, std::string& block) {
  static thread_local const Encoder encoder = NewEncoder();
  std::string lower(lines);
  std::vector<nghttp2_nv> fields;
  ForEachField(lower, [&](std::string_view name, std::string_view value) {
    for (char& c :
         std::span(lower).subspan(static_cast<std::size_t>(name.data() - lower.data()), name.size()))
      c = absl::ascii_tolower(static_cast<unsigned char>(c));
    fields.push_back(NameAndValue(name, value));
  });
  if (!fields.empty()) Encode(encoder.get(), fields, block);
}

}  // namespace broadsheet::http
