#ifndef BROADSHEET_LIBS_HTTP_HTTP2_FIELDS_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_FIELDS_H_

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace broadsheet::http {

// As the library takes a field; both must outlive that.
nghttp2_nv NameAndValue(std::string_view name, std::string_view value);

// Calls `take` with the name and the value of each of `lines` ("Name: value\r\n"…); a status line is none.
void ForEachField(std::string_view lines,
                  absl::FunctionRef<void(std::string_view name, std::string_view value)> take);

// Appends field lines as a fragment of an HTTP/2 header block that refers to nothing a connection has carried
// before and leaves nothing to refer to (RFC 7541, section 6.2.2): the same bytes are right on every
// connection, behind whatever its own encoder has written, and fragments one behind the other are one.
void AppendHttp2Fields(std::string_view lines, std::string& block);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_FIELDS_H_
