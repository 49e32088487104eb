#include "services/article/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace broadsheet::article {

std::string Sha256(absl::string_view bytes) {
  // Looked up once: that takes longer than the digest of a paragraph.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
             nullptr);
  return digest;
}

}  // namespace broadsheet::article
