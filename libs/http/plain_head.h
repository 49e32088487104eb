#ifndef BROADSHEET_LIBS_HTTP_PLAIN_HEAD_H_
#define BROADSHEET_LIBS_HTTP_PLAIN_HEAD_H_

#include <cstddef>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "libs/http/request.h"

namespace broadsheet::http {

// What a head of the usual kind says.
struct PlainHead {
  std::size_t size = 0;  // with the empty line at its end; 0: it is of another kind, or not complete
  Method method = Method::kGet;
  std::string_view target;
  std::string_view host;
};

// Reads the head at the front of `bytes` if it is one that cannot be misread: GET or HEAD of a path,
// HTTP/1.1, one Host, at most `max_fields` fields of printable ASCII, and nothing that says anything of a
// body or of the connection but that it is to be kept. Such a head means here what it means to the whole
// grammar's parser (request_reader.cc), at a third of the cost. Of all others, right or wrong, nothing is
// said. The fields, which are left undefined then, and all other views are into `bytes`.
PlainHead ReadPlainHead(std::string_view bytes, std::size_t max_fields,
                        absl::InlinedVector<Field, 20>& fields);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_PLAIN_HEAD_H_
