#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_ITEM_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_ITEM_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/cli/importers/news_item.h"

namespace broadsheet::cli {

// Items of ninjs, whatever its version: 1.x has single properties (`headline`, `body_xhtml`), 2.x lists of
// objects with roles (`headlines`, `bodies`), 3.x the same in camel case (`versionCreated`).
//
// Parses one item or a list of items, and hands them over one by one. INVALID_ARGUMENT, and none is handed
// over: not JSON, or neither an object nor a list of them.
absl::Status ParseNinjs(absl::string_view json, absl::FunctionRef<void(NewsItem)> on_item);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_ITEM_H_
