#ifndef BROADSHEET_LIBS_HTTP_COMPRESSION_H_
#define BROADSHEET_LIBS_HTTP_COMPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/http/response.h"

namespace broadsheet::http {

// How much time compressing may take: in front of a reader, in the background, or once for content that lives
// long.
enum class Effort { kFast, kBalanced, kBest };

inline constexpr std::size_t kMaxCompressibleBytes = 64 * 1024 * 1024;

// `input` may be empty. INVALID_ARGUMENT beyond kMaxCompressibleBytes. Thread-safe. Deterministic; but what
// is kFast may come out otherwise on another kind of CPU.
absl::StatusOr<std::string> Gzip(std::string_view input, Effort effort);
absl::StatusOr<std::string> Brotli(std::string_view input, Effort effort);

// The reverse. INVALID_ARGUMENT for damaged input or when the output would exceed `max_bytes`. Who knows how
// much it will be spares the beginnings that are too short for it; 0: nobody does.
absl::StatusOr<std::string> Gunzip(std::string_view input, std::size_t max_bytes = kMaxCompressibleBytes,
                                   std::size_t likely_bytes = 0);
absl::StatusOr<std::string> Unbrotli(std::string_view input, std::size_t max_bytes = kMaxCompressibleBytes);

// CRC-64 of the bytes (ECMA-182, reflected, as in xz): tells of damage, not of intent.
std::uint64_t Checksum(std::string_view bytes);

// Whether compressing this media type pays: text, JSON, XML, SVG, fonts that are not compressed themselves.
// Parameters after ";" are ignored.
bool IsCompressible(std::string_view content_type);

// Fills in parts.gzip when the type is compressible, the body is at least 512 bytes and coding it saves
// bytes.
void AddGzip(Content::Parts& parts, Effort effort);
// The same for parts.brotli.
void AddBrotli(Content::Parts& parts, Effort effort);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_COMPRESSION_H_
