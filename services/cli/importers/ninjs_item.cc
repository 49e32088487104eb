#include "services/cli/importers/ninjs_item.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/json_objects.h"
#include "services/cli/importers/ninjs_standard.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

using Json = nlohmann::json;

constexpr int kDeepestAssociation = 3;

// Properties of an item, in all versions, that say something and have no place in a story of ours.
constexpr const char* kNinjsNotCarried[] = {
    "people",         "person",         "organisations", "organisation",     "places",
    "place",          "events",         "event",         "objects",          "object",
    "infosources",    "infosource",     "eventdetails",  "plannedcoverage",  "trustindicators",
    "trustindicator", "contentcreated", "rightsinfo",    "digitalsourcetype"};

// Reads the properties of an object that conforms to the standard. Names are compared without case, which is
// what 2.x and 3.x differ in.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
      if (!entry->is_null()) properties_.emplace_back(entry.key(), &*entry);
    }
  }

  const Json* Find(absl::string_view name) const {
    for (const auto& [key, value] : properties_) {
      if (absl::EqualsIgnoreCase(key, name)) return value;
    }
    return nullptr;
  }

  // Text or a number as text; empty if absent.
  std::string Text(absl::string_view name) const {
    const Json* value = Find(name);
    if (value == nullptr) return "";
    return value->is_string() ? value->get<std::string>() : value->is_number() ? value->dump() : "";
  }

  double Number(absl::string_view name) const {
    const Json* value = Find(name);
    return value != nullptr && value->is_number() ? value->get<double>() : 0;
  }

  // The objects of a list; none if absent.
  std::vector<Reader> Objects(absl::string_view name) const {
    std::vector<Reader> objects;
    const Json* value = Find(name);
    if (value == nullptr || !value->is_array()) return objects;
    for (const Json& item : *value) {
      if (item.is_object()) objects.emplace_back(item);
    }
    return objects;
  }

  const Json& object() const { return object_; }

 private:
  const Json& object_;
  absl::InlinedVector<std::pair<absl::string_view, const Json*>, 8> properties_;  // those that are not null
};

// 2.x and 3.x: a list of {role, contenttype, value}.
void ReadTexts(const Reader& reader, absl::string_view name, std::vector<NewsItem::Text>& texts) {
  for (const Reader& entry : reader.Objects(name)) {
    texts.push_back(
        {entry.Text("role"), absl::AsciiStrToLower(entry.Text("contenttype")), entry.Text("value")});
  }
}

// 1.x: one property for each form, such as `body_text` and `body_xhtml`.
void ReadForms(const Reader& reader, absl::string_view prefix, std::vector<NewsItem::Text>& texts) {
  for (const auto& [key, value] : reader.object().items()) {
    absl::string_view form = key;
    if (!absl::ConsumePrefix(&form, absl::StrCat(prefix, "_")) || !value.is_string()) continue;
    const bool is_html = absl::StrContains(form, "html");
    texts.push_back({std::string(form),
                     is_html          ? "text/html"
                     : form == "text" ? "text/plain"
                                      : "",
                     value.get<std::string>()});
  }
}

void ReadNames(const Reader& reader, absl::string_view name, std::vector<std::string>& names) {
  for (const Reader& entry : reader.Objects(name)) {
    if (std::string text = OneLine(entry.Text("name")); !text.empty()) names.push_back(std::move(text));
  }
}

void ReadConcepts(const Reader& reader, absl::string_view name, std::vector<NewsItem::Concept>& concepts) {
  for (const Reader& entry : reader.Objects(name)) {
    concepts.push_back({OneLine(entry.Text("name")), entry.Text("uri")});
  }
}

void ReadRenditions(const Reader& reader, NewsItem& item) {
  const Json* renditions = reader.Find("renditions");
  if (renditions == nullptr) return;
  for (const Json& entry : *renditions) {  // of an object, its values
    if (!entry.is_object()) continue;
    const Reader rendition(entry);
    item.renditions.push_back({rendition.Text("href"), rendition.Number("width")});
  }
}

NewsItem ReadItem(const Json& json, int version, int depth);

void ReadAssociations(const Reader& reader, int depth, NewsItem& item) {
  const Json* associations = reader.Find("associations");
  if (associations == nullptr || depth >= kDeepestAssociation) return;
  for (const auto& [key, value] : associations->items()) {
    if (!value.is_object()) continue;
    item.associations.push_back(ReadItem(value, item.version, depth + 1));
    item.associations.back().name = associations->is_object() ? key : Reader(value).Text("name");
  }
}

void ReadRights(const Reader& reader, NewsItem& item) {
  item.copyright_holder = reader.Text("copyrightholder");
  item.copyright_notice = reader.Text("copyrightnotice");
  item.usage_terms = reader.Text("usageterms");
}

void ReadTimes(const Reader& reader, NewsItem& item) {
  item.first_created = reader.Text("firstcreated");
  item.version_created = reader.Text("versioncreated");
  item.embargoed = reader.Find("embargoeduntil") != nullptr ? reader.Text("embargoeduntil")  // 3.x
                                                            : reader.Text("embargoed");
  item.expires = reader.Text("expires");
}

bool AreAuthorsOfOurs(const std::vector<NewsItem::Concept>& people) {
  return std::all_of(people.begin(), people.end(),
                     [](const NewsItem::Concept& person) { return OwnId("author", person.uri).has_value(); });
}

NewsItem ReadItem(const Json& json, int version, int depth) {
  const Reader reader(json);
  NewsItem item;
  item.version = version;
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
  item.pub_status = reader.Text("pubstatus");
  item.urgency = reader.Text("urgency");
  ReadRights(reader, item);
  ReadTimes(reader, item);
  for (const char* name : {"subject", "subjects"}) ReadConcepts(reader, name, item.subjects);
  ReadConcepts(reader, "people", item.people);
  for (const Reader& entry : reader.Objects("altids")) {
    item.alt_ids.emplace_back(entry.Text("role"), entry.Text("value"));
  }
  for (const char* name : {"genre", "genres"}) ReadNames(reader, name, item.genres);
  ReadRenditions(reader, item);
  ReadAssociations(reader, depth, item);
  for (const char* name : kNinjsNotCarried) {
    if (absl::string_view(name) == "people" && AreAuthorsOfOurs(item.people)) continue;
    if (reader.Find(name) != nullptr) item.not_carried.push_back(name);
  }
  return item;
}

// The item if it conforms to the standard, else what is wrong with it.
NewsItem CheckAndReadItem(const Json& json) {
  const int version = NinjsVersionOf(json);
  NewsItem item;
  item.violations = CheckNinjs(json, version, kDeepestAssociation);
  if (item.violations.empty()) return ReadItem(json, version, 0);
  item.version = version;
  item.uri = Reader(json).Text("uri");
  item.pub_status = Reader(json).Text("pubstatus");
  return item;
}

}  // namespace

absl::Status ParseNinjs(absl::string_view json, absl::FunctionRef<void(NewsItem)> on_item) {
  return ForEachJsonObject(json, [&](const Json& object) { on_item(CheckAndReadItem(object)); });
}

}  // namespace broadsheet::cli
