#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TABLE_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TABLE_H_

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// A table within a wrapper that scrolls when the page is too narrow for it and can be scrolled by keyboard.
// Rows that are too short are filled up with empty cells, so that every row has as many. Empty for a table
// without cells. Pure. `anchor` is a valid id that nothing else on the page has.
Markup WriteTable(const article::v1::Table& table, const LinkTargets& links, absl::string_view anchor);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TABLE_H_
