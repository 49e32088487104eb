#include "services/cli/importers/ninjs_standard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/ninjs_vocabulary.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

namespace {

using Json = nlohmann::json;

// Beyond, a double does not tell one whole number from the next.
constexpr double kMostWhole = 9007199254740992;  // 2^53
constexpr std::size_t kMostViolations = 20;

// The text at `item.object.name`; empty if there is none.
std::string TextWithin(const Json& item, const char* object, const char* name) {
  const auto outer = item.find(object);
  if (outer == item.end() || !outer->is_object()) return "";
  const auto inner = outer->find(name);
  return inner != outer->end() && inner->is_string() ? inner->get<std::string>() : "";
}

// A URI or a relative reference to one: what RFC 3986 allows, and letters beyond ASCII, which many write.
bool IsUri(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && !absl::StrContains("<>\"{}|\\^`", c);
  });
}

bool IsTime(absl::string_view text) {
  absl::Time time;
  return absl::ParseTime(absl::RFC3339_full, text, &time, nullptr);
}

// A year, a month, a day or a time.
bool IsMoment(absl::string_view text) {
  absl::Time time;
  return IsTime(text) || absl::ParseTime("%Y", text, &time, nullptr) ||
         absl::ParseTime("%Y-%m", text, &time, nullptr) ||
         absl::ParseTime("%Y-%m-%d", text, &time, nullptr) ||
         absl::ParseTime("%Y-%m-%dT%H:%M:%E*S", text, &time, nullptr);
}

// Checks values against their types, and remembers what is wrong.
class Checker {
 public:
  Checker(int version, bool may_extend, int deepest)
      : vocabulary_(NinjsVocabulary(version)),
        version_(version),
        may_extend_(may_extend),
        deepest_(deepest) {}

  // `where` names the object, and ends in ": " if not empty.
  void CheckObject(const Json& object, absl::string_view type_name, const std::string& where) {
    const NinjsObjectType& type = vocabulary_.at(type_name);
    const bool is_item = type_name == "item" || type_name == "association";
    const auto has = [&](absl::string_view name) {
      const auto found = object.find(std::string(name));
      return found != object.end() && !found->is_null();
    };
    for (const NinjsProperty& property : type.properties) {
      if (property.required && !has(property.name)) Violate(where, property.name, "is missing");
    }
    for (const auto& [name, value] : object.items()) {
      if (value.is_null()) continue;
      if (const NinjsProperty* property = type.Find(name)) {
        Check(value, property->type, where, name);
      } else if (!is_item || !may_extend_) {
        Violate(where, name, absl::StrCat("is no property of ninjs ", version_, Suggestion(name, type)));
      }
    }
    const auto has_one = [&](const std::vector<absl::string_view>& group) {
      return std::count_if(group.begin(), group.end(), has) == 1;
    };
    if (!type.one_of.empty() && std::none_of(type.one_of.begin(), type.one_of.end(), has_one)) {
      Violate(where, absl::StrJoin(type.one_of.front(), "\" and \""),
              "exclude each other, and one is needed");
    }
  }

  std::vector<std::string> Violations() { return std::move(violations_); }

 private:
  void Check(const Json& value, absl::string_view type, const std::string& where, const std::string& name) {
    if (absl::ConsumePrefix(&type, "@")) {
      if (!value.is_object()) return Violate(where, name, "must be an object");
      return Enter(value, type, absl::StrCat(where, name, ": "));
    }
    if (absl::ConsumePrefix(&type, "["))
      return CheckList(value, type.substr(0, type.size() - 1), where, name);
    if (absl::ConsumePrefix(&type, "{"))
      return CheckNamed(value, type.substr(1, type.size() - 2), where, name);
    if (const std::string expected = Mismatch(value, type); !expected.empty()) {
      Violate(where, name, absl::StrCat("must be ", expected));
    }
  }

  void CheckList(const Json& list, absl::string_view type, const std::string& where,
                 const std::string& name) {
    if (!list.is_array()) return Violate(where, name, "must be a list");
    for (const Json& entry : list) Check(entry, type, where, name);
  }

