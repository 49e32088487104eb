#ifndef BROADSHEET_LIBS_HTTP_SELECTION_H_
#define BROADSHEET_LIBS_HTTP_SELECTION_H_

#include <cstddef>
#include <string_view>

#include "libs/http/request.h"
#include "libs/http/response.h"

namespace broadsheet::http {

// What of a content answers a request. Independent of the protocol version.
struct Selection {
  int status = 200;                   // the content's own, or 206, 304, 412, 416
  Coding coding = Coding::kIdentity;  // offered, but for 304: that of the client's copy
  std::size_t begin = 0;              // for 206: the bytes [begin, end) of the identity body
  std::size_t end = 0;
};

// Preconditions, range and content negotiation, in the order of RFC 9110, section 13.2.2. Ranges are those of
// the identity coding: a strong validator of a coded body would have to change whenever it is compressed
// anew. A copy in any coding that the client takes will do for 304, whichever it would be sent now.
Selection Select(const Request& request, const Content& content);

// The coding that `accept_encoding` rates highest among those offered; brotli before gzip before identity
// when it rates them alike. Identity when nothing offered is acceptable: a readable page is better than 406.
Coding Negotiate(std::string_view accept_encoding, const Content& content);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_SELECTION_H_
