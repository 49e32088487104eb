#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/values.h"

// What rss.xml, atom.xml and sitemap.xml are filled with. Pure functions. Entries are identified by tag: URIs
// (RFC 4151) made of the site's host, the day of first publication and the story's id: they outlive changes
// of its path.
namespace broadsheet::gateway {

Values FeedValues(const FeedPage& page, const Site& site);
Values SitemapValues(const SitemapPage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_
