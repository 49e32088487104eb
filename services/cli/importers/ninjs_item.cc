#include "services/cli/importers/ninjs_item.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

using Json = nlohmann::json;

constexpr int kDeepestAssociation = 3;

// Reads the properties of one object. Names are compared without case, which is all that 2.x and 3.x differ
// in.
class Reader {
 public:
  Reader(const Json& object, std::string where, absl::Status& status)
      : object_(object), where_(std::move(where)), status_(status) {}

  const Json* Find(absl::string_view name) const {
    for (const auto& [key, value] : object_.items()) {
      if (absl::EqualsIgnoreCase(key, name) && !value.is_null()) return &value;
    }
    return nullptr;
  }

  // Text or a number as text; empty if absent.
  std::string Text(absl::string_view name) {
    const Json* value = Find(name);
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number()) return value->dump();
    Fail(name, "must be text");
    return "";
  }

  double Number(absl::string_view name) {
    const Json* value = Find(name);
    return value != nullptr && value->is_number() ? value->get<double>() : 0;
  }

  // The objects of a list; none if absent.
  std::vector<const Json*> Objects(absl::string_view name) {
    std::vector<const Json*> objects;
    const Json* value = Find(name);
    if (value == nullptr) return objects;
    if (!value->is_array()) return Fail(name, "must be a list"), objects;
    for (const Json& item : *value) {
      if (!item.is_object()) return Fail(name, "must be a list of objects"), objects;
      objects.push_back(&item);
    }
    return objects;
  }

  void Fail(absl::string_view name, absl::string_view what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat(where_, "\"", name, "\" ", what));
  }

  const Json& object() const { return object_; }
  absl::Status& status() { return status_; }
  const std::string& where() const { return where_; }

 private:
  const Json& object_;
  const std::string where_;
  absl::Status& status_;
};

// 2.x and 3.x: a list of {role, contenttype, value}.
void ReadTexts(Reader& reader, absl::string_view name, std::vector<NinjsItem::Text>& texts) {
  for (const Json* object : reader.Objects(name)) {
    Reader entry(*object, absl::StrCat(reader.where(), name, ": "), reader.status());
    texts.push_back(
        {entry.Text("role"), absl::AsciiStrToLower(entry.Text("contenttype")), entry.Text("value")});
  }
}

// 1.x: one property for each form, such as `body_text` and `body_xhtml`.
void ReadForms(Reader& reader, absl::string_view prefix, std::vector<NinjsItem::Text>& texts) {
  for (const auto& [key, value] : reader.object().items()) {
    absl::string_view form = key;
    if (!absl::ConsumePrefix(&form, absl::StrCat(prefix, "_"))) continue;
    if (!value.is_string()) {
      if (!value.is_null()) reader.Fail(key, "must be text");
      continue;
    }
    const bool is_html = absl::StrContains(form, "html");
    texts.push_back({std::string(form),
                     is_html          ? "text/html"
                     : form == "text" ? "text/plain"
                                      : "",
                     value.get<std::string>()});
  }
}

void ReadNames(Reader& reader, absl::string_view name, std::vector<std::string>& names) {
  for (const Json* object : reader.Objects(name)) {
    Reader entry(*object, absl::StrCat(reader.where(), name, ": "), reader.status());
    if (std::string text = OneLine(entry.Text("name")); !text.empty()) names.push_back(std::move(text));
  }
}

void ReadRenditions(Reader& reader, NinjsItem& item) {
  const Json* renditions = reader.Find("renditions");
  if (renditions == nullptr) return;
  if (!renditions->is_array() && !renditions->is_object())
    return reader.Fail("renditions", "must be a list or an object");
  for (const Json& entry : *renditions) {  // of an object, its values
    if (!entry.is_object()) return reader.Fail("renditions", "must hold objects");
    Reader rendition(entry, absl::StrCat(reader.where(), "renditions: "), reader.status());
    item.renditions.push_back({rendition.Text("href"), rendition.Number("width")});
  }
}

