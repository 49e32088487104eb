#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/trial_pages.h"

namespace broadsheet::gateway {

// INVALID_ARGUMENT unless every page has its title, its h1 and its text, one place for the notice that can be
// seen, and an <html> that says whether it is degraded and can be labelled as last known
// (Renderer::LabelStale); of a text that is not HTML, unless it has what it cannot be without. The message
// has a line for each fault (TemplateFaults), "FOLDERFILE:LINE: reason" where what is lacking has a place in
// the file's text, of which there is one by each name in `texts`; else "FOLDERFILE: reason". Pure.
absl::Status CheckTrialPages(const std::vector<TrialPage>& pages, absl::string_view folder,
                             const std::map<std::string, std::string>& texts);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_CHECK_H_
