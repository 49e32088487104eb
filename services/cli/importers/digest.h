#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_DIGEST_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_DIGEST_H_

#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_DIGEST_H_
