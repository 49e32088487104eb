#ifndef BROADSHEET_SERVICES_GATEWAY_STRING_MAP_H_
#define BROADSHEET_SERVICES_GATEWAY_STRING_MAP_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace broadsheet::gateway {

// Hashes std::string and std::string_view alike. (Debian's Abseil has a string_view of its own, so its maps
// do not.)
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// A hash map from strings that is searched without making one.
template <class Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_STRING_MAP_H_
