#ifndef BROADSHEET_SERVICES_ARTICLE_SHA256_H_
#define BROADSHEET_SERVICES_ARTICLE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::article {

// The 32 bytes of the digest.
std::string Sha256(absl::string_view bytes);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SHA256_H_
