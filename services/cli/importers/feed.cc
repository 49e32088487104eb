#include "services/cli/importers/feed.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/foreign_id.h"
#include "services/cli/importers/news_item_import.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

namespace {

// A time of RFC 822 or RFC 3339 as RFC 3339; what is neither stays as it is, and is reported later.
std::string TimeOf(std::string text) {
  static constexpr std::array<std::pair<absl::string_view, absl::string_view>, 10> kZones = {{
      {" GMT", " +0000"},
      {" UT", " +0000"},
      {" Z", " +0000"},
      {" EST", " -0500"},
      {" EDT", " -0400"},
      {" CST", " -0600"},
      {" CDT", " -0500"},
      {" MST", " -0700"},
      {" PST", " -0800"},
      {" PDT", " -0700"},
  }};
  for (const auto& [name, offset] : kZones) {
    if (absl::EndsWith(text, name)) text.replace(text.size() - name.size(), name.size(), std::string(offset));
  }
  absl::Time time;
  for (const char* format : {"%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M %z"}) {
    if (absl::ParseTime(format, text, &time, nullptr)) {
      return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
    }
  }
  return text;
}

// "ann@a.example (Ann Pell)" → "Ann Pell".
std::string NameOf(const std::string& author) {
  const std::size_t open = author.find('(');
  if (!absl::StrContains(author, '@') || open == std::string::npos) return author;
  return std::string(absl::StripAsciiWhitespace(author.substr(open + 1, author.rfind(')') - open - 1)));
}

// Feeds do not say whether a title is text or HTML: what can be HTML is taken for it.
NewsItem::Text TextOf(absl::string_view role, std::string value) {
  const bool may_be_html = value.find_first_of("<&") != std::string::npos;
  return {std::string(role), may_be_html ? "text/html" : "text/plain", std::move(value)};
}

// An Atom text construct: text, escaped HTML, or XHTML.
NewsItem::Text AtomTextOf(absl::string_view role, const XmlElement& element) {
  const absl::string_view type = element.Attribute("type");
  if (type == "xhtml") return {std::string(role), "text/html", ToHtml(element)};
  const bool is_html = type == "html" || absl::StrContains(type, "text/html");
  const bool is_text = type.empty() || absl::StartsWith(type, "text");
  return {std::string(role),
          is_html   ? "text/html"
          : is_text ? "text/plain"
                    : std::string(type),
          element.TextContent()};
}

// A category that says what an entry is, not what it is about.
bool IsKind(const XmlElement& category) {
  return absl::EndsWith(category.Attribute("scheme"), "schemas.google.com/g/2005#kind");
}

void AddPicture(absl::string_view url, NewsItem& item) {
  NewsItem& picture = item.associations.emplace_back();
  picture.name = std::string(url.substr(url.rfind('/') + 1));
  picture.type = "picture";
  picture.renditions.push_back({std::string(url), 0});
}

// WordPress says in elements of its own whether an item is public. Where such stand in what passes for a
// feed, that cannot be told.
bool IsOfWordPress(const XmlElement& element) {
  return std::any_of(element.children.begin(), element.children.end(), [](const XmlElement& child) {
    return absl::StartsWithIgnoreCase(child.name, "wp:") || absl::StartsWith(child.name, "excerpt:");
  });
}

// What an entry of a blog is, as Blogger says it: "post", "page", "comment", …; empty if nothing does.
std::string KindOf(const XmlElement& entry) {
  if (std::string kind = ChildText(entry, "blogger:type"); !kind.empty()) return absl::AsciiStrToLower(kind);
  for (const XmlElement& child : entry.children) {
    if (child.name != "category" || !IsKind(child)) continue;
    const absl::string_view term = child.Attribute("term");
    return std::string(term.substr(term.find_last_of("#/") + 1));
  }
  return "";
}

// Whether its publisher has not published it.
bool IsDraft(const XmlElement& entry) {
  const XmlElement* control = ChildOf(entry, "app:control");
  if (control != nullptr && ChildOf(*control, "app:draft") != nullptr &&
      !absl::EqualsIgnoreCase(ChildText(*control, "app:draft"), "no")) {
    return true;
  }
  const XmlElement* status = ChildOf(entry, "blogger:status");
  return status != nullptr && !absl::EqualsIgnoreCase(ChildText(entry, "blogger:status"), "live");
}

// What a feed says once for all its entries.
struct Channel {
  std::string host;
  std::string language;
  std::string author;
  std::string rights;
};

NewsItem RssItem(const XmlElement& element) {
  NewsItem item;
  item.uri = ChildText(element, "guid");
  if (item.uri.empty()) item.uri = ChildText(element, "link");
  item.headlines.push_back(TextOf("main", ChildText(element, "title")));
  const std::string content = ChildText(element, "content:encoded");
  const std::string description = ChildText(element, "description");
  if (!content.empty() && !description.empty()) item.descriptions.push_back(TextOf("text", description));
  if (const std::string& body = content.empty() ? description : content; !body.empty()) {
    item.bodies.push_back({"main", "text/html", body});
  }
  item.byline = ChildText(element, "dc:creator");
  if (item.byline.empty()) item.byline = NameOf(ChildText(element, "author"));
  item.first_created = TimeOf(ChildText(element, "pubDate"));
  if (item.first_created.empty()) item.first_created = ChildText(element, "dc:date");
  for (const XmlElement& child : element.children) {
    if (child.name == "category") item.subjects.push_back({OneLine(child.TextContent()), ""});
    const bool is_media = child.name == "enclosure" || child.name == "media:content";
    if (!is_media) continue;
    const bool is_picture =
        absl::StartsWith(child.Attribute("type"), "image/") || child.Attribute("medium") == "image";
    if (is_picture) {
      AddPicture(child.Attribute("url"), item);
    } else {
      item.not_carried.push_back(absl::StrCat("an attachment of type ", child.Attribute("type")));
    }
  }
  return item;
}

NewsItem AtomEntry(const XmlElement& element) {
  NewsItem item;
  item.uri = ChildText(element, "id");
  for (const XmlElement& child : element.children) {
    if (child.name == "title") item.headlines.push_back(AtomTextOf("main", child));
    if (child.name == "summary") item.descriptions.push_back(AtomTextOf("text", child));
    if (child.name == "content" && child.Attribute("src").empty())
      item.bodies.push_back(AtomTextOf("main", child));
    if (child.name == "content") item.language = std::string(child.Attribute("xml:lang"));
    if (child.name == "author")
      absl::StrAppend(&item.byline, item.byline.empty() ? "" : ", ", ChildText(child, "name"));
    if (child.name == "category" && !IsKind(child)) {
      const absl::string_view label = child.Attribute("label");
      item.subjects.push_back({OneLine(label.empty() ? child.Attribute("term") : label), ""});
    }
    if (child.name == "link" && child.Attribute("rel") == "enclosure") {
      if (absl::StartsWith(child.Attribute("type"), "image/")) {
        AddPicture(child.Attribute("href"), item);
      } else {
        item.not_carried.push_back(absl::StrCat("an attachment of type ", child.Attribute("type")));
      }
    }
  }
  // A summary alone is the text there is.
  if (item.bodies.empty() && !item.descriptions.empty()) item.bodies.push_back(item.descriptions.front());
  if (item.language.empty()) item.language = std::string(element.Attribute("xml:lang"));
  item.first_created = ChildText(element, "published");
  item.version_created = ChildText(element, "updated");
  item.copyright_notice = ChildText(element, "rights");
  if (IsDraft(element)) item.left_draft_because = "the feed says that it is a draft";
  return item;
}

}  // namespace

void ReadFeedFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                  Problems& problems) {
  NewsItemImport import(file, section_id, edition, problems);
  Channel channel;
  const auto use = [&](const XmlElement& element, int line) {
    if (element.name == "language" || element.name == "dc:language")
      channel.language = OneLine(element.TextContent());
    if (element.name == "copyright" || element.name == "rights")
      channel.rights = OneLine(element.TextContent());
    if (element.name == "link" && channel.host.empty()) {
      const absl::string_view address = element.Attribute("href");
      channel.host = HostOf(address.empty() ? OneLine(element.TextContent()) : std::string(address));
    }
    if (element.name == "author") channel.author = ChildText(element, "name");
    if (element.name != "item" && element.name != "entry") return;
    if (IsOfWordPress(element)) {
      return problems.Error({file.string(), line},
                            "the item has elements of a WordPress export, whose namespace the file does not "
                            "declare at its first element: whether it is public cannot be told");
    }
    if (const std::string kind = KindOf(element); !kind.empty() && kind != "post" && kind != "page") {
      return problems.Warning({file.string(), line}, absl::StrCat("an entry was left out: it is a ", kind,
                                                                  ", not a post or a page"));
    }
    NewsItem item = element.name == "item" ? RssItem(element) : AtomEntry(element);
    item.type = "text";
    item.origin = channel.host;
    if (item.language.empty()) item.language = channel.language;
    if (item.byline.empty()) item.byline = channel.author;
    if (item.copyright_notice.empty()) item.copyright_notice = channel.rights;
    import.Add(item, line);
    if (edition.after_story) edition.after_story();
  };
  ReadXml(file, file.string(),
          {"item", "entry", "language", "dc:language", "copyright", "rights", "author", "link"}, use,
          problems, &edition.bytes_read);
}

}  // namespace broadsheet::cli
