#include "services/cli/importers/newsml.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/news_item_import.h"
#include "services/cli/importers/nitf.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

namespace {

// Elements that say something and have no place in a story of ours.
constexpr const char* kNotCarried[] = {"assert", "inlineRef", "partMeta", "derivedFrom"};

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

void ReadItemMeta(const XmlElement& meta, NewsItem& item) {
  for (const XmlElement& child : meta.children) {
    if (child.name == "itemClass") item.type = CodeOf(child);
    if (child.name == "pubStatus") item.pub_status = CodeOf(child);
    if (child.name == "firstCreated") item.first_created = OneLine(child.TextContent());
    if (child.name == "versionCreated") item.version_created = OneLine(child.TextContent());
    if (child.name == "embargoed") item.embargoed = OneLine(child.TextContent());
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
  if (item.headlines.empty()) item.headlines.push_back({"main", "text/plain", NitfHeadline(nitf)});
  if (item.byline.empty()) item.byline = NitfByline(nitf);
  if (item.located.empty()) item.located = NitfLocation(nitf);
}

void ReadContentSet(const XmlElement& set, NewsItem& item) {
  for (const XmlElement& child : set.children) {
    if (child.name == "inlineXML") {
      const XmlElement* nitf = child.Find("nitf");
      const XmlElement* html = child.Find("body");
      if (nitf != nullptr) {
        ReadNitf(*nitf, item);
      } else if (html != nullptr) {
        item.bodies.push_back({"main", "text/html", ToHtml(*html)});
      } else {
        item.bodies.push_back({"main", std::string(child.Attribute("contenttype")), ""});
      }
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
    for (const char* name : kNotCarried) {
      if (child.name == name) item.not_carried.push_back(name);
    }
  }
  return item;
}

}  // namespace

void ReadNewsmlFile(const std::filesystem::path& file, const std::string& section_id,
                    ImportedEdition& edition, Problems& problems) {
  NewsItemImport import(file, section_id, edition, problems);
  const auto use = [&](const XmlElement& element, int line) {
    if (element.name == "newsItem") {
      import.Add(ItemOf(element), line);
      if (edition.after_story) edition.after_story();
      return;
    }
    problems.Warning({file.string(), line},
                     absl::StrCat("a <", element.name, "> was left out: news items can be imported"));
  };
  ReadXml(file, file.string(),
          {"newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}, use,
          problems);
}

}  // namespace broadsheet::cli
