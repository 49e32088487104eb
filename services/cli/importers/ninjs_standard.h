#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_STANDARD_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_STANDARD_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

// What the IPTC's ninjs standard says an item may hold: types, required properties, formats, value lists.
namespace broadsheet::cli {

// The version an item is written in: 1, 2 or 3, as it says itself or, if it does not, the one that knows most
// of its properties.
int NinjsVersionOf(const nlohmann::json& item);

// What is wrong with an item by the standard of that version, each a sentence that names the property; at
// most
// 20. A property that is null counts as absent. An item that says in `standard` that it follows a standard
// derived from ninjs may have properties of its own. Associations are checked to `deepest` levels.
std::vector<std::string> CheckNinjs(const nlohmann::json& item, int version, int deepest);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_STANDARD_H_
