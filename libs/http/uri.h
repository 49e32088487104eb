#ifndef BROADSHEET_LIBS_HTTP_URI_H_
#define BROADSHEET_LIBS_HTTP_URI_H_

#include <optional>
#include <string>
#include <string_view>

namespace broadsheet::http {

// Decodes the path of a request target ("/culture/caf%C3%A9"). Returns nothing, rather than something that
// could be read in two ways, when the path does not start with "/", holds a malformed escape, an encoded "/",
// "\" or control character, a
// "." or ".." segment, or is not UTF-8 once decoded.
std::optional<std::string> DecodePath(std::string_view path);

// Decodes one name or value of a query ("a+b%21" is "a b!"). Nothing for a malformed escape, a control
// character or bytes that are not UTF-8.
std::optional<std::string> DecodeQueryComponent(std::string_view component);

// Encodes `path` for a URL or a Location field: every byte that is neither unreserved nor "/" nor a
// sub-delimiter that a path may hold becomes %XX.
std::string EncodePath(std::string_view path);

// Encodes one name or value of a query.
std::string EncodeQueryComponent(std::string_view component);

bool IsValidUtf8(std::string_view text);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_URI_H_
