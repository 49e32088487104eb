#include "services/cli/importers/nitf.h"

#include <array>
#include <utility>

#include "absl/strings/strip.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

XmlElement Element(std::string name) {
  XmlElement element;
  element.name = std::move(name);
  return element;
}

// What an element of NITF is called in HTML; the same where there is nothing better.
std::string HtmlNameOf(const std::string& name) {
  static constexpr std::array<std::pair<absl::string_view, absl::string_view>, 9> kNames = {{
      {"hl2", "h2"},
      {"bq", "blockquote"},
      {"block", "div"},
      {"credit", "footer"},
      {"nitf-table", "div"},
      {"nitf-table-body", "table"},
      {"media-caption", "figcaption"},
      {"tagline", "p"},
      {"abstract", "div"},
  }};
  for (const auto& [nitf, html] : kNames) {
    if (name == nitf) return std::string(html);
  }
  return name;
}

XmlElement Convert(const XmlElement& element);

void ConvertChildren(const XmlElement& from, XmlElement& to) {
  for (const XmlElement& child : from.children)
    to.children.push_back(child.is_text() ? child : Convert(child));
}

// The first reference and the caption; what is no image is left to those who report it.
XmlElement ConvertMedia(const XmlElement& media) {
  const XmlElement* reference = ChildOf(media, "media-reference");
  const bool is_image = media.Attribute("media-type") == "image" || media.Attribute("media-type").empty();
  if (reference == nullptr || !is_image)
    return Element(media.Attribute("media-type") == "audio" ? "audio" : "video");
  XmlElement image = Element("img");
  image.attributes.emplace_back("src", std::string(reference->Attribute("source")));
  image.attributes.emplace_back("alt", std::string(reference->Attribute("alternate-text")));
  XmlElement figure = Element("figure");
  figure.children.push_back(std::move(image));
  XmlElement caption = Element("figcaption");
  if (const XmlElement* text = ChildOf(media, "media-caption")) ConvertChildren(*text, caption);
  if (const XmlElement* producer = ChildOf(media, "media-producer")) {
    XmlElement credit = Element("small");
    credit.attributes.emplace_back("class", "credit");
    ConvertChildren(*producer, credit);
    caption.children.push_back(std::move(credit));
  }
  figure.children.push_back(std::move(caption));
  return figure;
}

XmlElement Convert(const XmlElement& element) {
  if (element.name == "media") return ConvertMedia(element);
  XmlElement html = Element(HtmlNameOf(element.name));
  for (const auto& [name, value] : element.attributes) {
    const bool is_kept = name == "href" || name == "cite" || name == "align" || name == "colspan" ||
                         name == "rowspan" || name == "src" || name == "lang" || name == "xml:lang";
    if (is_kept) html.attributes.emplace_back(name, value);
  }
  ConvertChildren(element, html);
  return html;
}

// The part of that name in the head of the body; null if there is none.
const XmlElement* FindInHead(const XmlElement& nitf, absl::string_view name) {
  const XmlElement* head = nitf.Find("body.head");
  return head == nullptr ? nullptr : head->Find(name);
}

std::string LineOf(const XmlElement* element) {
  return element == nullptr ? "" : OneLine(element->TextContent());
}

}  // namespace

XmlElement NitfToHtml(const XmlElement& nitf) {
  XmlElement body = Element("body");
  const XmlElement* content = nitf.Find("body.content");
  const XmlElement* whole = content == nullptr ? nitf.Find("body") : nullptr;
  if (content != nullptr) ConvertChildren(*content, body);
  if (whole != nullptr) {  // not as the standard has it, but it is the text
    for (const XmlElement& child : whole->children) {
      if (child.name == "body.head" || child.name == "body.end") continue;
      body.children.push_back(child.is_text() ? child : Convert(child));
    }
  }
  if (const XmlElement* end = nitf.Find("body.end")) ConvertChildren(*end, body);
  return body;
}

std::string NitfHeadline(const XmlElement& nitf) { return LineOf(FindInHead(nitf, "hl1")); }

std::string NitfByline(const XmlElement& nitf) {
  const XmlElement* byline = FindInHead(nitf, "byline");
  if (byline == nullptr) return "";
  const XmlElement* person = byline->Find("person");
  const std::string line = LineOf(person != nullptr ? person : byline);
  return std::string(absl::StripPrefix(absl::StripPrefix(line, "By "), "by "));
}

std::string NitfLocation(const XmlElement& nitf) {
  const XmlElement* dateline = FindInHead(nitf, "dateline");
  return dateline == nullptr ? "" : LineOf(dateline->Find("location"));
}

}  // namespace broadsheet::cli
