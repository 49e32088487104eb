#ifndef BROADSHEET_LIBS_HTTP_REQUEST_H_
#define BROADSHEET_LIBS_HTTP_REQUEST_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"

namespace broadsheet::http {

// As names of fields, codings and hosts compare: ASCII letters in either case are the same.
inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return x == y || absl::ascii_tolower(static_cast<unsigned char>(x)) ==
                         absl::ascii_tolower(static_cast<unsigned char>(y));
  });
}

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

std::string_view MethodName(Method method);

// One field line of a request head. The views live as long as their Request.
struct Field {
  std::string_view name;
  std::string_view value;
};

// One request, complete with its body, as the server accepted it: the target is well formed, exactly one Host
// named the authority, and every limit of ServerOptions held. Immutable and safe to share between threads.
class Request {
 public:
  // What a request is made of when it does not come from a connection, for example in a handler's tests.
  struct Parts {
    Method method = Method::kGet;
    std::string target = "/";  // path and query, still percent-encoded
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string remote_address = "127.0.0.1";
  };
  // INVALID_ARGUMENT when the target would have been refused by the server.
  static absl::StatusOr<std::shared_ptr<const Request>> Make(Parts parts);

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Method method() const { return method_; }
  // Path and query exactly as received; starts with "/", or is "*" for OPTIONS.
  std::string_view target() const { return target_; }
  // Percent-decoded, see DecodePath in uri.h.
  std::string_view path() const { return path_; }
  // Still encoded, without the "?"; empty when there is none.
  std::string_view query() const { return query_; }
  // The decoded value of the first parameter of that name. Nothing when there is none or it is malformed.
  std::optional<std::string> QueryParameter(std::string_view name) const;
  // The value of the first field line of that name (any case), without surrounding whitespace; empty when
  // absent.
  std::string_view Header(std::string_view name) const;
  // The values of all lines of that name as one list, as which they count (RFC 9110, section 5.3).
  std::string List(std::string_view name) const;
  const absl::InlinedVector<Field, 20>& fields() const { return fields_; }
  std::string_view host() const { return host_; }
  std::string_view body() const { return body_; }
  // The peer's IP address in text form, without the port. Behind a proxy this is the proxy.
  std::string_view remote_address() const { return remote_address_; }

 private:
  friend class RequestReader;  // also its parser
  friend class Http2Request;

  // Sets target_, path_ and query_ from `target`, which must be a view into head_. False when DecodePath
  // refuses it.
  bool SetTarget(std::string_view target);

  std::string head_;  // owns what the views below point into
  Method method_ = Method::kGet;
  std::string_view target_;
  std::string_view query_;
  std::string_view host_;
  std::string decoded_path_;  // used only when the path holds an escape
  std::string_view path_;
  absl::InlinedVector<Field, 20> fields_;
  std::string body_;
  std::string remote_address_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_REQUEST_H_
