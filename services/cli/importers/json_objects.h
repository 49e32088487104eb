#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_JSON_OBJECTS_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_JSON_OBJECTS_H_

#include <nlohmann/json_fwd.hpp>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// Hands over the objects of a JSON text one by one: of a list its entries, else the one there is. Holds one
// of them as a tree at a time, unless the text has what the quick parser does not read: a byte order mark, a
// number beyond 64 bits, 256 levels. INVALID_ARGUMENT, and none is handed over: not JSON, with the line; a
// number that no double holds; or something else than objects.
absl::Status ForEachJsonObject(absl::string_view text,
                               absl::FunctionRef<void(const nlohmann::json&)> on_object);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_JSON_OBJECTS_H_
