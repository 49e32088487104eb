#include "services/cli/importers/newsml.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/news_item_import.h"
#include "services/cli/importers/news_item_state.h"
#include "services/cli/importers/nitf.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

namespace {

// Elements that say something and have no place in a story of ours.
constexpr const char* kNewsmlNotCarried[] = {"assert", "inlineRef", "partMeta", "derivedFrom"};

// A code without the vocabulary it is from: "stat:usable" → "usable"; also of a URI: "…/usable".
std::string CodeOf(absl::string_view code) { return std::string(code.substr(code.find_last_of(":/") + 1)); }

// The code of a property, given as one or as a URI.
std::string CodeOf(const XmlElement& element) {
  const absl::string_view code = element.Attribute("qcode");
  return CodeOf(code.empty() ? element.Attribute("uri") : code);
}

// What a concept is called: its name, the first if it has several, else its literal.
std::string NameOf(const XmlElement& element) {
  if (std::string name = OneLine(ChildText(element, "name")); !name.empty()) return name;
  return OneLine(element.Attribute("literal"));
}

NewsItem::Text TextOf(const XmlElement& element) {
  return {CodeOf(element.Attribute("role")), "text/plain", OneLine(element.TextContent())};
}

// What is no code is not taken for leave to publish, but for a withdrawal it is.
std::string StatusOf(const XmlElement& element) {
  if (std::string code = CodeOf(element); !code.empty()) return code;
  std::string said = OneLine(element.Attribute("literal"));
  if (said.empty()) said = OneLine(element.TextContent());
  if (IsTakenBack(absl::AsciiStrToLower(CodeOf(said)))) return CodeOf(said);
  return absl::StrCat(said, " (without a code)");
}

// Agencies say by a signal, too, that an item is to be taken back.
void ReadSignal(const XmlElement& element, NewsItem& item) {
  std::string code = absl::AsciiStrToLower(CodeOf(element));
  if (code.empty()) code = absl::AsciiStrToLower(NameOf(element));
  for (const char* canceled : {"kill", "cancel", "canceled", "cancelled", "delete", "elimination"}) {
    if (code == canceled) return AddPubStatus("canceled", item);
  }
  if (code == "withhold" || code == "withheld") return AddPubStatus("withheld", item);
  item.not_carried.push_back(absl::StrCat("the signal ", code));
}

void ReadItemMeta(const XmlElement& meta, NewsItem& item) {
  for (const XmlElement& child : meta.children) {
    if (child.name == "itemClass") item.type = CodeOf(child);
    if (child.name == "pubStatus") AddPubStatus(StatusOf(child), item);
    if (child.name == "signal") ReadSignal(child, item);
    if (child.name == "firstCreated") item.first_created = OneLine(child.TextContent());
    if (child.name == "versionCreated") item.version_created = OneLine(child.TextContent());
    if (child.name == "embargoed") AddEmbargo(OneLine(child.TextContent()), item);
    if (child.name == "expires") AddExpiry(OneLine(child.TextContent()), item);
    if (child.name == "title") item.title = OneLine(child.TextContent());
    if (child.name == "edNote") {
      absl::StrAppend(&item.ed_note, item.ed_note.empty() ? "" : "\n", OneLine(child.TextContent()));
    }
    if (child.name == "link") {
      item.not_carried.push_back(absl::StrCat("a link to ", child.Attribute("residref").empty()
                                                                ? child.Attribute("href")
                                                                : child.Attribute("residref")));
    }
  }
}

void ReadRights(const XmlElement& rights, NewsItem& item) {
  if (const XmlElement* holder = ChildOf(rights, "copyrightHolder")) item.copyright_holder = NameOf(*holder);
  item.copyright_notice = OneLine(ChildText(rights, "copyrightNotice"));
  item.usage_terms = OneLine(ChildText(rights, "usageTerms"));
}

void ReadContentMeta(const XmlElement& meta, NewsItem& item) {
  std::string creator;
  for (const XmlElement& child : meta.children) {
    if (child.name == "urgency") item.urgency = OneLine(child.TextContent());
    if (child.name == "contentCreated" && item.first_created.empty())
      item.first_created = OneLine(child.TextContent());
    if (child.name == "headline") item.headlines.push_back(TextOf(child));
    if (child.name == "description") item.descriptions.push_back(TextOf(child));
    if (child.name == "slugline") item.slugline = OneLine(child.TextContent());
    if (child.name == "by" && item.byline.empty()) item.byline = OneLine(child.TextContent());
    if (child.name == "creditline") item.credit_line = OneLine(child.TextContent());
    if (child.name == "located") item.located = NameOf(child);
    if (child.name == "language" && item.language.empty())
      item.language = std::string(child.Attribute("tag"));
    if (child.name == "genre") item.genres.push_back(NameOf(child));
    if (child.name == "creator" && creator.empty()) creator = NameOf(child);
    if (child.name == "subject")
      item.subjects.push_back({NameOf(child), std::string(child.Attribute("uri"))});
  }
  if (item.byline.empty()) item.byline = creator;
  std::erase(item.genres, "");
}

// What an inline document says, where the metadata say nothing.
void ReadNitf(const XmlElement& nitf, NewsItem& item) {
  item.bodies.push_back({"main", "text/html", ToHtml(NitfToHtml(nitf))});
  AddNitfState(nitf, item);
  if (item.headlines.empty()) item.headlines.push_back({"main", "text/plain", NitfHeadline(nitf)});
  if (item.byline.empty()) item.byline = NitfByline(nitf);
  if (item.located.empty()) item.located = NitfLocation(nitf);
}

bool HoldsHtml(const XmlElement& element) {
  return std::any_of(element.children.begin(), element.children.end(), [](const XmlElement& child) {
    return child.name == "p" || child.name == "div" || child.name == "section" || child.name == "article";
  });
}

// A document, or a part of one; of another kind it is refused later, by the name of its type.
void ReadInlineXml(const XmlElement& element, NewsItem& item) {
  std::string type(element.Attribute("contenttype"));
  const XmlElement* nitf = element.Find("nitf");
  const XmlElement* html = element.Find("body");
  if (nitf != nullptr) return ReadNitf(*nitf, item);
  if (absl::StrContains(type, "nitf")) return ReadNitf(element, item);
  if (html != nullptr || absl::StrContains(type, "html") || (type.empty() && HoldsHtml(element))) {
    item.bodies.push_back({"main", "text/html", ToHtml(html != nullptr ? *html : element)});
    return;
  }
  if (type.empty()) type = "XML of no known type";
  item.bodies.push_back({"main", std::move(type), element.TextContent()});
}

void ReadContentSet(const XmlElement& set, NewsItem& item) {
  for (const XmlElement& child : set.children) {
    if (child.name == "inlineXML") {
      ReadInlineXml(child, item);
    } else if (child.name == "inlineData") {
      item.bodies.push_back({"main", std::string(child.Attribute("contenttype")), child.TextContent()});
    } else if (child.name == "remoteContent") {
      double width = 0;
      if (!absl::SimpleAtod(child.Attribute("width"), &width)) width = 0;
      item.renditions.push_back({std::string(child.Attribute("href")), width});
    }
  }
}

NewsItem ItemOf(const XmlElement& element) {
  NewsItem item;
  item.uri = std::string(element.Attribute("guid"));
  item.language = std::string(element.Attribute("xml:lang"));
  for (const XmlElement& child : element.children) {
    if (child.name == "itemMeta") ReadItemMeta(child, item);
    if (child.name == "rightsInfo") ReadRights(child, item);
    if (child.name == "contentMeta") ReadContentMeta(child, item);
    if (child.name == "contentSet") ReadContentSet(child, item);
    for (const char* name : kNewsmlNotCarried) {
      if (child.name == name) item.not_carried.push_back(name);
    }
  }
  return item;
}

// The versions of the items of a message: of several of one item only the newest is read.
class Versions {
 public:
  void Add(const XmlElement& item) {
    const std::int64_t version = VersionOf(item);
    auto& [newest, count] = newest_[std::string(item.Attribute("guid"))];
    count = version == newest ? count + 1 : version > newest ? 1 : count;
    newest = std::max(newest, version);
  }

