#include "libs/http/http2_request.h"

#include <utility>

#include "libs/http/request_rules.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kUsualHeadBytes = 500;

}  // namespace

Http2Request::Http2Request(const ServerOptions& options, std::string_view remote_address)
    : options_(options), request_(std::make_shared<Request>()) {
  request_->remote_address_ = remote_address;
  request_->head_.reserve(kUsualHeadBytes);
}

void Http2Request::AddField(std::string_view name, std::string_view value) {
  if (name == ":method") is_head_ = value == "HEAD";
  std::string& head = request_->head_;
  // As many bytes as HTTP/1.1 would have needed.
  if (too_large_ ||
      head.size() + name.size() + value.size() + 4 * (spans_.size() + 1) > options_.max_header_bytes ||
      spans_.size() >= options_.max_header_fields + 4) {
    too_large_ = true;
    return;
  }
  spans_.push_back({head.size(), name.size(), value.size()});
  head.append(name).append(value);
}

std::string_view Http2Request::ValueOf(std::string_view pseudo_field) const {
  for (const Span& span : spans_) {
    const std::string_view field = std::string_view(request_->head_).substr(span.name);
    if (field[0] != ':') break;  // they stand in front
    if (field.substr(0, span.name_size) == pseudo_field) return field.substr(span.name_size, span.value_size);
  }
  return {};
}

std::optional<Http2Request::Refusal> Http2Request::FinishHead() {
  if (too_large_) return Refusal{431, "The header fields are too large."};
  const std::string_view target = ValueOf(":path");
  if (target.size() > options_.max_target_bytes) return Refusal{414, "The request target is too long."};
  const std::optional<Method> method = ParseMethod(ValueOf(":method"));
  if (!method) return Refusal{501, "Unknown method."};
  request_->method_ = *method;
  if (std::optional<Refusal> refusal = ReadFields()) return refusal;
  if (!request_->SetTarget(target)) return Refusal{400, "The request target is malformed."};
  return std::nullopt;
}

std::optional<Http2Request::Refusal> Http2Request::ReadFields() {
  std::string_view host = ValueOf(":authority");
  std::string_view host_field;
  for (const Span& span : spans_) {
    const std::string_view text = std::string_view(request_->head_).substr(span.name);
    const Field field = {text.substr(0, span.name_size), text.substr(span.name_size, span.value_size)};
    if (field.name.starts_with(':')) continue;
    request_->fields_.push_back(field);
    if (field.name == "host") {
      if (!host_field.empty()) return Refusal{400, "More than one Host."};
      host_field = field.value;
      if (!host.empty() && !EqualsIgnoringCase(host, field.value))
        return Refusal{400, "Host and authority disagree."};
    } else if (field.name == "expect") {
      if (!EqualsIgnoringCase(field.value, "100-continue")) return Refusal{417, "Unknown expectation."};
      expects_continue_ = true;
    }
  }
  if (request_->fields_.size() > options_.max_header_fields) return Refusal{431, "Too many header fields."};
  if (host.empty()) {
    host = host_field;
  } else if (host_field.empty()) {
    request_->fields_.push_back({"host", host});  // as every request has it
  }
  if (!IsAuthority(host)) return Refusal{400, "Host is missing or not a host."};
  request_->host_ = host;
  return std::nullopt;
}

std::size_t Http2Request::bytes() const {
  return sizeof(Http2Request) + sizeof(Request) + spans_.size() * (sizeof(Span) + sizeof(Field)) +
         request_->head_.capacity() + request_->decoded_path_.capacity() + request_->body_.capacity();
}

bool Http2Request::AddBody(std::string_view bytes) {
  if (request_->body_.size() + bytes.size() > options_.max_body_bytes) return false;
  request_->body_ += bytes;
  return true;
}

}  // namespace broadsheet::http
