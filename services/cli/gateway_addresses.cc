#include "services/cli/gateway_addresses.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace broadsheet::cli {

namespace {

using Resolved = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// Whether gRPC would not ask the system's name server for the target.
bool IsOfOtherForm(absl::string_view target) {
  constexpr absl::string_view kSchemes[] = {"unix:", "unix-abstract:", "ipv4:", "ipv6:", "vsock:"};
  return absl::StrContains(target, "://") ||
         std::any_of(std::begin(kSchemes), std::end(kSchemes),
                     [&](absl::string_view scheme) { return absl::StartsWith(target, scheme); });
}

// In the form of a target: `10.0.0.1:8081`, `[fd00::1]:8081`.
std::string NumericAddress(const addrinfo& address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address.ai_addr, address.ai_addrlen, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "";
  return address.ai_family == AF_INET6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status Resolve(const std::string& host, const std::string& port, std::vector<std::string>& addresses) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &first);
  if (error != 0)
    return absl::UnavailableError(absl::StrCat("\"", host, "\" has no address: ", gai_strerror(error)));
  const Resolved resolved(first, &freeaddrinfo);
  bool has_ipv4 = false;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) has_ipv4 |= at->ai_family == AF_INET;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
    if (has_ipv4 && at->ai_family != AF_INET) continue;
    if (std::string address = NumericAddress(*at); !address.empty()) addresses.push_back(std::move(address));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> GatewayAddresses(absl::string_view targets) {
  std::vector<std::string> all;
  for (absl::string_view target : absl::StrSplit(targets, ',')) {
    if (!absl::ConsumePrefix(&target, "dns:///")) absl::ConsumePrefix(&target, "dns:");
    std::vector<std::string> addresses;
    if (IsOfOtherForm(target)) {
      addresses.emplace_back(target);
    } else {
      const std::size_t colon = target.rfind(':');
      absl::string_view host = target.substr(0, colon);
      if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
      if (colon == absl::string_view::npos || colon + 1 == target.size() || host.empty())
        return absl::InvalidArgumentError(absl::StrCat("\"", target, "\" is not HOST:PORT"));
      absl::Status resolved = Resolve(std::string(host), std::string(target.substr(colon + 1)), addresses);
      if (!resolved.ok()) return resolved;
    }
    for (std::string& address : addresses) {
      if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(std::move(address));
    }
    if (all.size() > kMaxGateways)
      return absl::OutOfRangeError(absl::StrCat("more than ", kMaxGateways, " gateways are named"));
  }
  return all;
}

}  // namespace broadsheet::cli
