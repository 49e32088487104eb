#ifndef BROADSHEET_SERVICES_CLI_GATEWAY_ADDRESSES_H_
#define BROADSHEET_SERVICES_CLI_GATEWAY_ADDRESSES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadsheet::cli {

inline constexpr std::size_t kMaxGateways = 64;

// Every gateway behind `targets`, gRPC targets with commas between them, in order and each once. The host of
// `host:port` or `dns:///host:port` may have several addresses, as that of a headless Service has one for
// each pod: all of them, of IPv4 if it has any, as a pod may have one of each kind. A target of any other
// form is one gateway. Asks the name server, which takes as long as the system lets it.
//
// INVALID_ARGUMENT: a target without host or port. UNAVAILABLE: a name that cannot be resolved.
// OUT_OF_RANGE: more than kMaxGateways.
absl::StatusOr<std::vector<std::string>> GatewayAddresses(absl::string_view targets);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_GATEWAY_ADDRESSES_H_
