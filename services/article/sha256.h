#ifndef BROADSHEET_SERVICES_ARTICLE_SHA256_H_
#define BROADSHEET_SERVICES_ARTICLE_SHA256_H_

#include <openssl/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::article {

// The 32 bytes of the digest.
std::string Sha256(absl::string_view bytes);

// The same of bytes that come in parts, or of one text after the other.
class Sha256Sum {
 public:
  Sha256Sum();
  ~Sha256Sum();
  Sha256Sum(const Sha256Sum&) = delete;
  Sha256Sum& operator=(const Sha256Sum&) = delete;

  void Add(absl::string_view bytes);
  // What has been added is forgotten then.
  std::string Finish();

 private:
  EVP_MD_CTX* const context_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SHA256_H_
