#ifndef BROADSHEET_SERVICES_MEDIA_DIGEST_H_
#define BROADSHEET_SERVICES_MEDIA_DIGEST_H_

#include <string>
#include <string_view>

namespace broadsheet::media {

// SHA-256, as 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

// Whether `text` has that form.
bool IsSha256(std::string_view text);

// `digits` random lower-case hexadecimal digits, an even number, from the system's source.
std::string RandomHex(int digits);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_DIGEST_H_
