#ifndef BROADSHEET_LIBS_HTTP_REQUEST_RULES_H_
#define BROADSHEET_LIBS_HTTP_REQUEST_RULES_H_

#include <optional>
#include <string_view>

#include "libs/http/request.h"

// What requests must keep to whatever protocol brings them.
namespace broadsheet::http {

// A host name or address with an optional port. Narrower than the grammar of RFC 3986: no user information,
// no escapes.
bool IsAuthority(std::string_view text);

// Nothing for methods that are not known here. Methods are case-sensitive.
std::optional<Method> ParseMethod(std::string_view text);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_REQUEST_RULES_H_
