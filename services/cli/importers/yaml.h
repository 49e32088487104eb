#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_YAML_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_YAML_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// A piece of YAML as plain values, each with its line. Text is not interpreted: `1` and `yes` are "1" and
// "yes".
struct YamlValue {
  enum class Kind { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;     // in the file, from 1
  std::string key;  // of a field of a map
  std::string text;
  std::vector<YamlValue> items;
  std::vector<YamlValue> fields;  // in the file's order; a key may repeat
};

// Parses one document of up to 1 MiB and 8 levels. `first_line`: the line of the file at which `yaml` starts.
// Reports what is wrong and returns nothing.
std::optional<YamlValue> ParseYaml(absl::string_view yaml, const std::string& file, int first_line,
                                   Problems& problems);

// Reads the fields of a map by name and type. A field of the wrong type, an unknown or a repeated key is
// reported as an error, at its line. Refers to the value, which must outlive it.
class YamlMap {
 public:
  // Reports what is not among `known`.
  YamlMap(const YamlValue& map, std::string file, const std::vector<absl::string_view>& known,
          Problems& problems);

  bool Has(absl::string_view key) const;
  // Line of the field; of the map itself if there is no such field.
  int Line(absl::string_view key) const;

  // All: nothing if the field is absent, null or, after a report, of another type.
  std::optional<std::string> Text(absl::string_view key);  // NFC, trimmed; without control characters
  std::optional<std::string> RequiredText(absl::string_view key);
  std::optional<std::string> Id(absl::string_view key);
  std::optional<int> Integer(absl::string_view key, int lowest, int highest);
  std::optional<absl::Time> Time(absl::string_view key);  // RFC 3339
  std::vector<std::string> Texts(absl::string_view key);  // a list of texts, or a single one
  // The items of a list of maps; reports items of other kinds.
  std::vector<const YamlValue*> Maps(absl::string_view key);

  int errors() const { return errors_; }

 private:
  const YamlValue* Find(absl::string_view key) const;
  std::optional<std::string> CleanText(absl::string_view key, const YamlValue& value);
  void Error(int line, absl::string_view message);

  const YamlValue& map_;
  const std::string file_;
  Problems& problems_;
  int errors_ = 0;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_YAML_H_
