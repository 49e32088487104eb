#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_MARKUP_READER_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_MARKUP_READER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace broadsheet::gateway::testing {

struct Element {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;  // values as written, still escaped
  std::string text;                                             // directly inside, still escaped
};

enum class Syntax { kHtml, kXml };

// Reads what this folder writes, and is much stricter than a browser: every element closed in order, every
// attribute in double quotes, every `<`, `>` and `&` of a text escaped, no comment but the notice mark. What
// it accepts has exactly the elements it returns, whoever reads it. INVALID_ARGUMENT with the place
// otherwise.
absl::StatusOr<std::vector<Element>> ReadMarkup(const std::string& text, Syntax syntax);

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_MARKUP_READER_H_
