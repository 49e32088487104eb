#ifndef BROADSHEET_LIBS_TESTING_HTTP_GET_H_
#define BROADSHEET_LIBS_TESTING_HTTP_GET_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace broadsheet::test {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined with ", "
  std::string body;                            // chunks put together, not decompressed

  // The header's value; empty if it is not there. `name` in lower case.
  std::string Header(const std::string& name) const;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One HTTP/1.1 request to 127.0.0.1:`port` on a connection of its own; blocks. `path` goes out as it is.
// Errors: UNAVAILABLE: no connection; DEADLINE_EXCEEDED; DATA_LOSS: the answer is not HTTP or ends early.
absl::StatusOr<HttpAnswer> HttpGet(int port, std::string_view path, const HttpHeaders& headers = {},
                                   absl::Duration timeout = absl::Seconds(10));
absl::StatusOr<HttpAnswer> HttpRequest(int port, std::string_view method, std::string_view path,
                                       const HttpHeaders& headers = {}, std::string_view body = "",
                                       absl::Duration timeout = absl::Seconds(10));

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_HTTP_GET_H_
