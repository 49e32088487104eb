#include "libs/http/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>

#include "absl/strings/string_view.h"
#include "libs/http/plain_head.h"
#include "libs/http/request_rules.h"

namespace broadsheet::http {
namespace {

namespace beast = boost::beast;

bool StartsIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && EqualsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Whether the request line ends in a version that is well formed, if not one that is spoken here.
bool EndsInVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  if (line.size() < 9 || std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.size() - 9);
  return version.starts_with(" HTTP/") && version[6] >= '0' && version[6] <= '9' && version[7] == '.' &&
         version[8] >= '0' && version[8] <= '9';
}

}  // namespace

// Beast's grammar of requests; what it leaves to its user is checked here, field by field.
class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  Parser(const ServerOptions& options, Request& request) : options_(options), request_(request) {
    body_limit(options.max_body_bytes);
    header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
    eager(true);
  }

  int error_status() const { return error_status_; }
  std::string_view error_reason() const { return error_reason_; }
  std::string_view target() const { return target_; }
  std::string_view host() const { return host_; }
  int version() const { return version_; }
  bool expects_continue() const { return expects_continue_; }
  std::optional<Method> method() const { return method_; }

 private:
  using Error = beast::error_code;

  void Reject(int status, std::string_view reason, Error& ec) {
    error_status_ = status;
    error_reason_ = reason;
    ec = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       Error&) override {
    method_ = ParseMethod(View(method));
    target_ = View(target);
    version_ = version;
  }

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     Error& ec) override {
    if (is_header_done()) return;  // a trailer: read, checked, not used
    request_.fields_.push_back({View(name), View(value)});
    if (request_.fields_.size() > options_.max_header_fields)
      return Reject(431, "Too many header fields.", ec);
    switch (field) {
      case beast::http::field::host:
        return OnHost(View(value), ec);
      case beast::http::field::content_length:
        return OnContentLength(View(value), ec);
      case beast::http::field::transfer_encoding:
        return OnTransferEncoding(View(value), ec);
      case beast::http::field::expect:
        if (!EqualsIgnoringCase(View(value), "100-continue")) return Reject(417, "Unknown expectation.", ec);
        expects_continue_ = version_ >= 11;
        return;
      default:
        return;
    }
  }

  void OnHost(std::string_view value, Error& ec) {
    if (!host_.empty()) return Reject(400, "More than one Host.", ec);
    if (!IsAuthority(value)) return Reject(400, "Host is not a host.", ec);
    host_ = value;
  }

  void OnContentLength(std::string_view value, Error& ec) {
    const bool digits = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (has_length_ || value.empty() || !digits) return Reject(400, "Content-Length is not one number.", ec);
    has_length_ = true;
  }

  void OnTransferEncoding(std::string_view value, Error& ec) {
    if (version_ < 11) return Reject(400, "Transfer-Encoding needs HTTP/1.1.", ec);
    if (!EqualsIgnoringCase(value, "chunked"))
      return Reject(501, "Transfer-Encoding other than chunked.", ec);
  }

  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(beast::string_view body, Error&) override {
    request_.body_.append(body.data(), body.size());
    return body.size();
  }
  // Beast lets anything stand between the quotes of an extension, also a line feed, at which others end the
  // line.
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, Error& ec) override {
    const auto is_control = [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; };
    if (std::any_of(extensions.begin(), extensions.end(), is_control))
      Reject(400, "A chunk's extension holds a control character.", ec);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, Error&) override {
    request_.body_.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(Error&) override {}
  void on_response_impl(int, beast::string_view, int, Error&) override {}

  const ServerOptions& options_;
  Request& request_;
  std::optional<Method> method_;
  std::string_view target_;
  std::string_view host_;
  int version_ = 0;
  bool has_length_ = false;
  bool expects_continue_ = false;
  int error_status_ = 0;
  std::string_view error_reason_;
};

RequestReader::RequestReader(const ServerOptions& options, std::string_view remote_address)
    : options_(options), remote_address_(remote_address) {}

RequestReader::~RequestReader() = default;

bool RequestReader::expects_continue() const {
  return !plain_ && parser_ != nullptr && parser_->expects_continue();
}

bool RequestReader::keep_alive() const {
  return plain_ || (parser_ != nullptr && parser_->version() >= 11 && parser_->keep_alive());
}

void RequestReader::Fail(int status, std::string_view reason) {
  state_ = State::kFailed;
  error_status_ = status;
  error_reason_ = reason;
}

std::size_t RequestReader::Feed(std::string_view bytes) {
  if (state_ == State::kIdle || state_ == State::kHead) {
    const std::size_t used = FeedHead(bytes);
    return state_ == State::kBody ? used + FeedBody(bytes.substr(used)) : used;
  }
  return state_ == State::kBody ? FeedBody(bytes) : 0;
}

std::size_t RequestReader::FeedHead(std::string_view bytes) {
  std::size_t skipped = 0;
  if (state_ == State::kIdle) {
    // Empty lines before a request line are ignored (RFC 9112, section 2.2).
    while (bytes.starts_with("\r\n")) {
      bytes.remove_prefix(2);
      skipped += 2;
    }
    if (bytes.empty() || bytes == "\r") return skipped;
    is_head_ = false;
    if (!IsAlphanumeric(bytes.front())) {
      Fail(400, "This is not HTTP.");
      return skipped;
    }
    if (const std::size_t size = FeedPlainHead(bytes); size > 0) return skipped + size;
    state_ = State::kHead;
  }
  is_head_ = bytes.starts_with("HEAD ");
  const std::size_t size = FindHeadEnd(bytes);
  if (size == 0) return skipped;
  ReadHead(bytes.substr(0, size));
  return skipped + size;
}

