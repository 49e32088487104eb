#include "services/article/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace broadsheet::article {
namespace {

// Looked up once: that takes longer than the digest of a paragraph.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// Without a digest two requests could be taken for the same one: never go on.
void Require(int done) {
  if (done != 1) std::abort();
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  Require(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                     Algorithm(), nullptr));
  return digest;
}

Sha256Sum::Sha256Sum() : context_(EVP_MD_CTX_new()) {
  Require(EVP_DigestInit_ex2(context_, Algorithm(), nullptr));
}

Sha256Sum::~Sha256Sum() { EVP_MD_CTX_free(context_); }

void Sha256Sum::Add(absl::string_view bytes) {
  Require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()));
}

std::string Sha256Sum::Finish() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  Require(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  Require(EVP_DigestInit_ex2(context_, nullptr, nullptr));
  return digest;
}

}  // namespace broadsheet::article
