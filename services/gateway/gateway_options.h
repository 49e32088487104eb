#ifndef BROADSHEET_SERVICES_GATEWAY_GATEWAY_OPTIONS_H_
#define BROADSHEET_SERVICES_GATEWAY_GATEWAY_OPTIONS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/redis/client.h"
#include "services/gateway/gateway.h"
#include "services/gateway/renderer/page_model.h"

// What is made of GatewayOptions before anything starts.
namespace broadsheet::gateway {

// INVALID_ARGUMENT: a value that cannot be meant, by the name of its flag.
absl::Status CheckOptions(const GatewayOptions& options);

// The site as templates see it. INVALID_ARGUMENT: there is no such time zone.
absl::StatusOr<Site> SiteOf(const GatewayOptions& options);

// How to reach Redis, with the passwords that the files hold. INVALID_ARGUMENT: a file that cannot be read or
// is not one line of text, by the name of its flag; no message quotes what is in it.
absl::StatusOr<redis::ClientOptions> RedisOptions(const GatewayOptions& options);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GATEWAY_OPTIONS_H_
