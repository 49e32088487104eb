#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_

#include <string>

#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

// The story of the page as an item of IPTC ninjs 3.1, for those who republish it: what readers see, and
// nothing else. Its body is HTML of this folder's writers with whole addresses, its corrections at the head;
// they are the `edNote` as well. Pictures that are missing are left out; an item of a degraded page is
// `partial`. Items of one `uri` and one `version` are the same in every byte. Pure.
std::string NinjsItem(const ArticlePage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_NINJS_H_
