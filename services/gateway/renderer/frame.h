#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_FRAME_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_FRAME_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/page_content.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// What every template of a page knows: the site's name and language, the addresses of the assets, and the
// section OTHER_LANGUAGE_PAGE when the page's text is in another language than the site's own words.
Values SharedValues(const Site& site, const std::vector<Asset>& assets, absl::string_view page_language);

// What page.html is filled with: head, masthead, footer, and the main part.
Values PageValues(const Frame& frame, PageContent content, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_FRAME_H_
