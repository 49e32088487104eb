#include "services/cli/importers/ninjs_vocabulary.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace broadsheet::cli {

namespace {

// One type: properties as `name:type` with `!` after the name of a required one, separated by spaces; groups
// of alternatives separated by `;`, their names by `,`.
struct TypeText {
  absl::string_view name;
  absl::string_view properties;
  absl::string_view one_of = "";
};

// What 2.x and 3.x share; 2.x has the names in lower case.
constexpr TypeText kShared[] = {
    {"address", "lines:[string] locality:string area:string postalCode:string country:string"},
    {"contact", "type:string role:string lang:string name:string value:string address:@address",
     "value,address"},
    {"text", "role:string contentType:string value!:string"},
    {"person", "name:string rel:string uri:uri literal:string contactInfo:[@contact]"},
    {"organisation",
     "name:string rel:string uri:uri literal:string symbols:[@symbol] contactInfo:[@contact]"},
    {"place", "name:string rel:string uri:uri literal:string contactInfo:[@contact] geoJSON:object"},
    {"subject",
     "name:string rel:string uri:uri literal:string creator:string relevance:0..100 confidence:0..100"},
    {"object", "name:string rel:string uri:uri literal:string"},
    {"source", "name:string role:string uri:uri literal:string contactInfo:[@contact]"},
    {"altid", "role:string value:string"},
    {"indicator", "role:uri title:string href:uri"},
    {"standard", "name:string version:string schema:uri"},
    {"genre", "name:string uri:string literal:string"},
    {"rights", "langId:uri linkedRights:uri encodedRights:string", "linkedRights,encodedRights"},
    {"sourcetype", "name:string uri:uri literal:string"},
    {"item",
     "uri!:uri representationType:full|partial profile:string version:string firstCreated:time "
     "versionCreated:time contentCreated:time pubStatus:usable|withheld|canceled copyrightHolder:string "
     "copyrightNotice:string usageTerms:string edNote:string language:string descriptions:[@text] "
     "bodies:[@body] headlines:[@text] people:[@person] organisations:[@organisation] places:[@place] "
     "subjects:[@subject] events:[@event] objects:[@object] infoSources:[@source] title:string by:string "
     "slugline:string located:string renditions:[@rendition] associations:[@association] altIds:[@altid] "
     "trustIndicators:[@indicator] standard:@standard genres:[@genre] expires:time rightsInfo:@rights "
     "digitalSourceType:@sourcetype"},
};

constexpr TypeText kThree[] = {
    {"item",
     "type:text|audio|video|picture|graphic|composite|component|event|planning embargoedUntil:time "
     "urgency:1..9 eventDetails:@eventdetails plannedCoverage:[@coverage]"},
    {"association", "name!:string rel:string"},
    {"body", "role:string contentType:string charCount:integer wordCount:integer value!:string"},
    {"symbol", "exchange:string symbolType:uri symbol:string"},
    {"event", "id:string name:string rel:string uri:uri literal:string"},
    {"point", "x:integer y:integer"},
    {"rendition",
     "name!:string href:uri contentType:string title:string width:integer height:integer "
     "sizeInBytes:integer duration:number format:string aspectRatio:string videoCodec:string "
     "frameRate:number poi:@point transportProtocol:string scanType:progressive|interlaced bitrate:string"},
    {"rule",
     "frequency:secondly|minutely|hourly|daily|weekly|monthly|yearly interval:integer until:time "
     "count:integer"},
    {"recurrence", "recurrenceDates:moment recurrenceRules:[@rule]"},
    {"dates",
     "startDate:time endDate:time expectedStartDate:moment expectedEndDate:moment expectedDuration:string "
     "recurrence:@recurrence",
     "startDate,expectedStartDate;endDate,expectedEndDate"},
    {"eventdetails", "eventStatus:uri plannedCoverageStatus:uri dates:@dates organiser:@organisation"},
    {"reference", "name:string value:string"},
    {"commission", "by:string on:time references:[@reference]"},
    {"audience", "audience:string significance:integer"},
    {"count", "rangeFrom:integer rangeTo:integer"},
    {"coverage",
     "uri:uri title:string pubStatus:usable|withheld|canceled "
     "type:text|audio|video|picture|graphic|composite|component|event|planning commissioned:@commission "
     "dates:@dates audiences:[@audience] exclAudience:[string] edNote:string urgency:1..9 language:string "
     "itemCount:@count wordCount:integer renditions:[@rendition]"},
};

constexpr TypeText kTwo[] = {
    {"item", "type:text|audio|video|picture|graphic|composite|component embargoed:time urgency:number"},
    {"association", "name!:string"},
    {"body", "role:string contenttype:string charcount:number wordcount:number value!:string"},
    {"symbol", "ticker:string exchange:string symboltype:uri symbol:string"},
    {"event", "name:string rel:string uri:uri literal:string"},
    {"rendition",
     "name!:string href:uri contenttype:string title:string height:number width:number sizeinbytes:number "
     "duration:number format:string"},
};

constexpr TypeText kOne[] = {
    {"address", "lines:[string] locality:string area:string postalcode:string country:string"},
    {"contact", "type:string role:string lang:string name:string value:string address:@address",
     "value,address"},
    {"symbol", "ticker:string exchange:string symboltype:uri symbol:string"},
    {"person", "name:string rel:string scheme:uri code:string contactinfo:[@contact]"},
    {"organisation",
     "name:string rel:string scheme:uri code:string symbols:[@symbol] contactinfo:[@contact]"},
    {"place", "name:string rel:string scheme:uri code:string contactinfo:[@contact] geometry_*:object"},
    {"subject",
     "name:string rel:string scheme:uri code:string creator:string relevance:0..100 confidence:0..100"},
    {"object", "name:string rel:string scheme:uri code:string"},
    {"indicator", "scheme:uri code:string title:string href:uri"},
    {"standard", "name:string version:string schema:uri"},
    {"genre", "name:string scheme:uri code:string"},
    {"rights", "langid:uri linkedrights:uri encodedrights:string", "linkedrights,encodedrights"},
    {"sourcetype", "name:string uri:uri literal:string"},
    {"rendition",
     "href:uri mimetype:string title:string height:number width:number sizeinbytes:number duration:number "
     "format:string"},
    {"item",
     "uri!:uri type:text|audio|video|picture|graphic|composite|component mimetype:string "
     "representationtype:complete|incomplete profile:string version:string firstcreated:time "
     "versioncreated:time contentcreated:time embargoed:time pubstatus:usable|withheld|canceled "
     "urgency:number copyrightholder:string copyrightnotice:string usageterms:string ednote:string "
     "language:string person:[@person] organisation:[@organisation] place:[@place] subject:[@subject] "
     "event:[@object] object:[@object] infosource:[@person] title:string byline:string headline:string "
     "slugline:string located:string charcount:number wordcount:number renditions:{@rendition} "
     "associations:{@item} altids:object trustindicator:[@indicator] $standard:@standard genre:[@genre] "
     "expires:time rightsinfo:@rights digitalsourcetype:@sourcetype description_*:string body_*:string "
     "headline_*:string"},
};

using Vocabulary = std::map<absl::string_view, NinjsObjectType>;

void Add(const TypeText& text, bool in_lower_case, Vocabulary& vocabulary) {
  // Names in lower case are made here, once, and kept for ever, as the table is.
  static auto* const kept = new std::set<std::string>();
  const auto name_of = [&](absl::string_view name) -> absl::string_view {
    return in_lower_case ? *kept->insert(absl::AsciiStrToLower(name)).first : name;
  };
  NinjsObjectType& type = vocabulary[text.name];
  for (absl::string_view property : absl::StrSplit(text.properties, ' ')) {
    std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(property, absl::MaxSplits(':', 1));
    const bool required = absl::ConsumeSuffix(&parts.first, "!");
    type.properties.push_back({name_of(parts.first), parts.second, required});
  }
  for (absl::string_view group : absl::StrSplit(text.one_of, ';', absl::SkipEmpty())) {
    std::vector<absl::string_view>& names = type.one_of.emplace_back();
    for (absl::string_view name : absl::StrSplit(group, ',')) names.push_back(name_of(name));
  }
}

void Index(NinjsObjectType& type) {
  for (std::size_t i = 0; i < type.properties.size(); ++i) {
    const absl::string_view name = type.properties[i].name;
    if (absl::EndsWith(name, "*")) {
      type.by_beginning.push_back(i);
    } else {
      type.by_name.emplace(name, i);
    }
  }
}

Vocabulary Collect(int version) {
  Vocabulary vocabulary;
  if (version == 1) {
    for (const TypeText& text : kOne) Add(text, false, vocabulary);
    return vocabulary;
  }
  for (const TypeText& text : kShared) Add(text, version == 2, vocabulary);
  if (version == 2) {
    for (const TypeText& text : kTwo) Add(text, false, vocabulary);
  } else {
    for (const TypeText& text : kThree) Add(text, false, vocabulary);
  }
  // An association is an item that has a name.
  const NinjsObjectType& item = vocabulary["item"];
  NinjsObjectType& association = vocabulary["association"];
  association.properties.insert(association.properties.end(), item.properties.begin(), item.properties.end());
  return vocabulary;
}

Vocabulary Make(int version) {
  Vocabulary vocabulary = Collect(version);
  for (auto& [name, type] : vocabulary) Index(type);
  return vocabulary;
}

}  // namespace

const NinjsProperty* NinjsObjectType::Find(absl::string_view name) const {
  if (const auto found = by_name.find(name); found != by_name.end()) return &properties[found->second];
  for (const std::size_t index : by_beginning) {
    const absl::string_view beginning = absl::StripSuffix(properties[index].name, "*");
    if (name.size() > beginning.size() && absl::StartsWith(name, beginning)) return &properties[index];
  }
  return nullptr;
}

const std::map<absl::string_view, NinjsObjectType>& NinjsVocabulary(int version) {
  static const auto* one = new Vocabulary(Make(1));
  static const auto* two = new Vocabulary(Make(2));
  static const auto* three = new Vocabulary(Make(3));
  return version == 1 ? *one : version == 2 ? *two : *three;
}

}  // namespace broadsheet::cli
