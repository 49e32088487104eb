#include "libs/http/request.h"

#include <algorithm>
#include <array>

#include "libs/http/uri.h"

namespace broadsheet::http {
namespace {

// Bytes of a path that stand for themselves; controls, spaces and what is not ASCII do not.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = '!'; c <= '~'; ++c) plain[c] = c != '%' && c != '\\';
  return plain;
}();

// Whether a path is its own decoding and nothing in it needs a closer look.
bool IsPlain(std::string_view path) {
  const auto is_plain = [](char c) { return kPlain[static_cast<unsigned char>(c)]; };
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), is_plain) &&
         (path.find('.') == std::string_view::npos || path.find("/.") == std::string_view::npos);
}

}  // namespace

std::string_view MethodName(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "GET";
}

absl::StatusOr<std::shared_ptr<const Request>> Request::Make(Parts parts) {
  auto request = std::make_shared<Request>();
  request->method_ = parts.method;
  request->head_ = parts.target;
  for (const auto& [name, value] : parts.headers) request->head_.append(name).append(value);
  const std::string_view head = request->head_;
  if (!request->SetTarget(head.substr(0, parts.target.size()))) {
    return absl::InvalidArgumentError("not a request target: " + parts.target);
  }
  std::size_t position = parts.target.size();
  for (const auto& [name, value] : parts.headers) {
    request->fields_.push_back(
        {head.substr(position, name.size()), head.substr(position + name.size(), value.size())});
    position += name.size() + value.size();
  }
  request->host_ = request->Header("Host");
  request->body_ = std::move(parts.body);
  request->remote_address_ = std::move(parts.remote_address);
  return request;
}

bool Request::SetTarget(std::string_view target) {
  target_ = target;
  path_ = target.substr(0, target.find('?'));
  query_ = path_.size() == target.size() ? std::string_view() : target.substr(path_.size() + 1);
  if (target.find('#') != std::string_view::npos) return false;
  if (target == "*") return method_ == Method::kOptions;
  if (IsPlain(path_)) return true;
  std::optional<std::string> decoded = DecodePath(path_);
  if (!decoded) return false;
  decoded_path_ = *std::move(decoded);
  path_ = decoded_path_;
  return true;
}

std::optional<std::string> Request::QueryParameter(std::string_view name) const {
  for (std::string_view rest = query_; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size() == rest.size() ? pair.size() : pair.size() + 1);
    const std::string_view key = pair.substr(0, pair.find('='));
    const std::optional<std::string> decoded = DecodeQueryComponent(key);
    if (!decoded || *decoded != name) continue;
    return DecodeQueryComponent(key.size() == pair.size() ? std::string_view() : pair.substr(key.size() + 1));
  }
  return std::nullopt;
}

std::string Request::List(std::string_view name) const {
  std::string list;
  for (const Field& field : fields_) {
    if (EqualsIgnoringCase(field.name, name)) list.append(list.empty() ? "" : ", ").append(field.value);
  }
  return list;
}

std::string_view Request::Header(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name.size() == name.size() && EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return {};
}

}  // namespace broadsheet::http