NinjsItem ReadItem(const Json& json, const std::string& where, int depth, absl::Status& status);

void ReadAssociations(Reader& reader, int depth, NinjsItem& item) {
  const Json* associations = reader.Find("associations");
  if (associations == nullptr || depth >= kDeepestAssociation) return;
  if (!associations->is_array() && !associations->is_object()) {
    return reader.Fail("associations", "must be a list or an object");
  }
  for (const auto& [key, value] : associations->items()) {
    if (value.is_null()) continue;
    if (!value.is_object()) return reader.Fail("associations", "must hold objects");
    const std::string where = absl::StrCat(reader.where(), "associations: ");
    Reader association(value, where, reader.status());
    item.associations.push_back(ReadItem(value, where, depth + 1, reader.status()));
    item.associations.back().name = associations->is_object() ? key : association.Text("name");
  }
}

int VersionOf(const Reader& reader) {
  const auto has = [&](const char* key) { return reader.object().contains(key); };
  for (const char* key :
       {"headline", "byline", "body_xhtml", "body_html", "body_text", "description_text", "$standard"}) {
    if (has(key)) return 1;
  }
  for (const char* key :
       {"versionCreated", "pubStatus", "usageTerms", "edNote", "firstCreated", "copyrightNotice"}) {
    if (has(key)) return 3;
  }
  return 2;
}

NinjsItem ReadItem(const Json& json, const std::string& where, int depth, absl::Status& status) {
  Reader reader(json, where, status);
  NinjsItem item;
  item.version = VersionOf(reader);
  item.uri = reader.Text("uri");
  item.type = absl::AsciiStrToLower(reader.Text("type"));
  ReadTexts(reader, "headlines", item.headlines);
  ReadTexts(reader, "descriptions", item.descriptions);
  ReadTexts(reader, "bodies", item.bodies);
  if (std::string headline = reader.Text("headline"); !headline.empty())
    item.headlines.push_back({"main", "", headline});
  ReadForms(reader, "description", item.descriptions);
  ReadForms(reader, "body", item.bodies);
  item.title = reader.Text("title");
  item.byline = reader.Find("by") != nullptr ? reader.Text("by") : reader.Text("byline");
  item.located = reader.Text("located");
  item.language = reader.Text("language");
  item.slugline = reader.Text("slugline");
  item.ed_note = reader.Text("ednote");
  item.pub_status = absl::AsciiStrToLower(reader.Text("pubstatus"));
  item.urgency = reader.Text("urgency");
  item.copyright_holder = reader.Text("copyrightholder");
  item.copyright_notice = reader.Text("copyrightnotice");
  item.usage_terms = reader.Text("usageterms");
  item.first_created = reader.Text("firstcreated");
  item.version_created = reader.Text("versioncreated");
  item.embargoed = reader.Text("embargoed");
  item.expires = reader.Text("expires");
  for (const char* name : {"subject", "subjects"}) ReadNames(reader, name, item.subjects);
  for (const char* name : {"genre", "genres"}) ReadNames(reader, name, item.genres);
  ReadRenditions(reader, item);
  ReadAssociations(reader, depth, item);
  return item;
}

}  // namespace

absl::StatusOr<std::vector<NinjsItem>> ParseNinjs(absl::string_view json) {
  Json document;
  try {
    document = Json::parse(json.begin(), json.end());
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    return absl::InvalidArgumentError(absl::StrCat("not JSON, see line ", LineAt(json, byte)));
  }
  std::vector<NinjsItem> items;
  absl::Status status;
  const bool is_list = document.is_array();
  for (const Json& entry : is_list ? document : Json::array({document})) {
    if (!entry.is_object()) return absl::InvalidArgumentError("a ninjs item must be an object");
    items.push_back(ReadItem(entry, is_list ? absl::StrCat("item ", items.size() + 1, ": ") : "", 0, status));
    if (!status.ok()) return status;
  }
  return items;
}

}  // namespace broadsheet::cli
