#include "services/cli/importers/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace broadsheet::cli {

namespace {

// Looked up once: that takes longer than the digest of a paragraph.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

std::string Sha256Hex(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  // Without a digest foreign ids would be taken for each other's: never go on.
  if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, Algorithm(), nullptr) != 1) std::abort();
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace broadsheet::cli
