#include "services/cli/importers/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kDeepestValue = 8;
constexpr int kMostValues = 100'000;  // aliases may multiply what the bytes hold

class Converter {
 public:
  explicit Converter(int first_line) : first_line_(first_line) {}

  // False when the document is too deep or too large.
  bool Convert(const YAML::Node& node, int depth, YamlValue& value) {
    if (depth > kDeepestValue || ++values_ > kMostValues) return false;
    value.line = first_line_ + std::max(0, node.Mark().line);
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        value.kind = YamlValue::Kind::kText;
        value.text = node.Scalar();
        return true;
      case YAML::NodeType::Sequence:
        value.kind = YamlValue::Kind::kList;
        for (const YAML::Node& item : node) {
          if (!Convert(item, depth + 1, value.items.emplace_back())) return false;
        }
        return true;
      case YAML::NodeType::Map:
        value.kind = YamlValue::Kind::kMap;
        for (const auto& field : node) {
          YamlValue& converted = value.fields.emplace_back();
          if (field.first.IsScalar()) converted.key = field.first.Scalar();
          if (!Convert(field.second, depth + 1, converted)) return false;
          converted.line = first_line_ + std::max(0, field.first.Mark().line);
        }
        return true;
      default:
        return true;
    }
  }

 private:
  const int first_line_;
  int values_ = 0;
};

}  // namespace

std::optional<YamlValue> ParseYaml(absl::string_view yaml, const std::string& file, int first_line,
                                   Problems& problems) {
  if (yaml.size() > kMostBytes) {
    problems.Error({file, first_line}, "more than 1 MiB of YAML");
    return std::nullopt;
  }
  try {
    YamlValue value;
    if (Converter(first_line).Convert(YAML::Load(std::string(yaml)), 0, value)) return value;
    problems.Error({file, first_line}, "YAML too deep or too large");
  } catch (const YAML::Exception& error) {
    problems.Error({file, first_line + std::max(0, error.mark.line)},
                   absl::StrCat("not valid YAML: ", error.msg));
  }
  return std::nullopt;
}

YamlMap::YamlMap(const YamlValue& map, std::string file, const std::vector<absl::string_view>& known,
                 Problems& problems)
    : map_(map), file_(std::move(file)), problems_(problems) {
  std::set<absl::string_view> seen;
  for (const YamlValue& field : map_.fields) {
    if (std::find(known.begin(), known.end(), field.key) == known.end()) {
      Error(field.line, absl::StrCat("unknown key \"", field.key, "\"", DidYouMean(field.key, known)));
    } else if (!seen.insert(field.key).second) {
      Error(field.line, absl::StrCat("\"", field.key, "\" is there twice"));
    }
  }
}

bool YamlMap::Has(absl::string_view key) const { return Find(key) != nullptr; }

int YamlMap::Line(absl::string_view key) const {
  const YamlValue* value = Find(key);
  return value != nullptr ? value->line : map_.line;
}

std::optional<std::string> YamlMap::Text(absl::string_view key) {
  const YamlValue* value = Find(key);
  if (value == nullptr) return std::nullopt;
  return CleanText(key, *value);
}

std::optional<std::string> YamlMap::RequiredText(absl::string_view key) {
  const int errors_before = errors_;
  std::optional<std::string> text = Text(key);
  if (errors_ == errors_before && (!text || text->empty())) {
    Error(Line(key), absl::StrCat("\"", key, "\" is missing"));
  }
  return text;
}

std::optional<std::string> YamlMap::Id(absl::string_view key) {
  std::optional<std::string> text = Text(key);
  if (!text || IsId(*text)) return text;
  Error(Line(key), absl::StrCat("\"", *text,
                                "\" is no id: 1 to 100 of a-z, 0-9 and -, starting with a letter or digit"));
  return std::nullopt;
}

std::optional<int> YamlMap::Integer(absl::string_view key, int lowest, int highest) {
  const std::optional<std::string> text = Text(key);
  int number = 0;
  if (!text) return std::nullopt;
  if (absl::SimpleAtoi(*text, &number) && number >= lowest && number <= highest) return number;
  Error(Line(key), absl::StrCat("\"", key, "\" must be a whole number from ", lowest, " to ", highest,
                                ", not \"", *text, "\""));
  return std::nullopt;
}

std::optional<absl::Time> YamlMap::Time(absl::string_view key) {
  const std::optional<std::string> text = Text(key);
  if (!text) return std::nullopt;
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, *text, &time, &error)) return time;
  Error(Line(key),
        absl::StrCat("\"", key, "\" must be a time like 2026-11-14T07:30:00Z, not \"", *text, "\""));
  return std::nullopt;
}

std::vector<std::string> YamlMap::Texts(absl::string_view key) {
  std::vector<std::string> texts;
  const YamlValue* value = Find(key);
  if (value == nullptr) return texts;
  if (value->kind != YamlValue::Kind::kList) {
    if (std::optional<std::string> text = CleanText(key, *value)) texts.push_back(*std::move(text));
    return texts;
  }
  for (const YamlValue& item : value->items) {
    std::optional<std::string> text = CleanText(key, item);
    if (text && text->empty()) Error(item.line, absl::StrCat("\"", key, "\" has an empty entry"));
    if (text && !text->empty()) texts.push_back(*std::move(text));
  }
  return texts;
}

std::vector<const YamlValue*> YamlMap::Maps(absl::string_view key) {
  std::vector<const YamlValue*> maps;
  const YamlValue* value = Find(key);
  if (value == nullptr) return maps;
  if (value->kind != YamlValue::Kind::kList) Error(value->line, absl::StrCat("\"", key, "\" must be a list"));
  for (const YamlValue& item : value->items) {
    if (item.kind == YamlValue::Kind::kMap) {
      maps.push_back(&item);
    } else {
      Error(item.line, absl::StrCat("each entry of \"", key, "\" must have fields, like {a: b}"));
    }
  }
  return maps;
}

const YamlValue* YamlMap::Find(absl::string_view key) const {
  for (const YamlValue& field : map_.fields) {
    if (field.key == key) return field.kind == YamlValue::Kind::kNull ? nullptr : &field;
  }
  return nullptr;
}

std::optional<std::string> YamlMap::CleanText(absl::string_view key, const YamlValue& value) {
  if (value.kind == YamlValue::Kind::kNull) return std::nullopt;
  if (value.kind != YamlValue::Kind::kText) {
    Error(value.line, absl::StrCat("\"", key, "\" must be text"));
    return std::nullopt;
  }
  if (std::optional<std::string> control = FirstControlCharacter(value.text)) {
    Error(value.line, absl::StrCat("\"", key, "\" holds the control character ", *control));
    return std::nullopt;
  }
  return ToNfc(absl::StripAsciiWhitespace(value.text));
}

void YamlMap::Error(int line, absl::string_view message) {
  ++errors_;
  problems_.Error({file_, line}, message);
}

}  // namespace broadsheet::cli
