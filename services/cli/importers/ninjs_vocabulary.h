#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_VOCABULARY_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_VOCABULARY_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

// The properties of ninjs as a table, one for each of its major versions, from its specification.
namespace broadsheet::cli {

struct NinjsProperty {
  absl::string_view name;  // may end in `*`: every name that begins so
  // `string`, `uri`, `time` (RFC 3339), `moment` (a time, or a day, month or year), `number`, `integer`,
  // `1..9`, `object`, `a|b` (one of these words), `@t` (an object of type t), `[t]` (a list), `{t}` (an
  // object of any names).
  absl::string_view type;
  bool required = false;
};

struct NinjsObjectType {
  std::vector<NinjsProperty> properties;
  // Of at least one of these groups exactly one property must be there; empty: no such rule.
  std::vector<std::vector<absl::string_view>> one_of;

  // Null if there is no such property.
  const NinjsProperty* Find(absl::string_view name) const;

  // So that Find need not look at all of them; made of `properties`.
  absl::flat_hash_map<absl::string_view, std::size_t> by_name;
  std::vector<std::size_t> by_beginning;  // of those with `*`
};

// By name; `item` is the one to begin with. `version`: 1, 2 or 3. Lives for ever.
const std::map<absl::string_view, NinjsObjectType>& NinjsVocabulary(int version);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_VOCABULARY_H_
