#ifndef BROADSHEET_SERVICES_GATEWAY_GATEWAY_FLAGS_H_
#define BROADSHEET_SERVICES_GATEWAY_GATEWAY_FLAGS_H_

#include "services/gateway/gateway.h"

namespace broadsheet::gateway {

// What the program's flags say. Not checked: see CheckOptions.
GatewayOptions OptionsFromFlags();
// Whether the program is only to say whether the folder of templates could be used.
bool OnlyChecksTemplates();

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_GATEWAY_FLAGS_H_
