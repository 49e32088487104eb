#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_INERT_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_INERT_PAGES_H_

#include <string>

#include "absl/status/status.h"

// Whether what was rendered is what the renderer promises, whatever was in the model: no element, attribute
// or address but those that pages have. INVALID_ARGUMENT with what is wrong otherwise.
namespace broadsheet::gateway::testing {

absl::Status CheckInertPage(const std::string& html);
// Also that what RSS describes is text once its readers have taken it for HTML.
absl::Status CheckInertXml(const std::string& xml);
// Valid, and every address in it leads by http or https.
absl::Status CheckInertJson(const std::string& text);
// The same, and the story's body in it is inert HTML.
absl::Status CheckInertNinjs(const std::string& text);

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_INERT_PAGES_H_