  // An object whose names are free: the values are of the type.
  void CheckNamed(const Json& object, absl::string_view type, const std::string& where,
                  const std::string& name) {
    if (!object.is_object()) return Violate(where, name, "must be an object");
    for (const auto& [key, value] : object.items()) {
      if (value.is_null()) continue;
      const bool is_word = !key.empty() && (absl::ascii_isalnum(key.front()) || key.front() == '_');
      if (!is_word) Violate(absl::StrCat(where, name, ": "), key, "must begin with a letter or a digit");
      if (!value.is_object()) return Violate(absl::StrCat(where, name, ": "), key, "must be an object");
      Enter(value, type, absl::StrCat(where, name, ": ", key, ": "));
    }
  }

  void Enter(const Json& object, absl::string_view type, const std::string& where) {
    const bool is_item = type == "item" || type == "association";
    if (is_item && depth_ >= deepest_) return;
    depth_ += is_item ? 1 : 0;
    CheckObject(object, type, where);
    depth_ -= is_item ? 1 : 0;
  }

  // What a simple value should have been; empty if it is that.
  static std::string Mismatch(const Json& value, absl::string_view type) {
    if (type == "object") return value.is_object() ? "" : "an object";
    if (type == "number") return value.is_number() ? "" : "a number";
    const double number = value.is_number() ? value.get<double>() : 0;
    const bool is_whole = value.is_number() && std::abs(number) < kMostWhole && number == std::trunc(number);
    if (type == "integer") return is_whole ? "" : "a whole number";
    if (const std::size_t dots = type.find(".."); dots != absl::string_view::npos) {
      int least = 0;
      int most = 0;
      const bool parsed =
          absl::SimpleAtoi(type.substr(0, dots), &least) && absl::SimpleAtoi(type.substr(dots + 2), &most);
      if (parsed && is_whole && number >= least && number <= most) return "";
      return absl::StrCat("a whole number from ", least, " to ", most, ", not ", Shown(value));
    }
    if (!value.is_string()) return "text";
    const std::string& text = value.get_ref<const std::string&>();
    if (type == "uri" && !IsUri(text)) return absl::StrCat("a URI, not ", Shown(value));
    if (type == "time" && !IsTime(text)) {
      return absl::StrCat("a time like 2026-11-14T07:30:00Z, not ", Shown(value));
    }
    if (type == "moment" && !IsMoment(text))
      return absl::StrCat("a year, month, day or time, not ", Shown(value));
    if (!absl::StrContains(type, '|')) return "";
    const std::vector<absl::string_view> words = absl::StrSplit(type, '|');
    if (std::find(words.begin(), words.end(), text) != words.end()) return "";
    return absl::StrCat("one of ", absl::StrJoin(words, ", "), ", not ", Shown(value));
  }

  static std::string Shown(const Json& value) {
    constexpr std::size_t kLongest = 60;
    const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);  // ASCII
    return text.size() <= kLongest ? text : absl::StrCat(text.substr(0, kLongest), "…");
  }

  static std::string Suggestion(absl::string_view name, const NinjsObjectType& type) {
    std::vector<absl::string_view> names;
    for (const NinjsProperty& property : type.properties) names.push_back(property.name);
    return DidYouMean(name, names);
  }

  void Violate(absl::string_view where, absl::string_view name, absl::string_view what) {
    if (violations_.size() < kMostViolations) {
      violations_.push_back(absl::StrCat(where, "\"", name.substr(0, 80), "\" ", what));
    }
  }

  const std::map<absl::string_view, NinjsObjectType>& vocabulary_;
  const int version_;
  const bool may_extend_;
  const int deepest_;
  int depth_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace

int NinjsVersionOf(const Json& item) {
  for (const char* object : {"standard", "$standard"}) {
    const std::string said = TextWithin(item, object, "version");
    if (!said.empty() && said.front() >= '1' && said.front() <= '3') return said.front() - '0';
  }
  int best = 2;
  int most = -1;
  for (const int version : {2, 3, 1}) {
    const NinjsObjectType& type = NinjsVocabulary(version).at("item");
    int known = 0;
    for (const auto& [name, value] : item.items()) known += type.Find(name) != nullptr ? 1 : 0;
    if (known > most) best = version;
    most = std::max(most, known);
  }
  return best;
}

std::vector<std::string> CheckNinjs(const Json& item, int version, int deepest) {
  std::string standard = TextWithin(item, "standard", "name");
  if (standard.empty()) standard = TextWithin(item, "$standard", "name");
  Checker checker(version, !standard.empty() && !absl::EqualsIgnoreCase(standard, "ninjs"), deepest);
  checker.CheckObject(item, "item", "");
  return checker.Violations();
}

}  // namespace broadsheet::cli
