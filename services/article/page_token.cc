#include "services/article/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kSignatureBytes = 16;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kMaxTokenBytes = 500;

std::string Sign(absl::string_view key, absl::string_view filters, absl::string_view place) {
  // The length of the filters keeps the boundary between the two parts fixed.
  const std::string signed_bytes = absl::StrCat(filters.size(), ":", filters, place);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(signed_bytes.data()), signed_bytes.size(), digest, &length);
  return std::string(reinterpret_cast<const char*>(digest), kSignatureBytes);
}

std::string EncodePlace(const ListPlace& place) {
  std::string bytes;
  const auto time = static_cast<std::uint64_t>(place.micros);
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(time >> shift & 0xFF));
  return bytes + place.article_id;
}

ListPlace DecodePlace(absl::string_view bytes) {
  std::uint64_t time = 0;
  for (char byte : bytes.substr(0, kTimeBytes)) time = time << 8 | static_cast<unsigned char>(byte);
  return {static_cast<std::int64_t>(time), std::string(bytes.substr(kTimeBytes))};
}

}  // namespace

std::string MakePageToken(absl::string_view key, absl::string_view filters, const ListPlace& place) {
  const std::string bytes = EncodePlace(place);
  return absl::WebSafeBase64Escape(Sign(key, filters, bytes) + bytes);
}

std::optional<ListPlace> ReadPageToken(absl::string_view key, absl::string_view filters,
                                       absl::string_view token) {
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  if (bytes.size() < kSignatureBytes + kTimeBytes) return std::nullopt;
  const std::string place = bytes.substr(kSignatureBytes);
  if (CRYPTO_memcmp(Sign(key, filters, place).data(), bytes.data(), kSignatureBytes) != 0)
    return std::nullopt;
  return DecodePlace(place);
}

}  // namespace broadsheet::article
