#ifndef BROADSHEET_LIBS_REDIS_ADDRESS_H_
#define BROADSHEET_LIBS_REDIS_ADDRESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace broadsheet::redis {

// Where a Redis listens: a Unix socket, or a host and a port.
struct Address {
  std::string socket_path;  // empty: host and port
  std::string host;
  int port = 0;
  bool operator==(const Address&) const = default;
};

// Reads `host:port`, `[IPv6]:port` or `unix:///path`. INVALID_ARGUMENT for anything else.
absl::StatusOr<Address> ParseAddress(const std::string& text);

// What ParseAddress reads as the same address.
std::string ToText(const Address& address);

// How to come to a Redis that may be more than one server.
struct Deployment {
  enum class Kind { kStandalone, kSentinel, kCluster };
  Kind kind = Kind::kStandalone;
  // The server; the sentinels; some nodes of the cluster. At least one.
  std::vector<Address> addresses;
  std::string master_name;  // kSentinel: what the sentinels call it
};

// More addresses than this are refused.
inline constexpr std::size_t kMaxAddresses = 32;

// Reads what ParseAddress reads, `sentinel://host:port,…/master-name` or `cluster://host:port,…`.
// INVALID_ARGUMENT for anything else.
absl::StatusOr<Deployment> ParseDeployment(const std::string& text);

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_ADDRESS_H_
