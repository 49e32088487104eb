#include "libs/redis/address.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::redis {
namespace {

constexpr char kUnixPrefix[] = "unix://";

}  // namespace

absl::StatusOr<Address> ParseAddress(const std::string& text) {
  const absl::Status invalid = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no Redis address: it must be host:port or unix:///path"));
  if (text.starts_with(kUnixPrefix)) {
    const std::string path = text.substr(sizeof(kUnixPrefix) - 1);
    if (!path.starts_with('/')) return invalid;
    return Address{.socket_path = path, .host = "", .port = 0};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return invalid;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return invalid;
  }
  int port = 0;
  if (host.empty() || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 1 || port > 65535)
    return invalid;
  return Address{.socket_path = "", .host = host, .port = port};
}

}  // namespace broadsheet::redis
