#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/values.h"

// What rss.xml, atom.xml and the sitemaps are filled with. Pure functions.
namespace broadsheet::gateway {

// What stands in a <description> is taken for HTML, so for RSS descriptions and summaries are the text as
// HTML, to be escaped once more by the template.
Values RssValues(const FeedPage& page, const Site& site);
// The same as text.
Values AtomValues(const FeedPage& page, const Site& site);
Values SitemapValues(const SitemapPage& page, const Site& site);
Values SitemapIndexValues(const SitemapIndexPage& page, const Site& site);
Values NewsSitemapValues(const NewsSitemapPage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_FEEDS_H_
