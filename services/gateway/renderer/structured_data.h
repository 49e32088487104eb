#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_STRUCTURED_DATA_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_STRUCTURED_DATA_H_

#include <vector>

#include "services/gateway/renderer/body.h"
#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/values.h"

// schema.org data of a page as JSON-LD, made from the same model as what readers see. Safe within a <script>
// element:
// `<`, `>`, `&`, U+2028 and U+2029 are escaped, so nothing in it can end the element or begin a comment.
// Pure.
namespace broadsheet::gateway {

// A NewsArticle; a LiveBlogPosting if the story has moments, with the latest 50 of them as its updates.
Markup StoryData(const ArticlePage& page, const std::vector<Moment>& moments, const Site& site);
Markup WebSiteData(const Site& site);
Markup CollectionData(const ListPage& page, const Site& site);
Markup ProfileData(const AuthorPage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_STRUCTURED_DATA_H_
