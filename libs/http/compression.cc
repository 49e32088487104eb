#include "libs/http/compression.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <isa-l/crc64.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/strings/ascii.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kWorthCompressing = 512;  // below, the field lines cost what the coding saves
constexpr std::size_t kMaxRatio = 1032;         // of deflate: more than this a byte cannot stand for

int GzipLevel(Effort effort) { return effort == Effort::kFast ? 1 : effort == Effort::kBalanced ? 6 : 12; }
int BrotliQuality(Effort effort) {
  return effort == Effort::kFast ? 3 : effort == Effort::kBalanced ? 5 : 11;
}

struct CompressorDeleter {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
struct DecompressorDeleter {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};
struct BrotliDecoderDeleter {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

// A compressor holds hundreds of kilobytes of tables, so each thread keeps the ones it has used.
libdeflate_compressor* ThreadCompressor(int level) {
  static thread_local std::array<std::unique_ptr<libdeflate_compressor, CompressorDeleter>, 13> compressors;
  auto& compressor = compressors[static_cast<std::size_t>(level)];
  if (!compressor) compressor.reset(libdeflate_alloc_compressor(level));
  return compressor.get();
}

// igzip's state and tables, 165 KiB for each thread. More room for tables makes pages neither smaller nor
// sooner done.
struct Igzip {
  isal_zstream stream;
  std::array<std::uint8_t, ISAL_DEF_LVL1_SMALL> tables;
};

// Room that a thread compresses into: what comes out is a third of the room that it may need.
class Scratch {
 public:
  // Not cleared; until the next call on this thread.
  static std::span<char> OfThread(std::size_t size) {
    static thread_local Scratch scratch;
    if (scratch.size_ < size || scratch.size_ > kKept) {
      scratch.size_ = std::max(size, kLeast);
      scratch.bytes_ = std::make_unique_for_overwrite<char[]>(scratch.size_);
    }
    return {scratch.bytes_.get(), size};
  }

