#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_

#include "absl/status/status.h"
#include "services/gateway/renderer/trial_pages.h"

namespace broadsheet::gateway {

// INVALID_ARGUMENT "FILE: reason" unless the page has its title, its h1 and its text, one place for the
// notice that can be seen, and an <html> that says whether it is degraded and can be labelled as last known
// (Renderer::LabelStale); of a text that is not HTML, unless it has what it cannot be without. Pure.
absl::Status CheckTrialPage(const TrialPage& page);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_
