#include "services/cli/importers/json_objects.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

using Json = nlohmann::json;
namespace dom = simdjson::dom;

constexpr std::size_t kDeepestJson = 256;  // what is nested deeper goes the slow way, which has no recursion

absl::Status NoObject() { return absl::InvalidArgumentError("an item must be an object"); }

// As nlohmann-json itself would have read it: of equal names the last counts.
Json ToTree(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::OBJECT: {
      Json::object_t object;
      for (const dom::key_value_pair entry : dom::object(element))
        object.insert_or_assign(std::string(entry.key), ToTree(entry.value));
      return object;
    }
    case dom::element_type::ARRAY: {
      Json::array_t array;
      for (const dom::element entry : dom::array(element)) array.push_back(ToTree(entry));
      return array;
    }
    case dom::element_type::STRING:
      return std::string(std::string_view(element));
    case dom::element_type::INT64: {
      const auto number = std::int64_t(element);
      return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64:
      return std::uint64_t(element);
    case dom::element_type::DOUBLE:
      return double(element);
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

// Says where the mistake is, and reads what the other parser does not.
absl::Status ForEachSlowly(absl::string_view text, absl::FunctionRef<void(const Json&)> on_object) {
  Json document;
  try {
    document = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    return absl::InvalidArgumentError(absl::StrCat("not JSON, see line ", LineAt(text, byte)));
  } catch (const Json::out_of_range& /*error*/) {  // says no place
    return absl::InvalidArgumentError("a number is too large");
  }
  if (!document.is_array()) document = Json::array({std::move(document)});
  if (!std::all_of(document.begin(), document.end(), [](const Json& entry) { return entry.is_object(); }))
    return NoObject();
  for (Json& entry : document) {
    on_object(entry);
    entry = nullptr;  // so that a large file is not held to the end
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ForEachJsonObject(absl::string_view text, absl::FunctionRef<void(const Json&)> on_object) {
  dom::parser parser;
  dom::element document;
  const bool ready = parser.allocate(text.size(), kDeepestJson) == simdjson::SUCCESS;
  if (!ready || parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS)
    return ForEachSlowly(text, on_object);
  if (document.is_object()) {
    on_object(ToTree(document));
    return absl::OkStatus();
  }
  if (!document.is_array()) return NoObject();
  const dom::array list(document);
  if (!std::all_of(list.begin(), list.end(), [](const dom::element entry) { return entry.is_object(); }))
    return NoObject();
  for (const dom::element entry : list) on_object(ToTree(entry));
  return absl::OkStatus();
}

}  // namespace broadsheet::cli
