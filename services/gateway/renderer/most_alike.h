#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_MOST_ALIKE_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_MOST_ALIKE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// Up to `count` of `names`, those that it takes the fewest letters to be changed for `name` to become them
// first. What stands beyond the first hundred bytes of any of them does not count. Pure.
std::vector<std::string> MostAlike(absl::string_view name, std::vector<std::string> names, std::size_t count);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_MOST_ALIKE_H_
