#ifndef BROADSHEET_LIBS_REDIS_ADDRESS_H_
#define BROADSHEET_LIBS_REDIS_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::redis {

// Where a Redis listens: a Unix socket, or a host and a port.
struct Address {
  std::string socket_path;  // empty: host and port
  std::string host;
  int port = 0;
};

// Reads `host:port`, `[IPv6]:port` or `unix:///path`. INVALID_ARGUMENT for anything else.
absl::StatusOr<Address> ParseAddress(const std::string& text);

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_ADDRESS_H_