  // Why an item is not to be read; empty if it is.
  std::string SupersededBecause(const XmlElement& item) const {
    const auto found = newest_.find(std::string(item.Attribute("guid")));
    if (found == newest_.end()) return "";
    const auto& [newest, count] = found->second;
    if (VersionOf(item) < newest) return absl::StrCat("version ", newest, " of it is in the file, too");
    return "";
  }

  // Whether there are several in the newest version, of which none is to be preferred.
  bool IsAmbiguous(const XmlElement& item) const {
    const auto found = newest_.find(std::string(item.Attribute("guid")));
    return found != newest_.end() && !found->first.empty() && found->second.second > 1;
  }

 private:
  static std::int64_t VersionOf(const XmlElement& item) {
    std::int64_t version = 0;
    return absl::SimpleAtoi(item.Attribute("version"), &version) && version > 0 ? version : 0;
  }

  std::map<std::string, std::pair<std::int64_t, int>> newest_;  // by guid: the version, how many items
};

}  // namespace

void ReadNewsmlFile(const std::filesystem::path& file, const std::string& section_id,
                    ImportedEdition& edition, Problems& problems) {
  NewsItemImport import(file, section_id, edition, problems);
  Versions versions;
  const bool is_whole = ReadXml(
      file, file.string(), {"newsItem"}, [&](const XmlElement& element, int) { versions.Add(element); },
      problems);
  if (!is_whole) return;
  const auto use = [&](const XmlElement& element, int line) {
    if (element.name == "newsItem") {
      const std::string superseded = versions.SupersededBecause(element);
      const NewsItem item = ItemOf(element);
      if (!superseded.empty()) {
        return problems.Warning({file.string(), line}, absl::StrCat(item.uri, " was left out: ", superseded));
      }
      if (versions.IsAmbiguous(element) && !IsTakenBack(item.pub_status)) {
        return problems.Error({file.string(), line}, absl::StrCat(item.uri,
                                                                  ": the file has several items of this "
                                                                  "version, so it is not imported"));
      }
      import.Add(item, line);
      if (edition.after_story) edition.after_story();
      return;
    }
    problems.Warning({file.string(), line},
                     absl::StrCat("a <", element.name, "> was left out: news items can be imported"));
  };
  ReadXml(file, file.string(),
          {"newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}, use,
          problems, &edition.bytes_read);
}

}  // namespace broadsheet::cli
