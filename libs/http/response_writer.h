#ifndef BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_
#define BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "libs/http/request.h"
#include "libs/http/response.h"

namespace broadsheet::http {

// One response, in the pieces it is sent in: HTTP/1.1 sends the texts one after the other. All but `lines`
// belongs to the content.
struct WireResponse {
  std::shared_ptr<const Content> content;
  int status = 0;
  const PreparedLines* head = &kNoLines;  // both empty when the status line is in `lines`
  const PreparedLines* shared = &kNoLines;
  std::string lines;  // what is written anew for each response, with the empty line that ends the head
  std::string_view body;

  static const PreparedLines kNoLines;
};

class ResponseWriter {
 public:
  // Fills `wire` (keeping the capacity of its strings) with the answer to `request`. A null `request` stands
  // for one that could not be read. `date_line` is "Date: …\r\n". With `close`, the client is told that the
  // connection ends.
  static void Write(const Request* request, Response response, std::string_view date_line, bool close,
                    WireResponse& wire);

 private:
  static void WriteSelected(const Request& request, WireResponse& wire);
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_
