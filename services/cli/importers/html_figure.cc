#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/html_flow.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

int CountOf(const HtmlNode& node, absl::string_view element) {
  int count = 0;
  for (const HtmlNode& child : node.children)
    count += (child.name == element ? 1 : 0) + CountOf(child, element);
  return count;
}

// What a figure has besides its picture and its caption.
HtmlNode WithoutPicture(const HtmlNode& node) {
  HtmlNode rest{.name = node.name, .text = node.text, .attributes = node.attributes, .children = {}};
  for (const HtmlNode& child : node.children) {
    const bool is_picture = child.name == "img" || child.name == "source" || child.name == "figcaption";
    if (!is_picture) rest.children.push_back(WithoutPicture(child));
  }
  return rest;
}

// Whether there is anything in it but links, frames around a picture, and white space.
bool HasContent(const HtmlNode& node) {
  if (node.is_text()) return !absl::StripAsciiWhitespace(node.text).empty();
  for (const char* content : {"iframe", "hr", "video", "audio", "object", "embed", "svg"}) {
    if (node.name == content) return true;
  }
  for (const HtmlNode& child : node.children) {
    if (HasContent(child)) return true;
  }
  return false;
}

}  // namespace

void HtmlFlow::AddFigure(const HtmlNode& node) {
  const HtmlNode* image = node.Find("img");
  const HtmlNode* caption = node.Find("figcaption");
  if (image == nullptr || CountOf(node, "img") > 1) {  // a gallery, or a figure that is no picture
    Flush();
    AddChildren(node);
    return Flush();
  }
  std::string credit;
  std::string text;
  if (caption != nullptr) {
    for (const HtmlNode& child : caption->children) {
      const bool is_credit = child.name == "small" && child.Attribute("class") == "credit";
      absl::StrAppend(is_credit ? &credit : &text, child.TextContent());
    }
  }
  AddImage(*image, OneLine(text), OneLine(credit));
  const HtmlNode rest = WithoutPicture(node);
  if (!HasContent(rest)) return;
  AddChildren(rest);
  Flush();
}

}  // namespace broadsheet::cli
