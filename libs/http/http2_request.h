#ifndef BROADSHEET_LIBS_HTTP_HTTP2_REQUEST_H_
#define BROADSHEET_LIBS_HTTP_HTTP2_REQUEST_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "libs/http/request.h"
#include "libs/http/server.h"

namespace broadsheet::http {

// Builds one request out of what a stream brings, under the same rules as HTTP/1.1's. That field names and
// values are well formed, pseudo-fields complete and in front, and lengths kept is checked by the protocol's
// library before.
class Http2Request {
 public:
  struct Refusal {
    int status = 0;
    std::string_view reason;
  };

  // `options` must outlive it.
  Http2Request(const ServerOptions& options, std::string_view remote_address);

  void AddField(std::string_view name, std::string_view value);
  // All fields are there: what is wrong with them, if anything is.
  std::optional<Refusal> FinishHead();
  bool expects_continue() const { return expects_continue_; }
  // Whatever else is wrong with it.
  bool is_head() const { return is_head_; }
  // False: the body is too large.
  bool AddBody(std::string_view bytes);
  // Held for it by now, before it is taken.
  std::size_t bytes() const;
  std::shared_ptr<const Request> Take() { return std::move(request_); }

 private:
  struct Span {
    std::size_t name;
    std::size_t name_size;
    std::size_t value_size;  // right behind the name
  };
  std::string_view ValueOf(std::string_view pseudo_field) const;
  std::optional<Refusal> ReadFields();

  const ServerOptions& options_;
  std::shared_ptr<Request> request_;
  absl::InlinedVector<Span, 24> spans_;
  bool is_head_ = false;  // known also if the method stands behind what is too large to be kept
  bool too_large_ = false;
  bool expects_continue_ = false;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_HTTP2_REQUEST_H_