// Reads a head that is complete and of the usual kind. Whatever is wrong with another one, or missing, is not
// found here.
std::size_t RequestReader::FeedPlainHead(std::string_view bytes) {
  auto request = std::make_shared<Request>();
  bytes = bytes.substr(0, options_.max_header_bytes);
  const PlainHead head = ReadPlainHead(bytes, options_.max_header_fields, request->fields_);
  if (head.size == 0 || head.target.size() > options_.max_target_bytes) return 0;
  request->head_ = bytes.substr(0, head.size);
  const auto kept = [&](std::string_view part) {
    return std::string_view(request->head_)
        .substr(static_cast<std::size_t>(part.data() - bytes.data()), part.size());
  };
  for (Field& field : request->fields_) field = {kept(field.name), kept(field.value)};
  request->method_ = head.method;
  request->host_ = kept(head.host);
  request->remote_address_ = remote_address_;
  if (!request->SetTarget(kept(head.target))) return 0;
  request_ = std::move(request);
  plain_ = true;
  state_ = State::kComplete;
  return head.size;
}

std::size_t RequestReader::FindHeadEnd(std::string_view bytes) {
  for (;;) {
    const std::size_t newline = bytes.find('\n', scanned_);
    const bool first = scanned_ == 0;
    if (newline == std::string_view::npos || newline >= options_.max_header_bytes) {
      if (first && bytes.size() > options_.max_target_bytes + 64) {
        Fail(414, "The request target is too long.");
      } else if (bytes.size() >= options_.max_header_bytes) {
        Fail(431, "The header fields are too large.");
      }
      return 0;
    }
    const std::string_view line = bytes.substr(scanned_, newline - scanned_);
    if (!CheckLine(line, first)) return 0;
    scanned_ = newline + 1;
    if (line == "\r") return scanned_;
  }
}

bool RequestReader::CheckLine(std::string_view line, bool first) {
  if (line.empty() || line.find('\r') != line.size() - 1) {
    Fail(400, "A line does not end in CRLF.");
  } else if (!first && (line.front() == ' ' || line.front() == '\t')) {
    Fail(400, "A header field is folded.");
  }
  return state_ != State::kFailed;
}

void RequestReader::ReadHead(std::string_view head) {
  plain_ = false;
  request_ = std::make_shared<Request>();
  request_->head_ = head;
  if (parser_ == nullptr) {
    parser_ = std::make_unique<Parser>(options_, *request_);
  } else {  // in the place of the one before it
    std::destroy_at(parser_.get());
    std::construct_at(parser_.get(), options_, *request_);
  }
  beast::error_code ec;
  parser_->put(boost::asio::buffer(request_->head_), ec);
  if (ec == beast::http::error::need_more) ec = {};  // the head is complete, the body is still to come
  if (!ec && parser_->is_header_done()) return CheckHead();
  if (parser_->error_status() != 0) return Fail(parser_->error_status(), parser_->error_reason());
  if (ec == beast::http::error::body_limit) return Fail(413, "The body is too large.");
  if (ec == beast::http::error::bad_version && EndsInVersion(head)) return Fail(505, "Speak HTTP/1.1.");
  Fail(400, "The request is malformed.");
}

void RequestReader::CheckHead() {
  std::string_view target = parser_->target();
  std::string_view host = parser_->host();
  if (target.size() > options_.max_target_bytes) return Fail(414, "The request target is too long.");
  if (!parser_->method()) return Fail(501, "Unknown method.");
  if (host.empty() && parser_->version() >= 11) return Fail(400, "Host is missing.");
  if (StartsIgnoringCase(target, "http://") || StartsIgnoringCase(target, "https://")) {
    target.remove_prefix(target.find("//") + 2);
    const std::string_view authority = target.substr(0, target.find_first_of("/?"));
    if (host.empty() && IsAuthority(authority)) host = authority;  // HTTP/1.0 needs no Host
    if (!EqualsIgnoringCase(authority, host)) return Fail(400, "Host and request target disagree.");
    target.remove_prefix(authority.size());
    if (target.empty()) target = "/";
  }
  request_->method_ = *parser_->method();
  request_->host_ = host;
  request_->remote_address_ = remote_address_;
  if (!request_->SetTarget(target)) return Fail(400, "The request target is malformed.");
  state_ = parser_->is_done() ? State::kComplete : State::kBody;
}

std::size_t RequestReader::FeedBody(std::string_view bytes) {
  // Once the parser has seen the line of the last chunk it relies on being asked again only with all that
  // such a chunk has at least, "0\r\n\r\n". A line feed before that may be the one behind the chunk before.
  constexpr std::size_t kShortestLastChunk = 5;
  const bool last_chunk = bytes.substr(0, body_rest_).find('\n', 2) != std::string_view::npos;
  if (bytes.empty() || (last_chunk && bytes.size() < kShortestLastChunk)) return 0;
  beast::error_code ec;
  const std::size_t used = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  body_wire_ += used;
  body_rest_ = bytes.size() - used;
  if (ec == beast::http::error::body_limit) {
    Fail(413, "The body is too large.");
  } else if (ec && ec != beast::http::error::need_more) {
    Fail(400, "The body's framing is malformed.");
  } else if (parser_->is_done()) {
    state_ = State::kComplete;
  } else if (bytes.size() - used >= options_.max_header_bytes ||
             body_wire_ > 4 * options_.max_body_bytes + options_.max_header_bytes) {
    Fail(400, "The body is more framing than content.");
  }
  return used;
}

std::shared_ptr<const Request> RequestReader::Take() {
  state_ = State::kIdle;
  scanned_ = 0;
  body_wire_ = 0;
  body_rest_ = 0;
  return std::move(request_);
}

}  // namespace broadsheet::http
