#ifndef BROADSHEET_LIBS_HTTP_VALIDATORS_H_
#define BROADSHEET_LIBS_HTTP_VALIDATORS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace broadsheet::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7); fractions of a second are cut off.
std::string HttpDate(absl::Time time);
// Reads the three forms of RFC 9110. Nothing for anything else.
std::optional<absl::Time> ParseHttpDate(std::string_view text);

// An opaque tag (22 characters, no quotes) that is equal for equal bytes: 128 bits of their SHA-256.
// Cryptographic because authors choose the bytes: nobody can make two pages that share a tag.
std::string StrongEtag(std::string_view bytes);

// Whether `field` (If-None-Match or If-Match: "*" or a list) names `etag` (with quotes). Weak comparison
// ignores "W/", strong comparison never matches a weak tag. A malformed list matches nothing from the
// malformed member on.
bool EtagListMatches(std::string_view field, std::string_view etag, bool weak_comparison);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_VALIDATORS_H_