 private:
  static constexpr std::size_t kLeast = 64 * 1024;
  static constexpr std::size_t kKept = 512 * 1024;  // once something else is compressed
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// The size of what was written, or 0 if igzip failed or it does not fit.
std::size_t GzipFast(std::string_view input, std::span<char> output) {
  static thread_local const std::unique_ptr<Igzip> igzip = std::make_unique<Igzip>();
  isal_zstream& stream = igzip->stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = igzip->tables.data();
  stream.level_buf_size = igzip->tables.size();
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));  // is only read
  stream.avail_in = static_cast<std::uint32_t>(input.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(output.data());
  stream.avail_out = static_cast<std::uint32_t>(output.size());
  return isal_deflate_stateless(&stream) == COMP_OK && stream.avail_in == 0 ? stream.total_out : 0;
}

absl::Status TooLarge() {
  return absl::InvalidArgumentError("the input is larger than what is compressed in one piece");
}

bool Worthwhile(const Content::Parts& parts) {
  return parts.body.size() >= kWorthCompressing && IsCompressible(parts.content_type);
}

}  // namespace

absl::StatusOr<std::string> Gzip(std::string_view input, Effort effort) {
  if (input.size() > kMaxCompressibleBytes) return TooLarge();
  // Room for stored blocks of 10,000 bytes; igzip's hold 65,535, so it needs less.
  const std::span<char> output = Scratch::OfThread(libdeflate_gzip_compress_bound(nullptr, input.size()));
  std::size_t size = effort == Effort::kFast ? GzipFast(input, output) : 0;
  if (size == 0) {
    libdeflate_compressor* compressor = ThreadCompressor(GzipLevel(effort));
    if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for a gzip compressor");
    size = libdeflate_gzip_compress(compressor, input.data(), input.size(), output.data(), output.size());
  }
  if (size == 0) return absl::InternalError("gzip compression failed");
  return std::string(output.data(), size);
}

absl::StatusOr<std::string> Brotli(std::string_view input, Effort effort) {
  if (input.size() > kMaxCompressibleBytes) return TooLarge();
  std::size_t size = BrotliEncoderMaxCompressedSize(input.size());
  std::string output(size, '\0');
  if (!BrotliEncoderCompress(BrotliQuality(effort), BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, input.size(),
                             reinterpret_cast<const std::uint8_t*>(input.data()), &size,
                             reinterpret_cast<std::uint8_t*>(output.data()))) {
    return absl::InternalError("brotli compression failed");
  }
  output.resize(size);
  output.shrink_to_fit();
  return output;
}

absl::StatusOr<std::string> Gunzip(std::string_view input, std::size_t max_bytes, std::size_t likely_bytes) {
  static thread_local std::unique_ptr<libdeflate_decompressor, DecompressorDeleter> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) return absl::ResourceExhaustedError("no memory for a gzip decompressor");
  // The size that gzip records is a hint only: nothing vouches for it, nor for what the caller was told.
  std::size_t guess =
      likely_bytes > 0 ? std::min(likely_bytes, input.size() * kMaxRatio) : input.size() * 4 + 1024;
  for (;; guess *= 4) {
    std::string output(std::min(guess, max_bytes), '\0');
    std::size_t size = 0;
    const libdeflate_result result = libdeflate_gzip_decompress(
        decompressor.get(), input.data(), input.size(), output.data(), output.size(), &size);
    if (result == LIBDEFLATE_SUCCESS) {
      output.resize(size);
      return output;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return absl::InvalidArgumentError("damaged gzip data");
    if (guess >= max_bytes) return absl::InvalidArgumentError("the gzip data holds more than it may");
  }
}

absl::StatusOr<std::string> Unbrotli(std::string_view input, std::size_t max_bytes) {
  std::unique_ptr<BrotliDecoderState, BrotliDecoderDeleter> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
  if (!state) return absl::ResourceExhaustedError("no memory for a brotli decoder");
  std::string output;
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
  std::size_t available_in = input.size();
  for (;;) {
    std::array<std::uint8_t, 16 * 1024> block;
    std::uint8_t* next_out = block.data();
    std::size_t available_out = block.size();
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(state.get(), &available_in, &next_in,
                                                                     &available_out, &next_out, nullptr);
    output.append(reinterpret_cast<const char*>(block.data()), block.size() - available_out);
    if (output.size() > max_bytes)
      return absl::InvalidArgumentError("the brotli data holds more than it may");
    if (result == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT)
      return absl::InvalidArgumentError("damaged brotli data");
  }
  if (available_in != 0) return absl::InvalidArgumentError("data after the end of the brotli data");
  return output;
}

std::uint64_t Checksum(std::string_view bytes) {
  return crc64_ecma_refl(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

bool IsCompressible(std::string_view content_type) {
  const std::string_view essence = content_type.substr(0, content_type.find(';'));
  const std::string type =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(absl::string_view(essence.data(), essence.size())));
  if (type.starts_with("text/") || type.ends_with("+xml") || type.ends_with("+json")) return true;
  static constexpr std::array<std::string_view, 9> kOthers = {
      "application/json", "application/xml",  "application/javascript",
      "font/ttf",         "font/otf",         "image/x-icon",
      "image/bmp",        "application/wasm", "application/vnd.ms-fontobject"};
  return std::find(kOthers.begin(), kOthers.end(), type) != kOthers.end();
}

void AddGzip(Content::Parts& parts, Effort effort) {
  if (!Worthwhile(parts)) return;
  absl::StatusOr<std::string> coded = Gzip(parts.body, effort);
  if (coded.ok() && coded->size() < parts.body.size()) parts.gzip = *std::move(coded);
}

void AddBrotli(Content::Parts& parts, Effort effort) {
  if (!Worthwhile(parts)) return;
  absl::StatusOr<std::string> coded = Brotli(parts.body, effort);
  if (coded.ok() && coded->size() < parts.body.size()) parts.brotli = *std::move(coded);
}

}  // namespace broadsheet::http
