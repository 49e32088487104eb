#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_

#include <string>

#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

// The story of the page as an item of IPTC ninjs 3.1, for those who republish it: what readers see, and
// nothing else. Its body is HTML of this folder's writers with whole addresses; its corrections are the
// `edNote`; pictures that are missing are left out. Pure.
std::string NinjsItem(const ArticlePage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_
