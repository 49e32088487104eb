#include "libs/redis/address.h"

#include <arpa/inet.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace broadsheet::redis {
namespace {

constexpr absl::string_view kUnixPrefix = "unix://";
constexpr absl::string_view kSentinelPrefix = "sentinel://";
constexpr absl::string_view kClusterPrefix = "cluster://";

std::optional<Address> ReadHostAndPort(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
    in6_addr ignored = {};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &ignored) != 1) return std::nullopt;
  } else if (host.find_first_of(":/, \t") != absl::string_view::npos) {
    return std::nullopt;
  }
  int port = 0;
  if (host.empty() || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 1 || port > 65535)
    return std::nullopt;
  return Address{.socket_path = "", .host = std::string(host), .port = port};
}

std::optional<std::vector<Address>> ReadList(absl::string_view text) {
  std::vector<Address> addresses;
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    std::optional<Address> address = ReadHostAndPort(item);
    if (!address || addresses.size() == kMaxAddresses) return std::nullopt;
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

}  // namespace

absl::StatusOr<Address> ParseAddress(const std::string& text) {
  const absl::Status invalid = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no Redis address: it must be host:port or unix:///path"));
  if (absl::StartsWith(text, kUnixPrefix)) {
    const std::string path = text.substr(kUnixPrefix.size());
    if (!path.starts_with('/')) return invalid;
    return Address{.socket_path = path, .host = "", .port = 0};
  }
  std::optional<Address> address = ReadHostAndPort(text);
  if (!address) return invalid;
  return *std::move(address);
}

std::string ToText(const Address& address) {
  if (!address.socket_path.empty()) return absl::StrCat(kUnixPrefix, address.socket_path);
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(ipv6 ? "[" : "", address.host, ipv6 ? "]:" : ":", address.port);
}

absl::StatusOr<Deployment> ParseDeployment(const std::string& text) {
  const auto invalid = [&](absl::string_view form) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" must be ", form, ", of at most ", kMaxAddresses, " addresses"));
  };
  if (absl::StartsWith(text, kClusterPrefix)) {
    auto nodes = ReadList(absl::string_view(text).substr(kClusterPrefix.size()));
    if (!nodes) return invalid("cluster://host:port,host:port");
    return Deployment{.kind = Deployment::Kind::kCluster, .addresses = *std::move(nodes), .master_name = ""};
  }
  if (absl::StartsWith(text, kSentinelPrefix)) {
    const absl::string_view rest = absl::string_view(text).substr(kSentinelPrefix.size());
    const std::size_t slash = rest.find('/');
    auto sentinels = ReadList(rest.substr(0, slash));
    const absl::string_view name = slash == absl::string_view::npos ? "" : rest.substr(slash + 1);
    if (!sentinels || name.empty()) return invalid("sentinel://host:port,host:port/master-name");
    return Deployment{.kind = Deployment::Kind::kSentinel,
                      .addresses = *std::move(sentinels),
                      .master_name = std::string(name)};
  }
  absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) return address.status();
  return Deployment{
      .kind = Deployment::Kind::kStandalone, .addresses = {*std::move(address)}, .master_name = ""};
}

}  // namespace broadsheet::redis
