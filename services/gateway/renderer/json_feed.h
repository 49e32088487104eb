#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_JSON_FEED_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_JSON_FEED_H_

#include <string>

#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

// The feed as JSON Feed 1.1 (jsonfeed.org), with the same stories, identities and words as in RSS and Atom.
// Pure.
std::string JsonFeed(const FeedPage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_JSON_FEED_H_
