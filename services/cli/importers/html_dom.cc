#include "services/cli/importers/html_dom.h"

#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace broadsheet::cli {

namespace {

constexpr int kDeepestNode = 200;
// Where reading ends: for each end tag the parser looks through the names of all open elements, and bounds
// their number only where it builds a tree itself.
constexpr int kDeepestOpen = 256;

absl::string_view View(const xmlChar* text) {
  return text == nullptr ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(text));
}

// Whether one of eight bytes is below 0x20, 0x7F or 0xC2, which begins the control characters beyond ASCII.
bool HasSuspicious(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word;
  const std::uint64_t is_delete = word ^ (kOnes * 0x7F);
  const std::uint64_t is_lead = word ^ (kOnes * 0xC2);
  return ((below_space | ((is_delete - kOnes) & ~is_delete) | ((is_lead - kOnes) & ~is_lead)) & kHighBits) !=
         0;
}

// The first byte from `begin` on that is a control character other than tab and line ends, or may begin one;
// the end if there is none.
std::size_t FindSuspicious(absl::string_view text, std::size_t begin) {
  for (; begin < text.size(); ++begin) {
    while (begin + 8 <= text.size() && !HasSuspicious(text.data() + begin)) begin += 8;
    if (begin == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[begin]);
    if (byte < 0x20 ? byte != '\t' && byte != '\n' && byte != '\r' : byte == 0x7F || byte == 0xC2) break;
  }
  return begin;
}

// Makes nodes of what the parser reports, in place of the tree that it would build first.
class NodeBuilder {
 public:
  NodeBuilder(htmlParserCtxt& parser, HtmlNode& root) : parser_(parser) { open_.push_back(&root); }

  bool too_deep() const { return too_deep_; }

  // The reports that `this` wants to be told as the parser's user data.
  static xmlSAXHandler Reports() {
    xmlSAXHandler reports = {};
    reports.startElement = [](void* self, const xmlChar* name, const xmlChar** attributes) {
      static_cast<NodeBuilder*>(self)->Open(View(name), attributes);
    };
    reports.endElement = [](void* self, const xmlChar* /*name*/) {
      static_cast<NodeBuilder*>(self)->Close();
    };
    const auto add_text = [](void* self, const xmlChar* text, int size) {
      static_cast<NodeBuilder*>(self)->AddText(
          {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
    };
    reports.characters = add_text;
    reports.cdataBlock = add_text;
    reports.comment = [](void* self, const xmlChar* /*text*/) {
      static_cast<NodeBuilder*>(self)->in_text_ = false;
    };
    return reports;
  }

 private:
  // The deepest nodes have none.
  bool HasPlace() const { return depth_ <= kDeepestNode + 1; }

  void Open(absl::string_view name, const xmlChar** attributes) {
    in_text_ = false;
    ++depth_;
    if (!HasPlace()) {
      too_deep_ = true;
      if (depth_ > kDeepestOpen) xmlStopParser(&parser_);
      return;
    }
    // The document's own element is the root. What follows its end belongs to it, as it does in browsers.
    if (depth_ == 1 && name == "html") return open_.push_back(open_.front());
    HtmlNode& element = open_.back()->children.emplace_back();
    open_.push_back(&element);  // nothing is put before or after it until it is closed
    element.name = absl::AsciiStrToLower(name);
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2)
      element.attributes.emplace_back(absl::AsciiStrToLower(View(attributes[0])),
                                      WithoutControls(View(attributes[1])));
  }

  void Close() {
    in_text_ = false;
    if (depth_ == 0) return;
    if (HasPlace()) open_.pop_back();
    --depth_;
  }

  // A text comes in pieces.
  void AddText(absl::string_view text) {
    if (depth_ == 0) return;  // a stray "<" before everything
    if (!HasPlace()) {
      too_deep_ = true;
      return;
    }
    std::vector<HtmlNode>& siblings = open_.back()->children;
    if (!in_text_) siblings.emplace_back();
    in_text_ = true;
    if (FindSuspicious(text, 0) == text.size()) {
      siblings.back().text.append(text.data(), text.size());
    } else {
      siblings.back().text += WithoutControls(text);
    }
  }

  htmlParserCtxt& parser_;
  std::vector<HtmlNode*> open_;
  int depth_ = 0;  // of open elements, also of those that have no place
  bool in_text_ = false;
  bool too_deep_ = false;
};

}  // namespace

std::string WithoutControls(absl::string_view text) {
  std::string clean;
  std::size_t kept = 0;  // what is before it is in `clean`, or left out
  for (std::size_t i = FindSuspicious(text, 0); i < text.size(); i = FindSuspicious(text, i + 1)) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte == 0xC2 && !is_c1) continue;
    clean.append(text.data() + kept, i - kept);
    if (is_c1) ++i;
    kept = i + 1;
  }
  clean.append(text.data() + kept, text.size() - kept);
  return clean;
}

absl::string_view HtmlNode::Attribute(absl::string_view attribute) const {
  for (const auto& [key, value] : attributes) {
    if (key == attribute) return value;
  }
  return "";
}

const HtmlNode* HtmlNode::Find(absl::string_view element) const {
  for (const HtmlNode& child : children) {
    if (child.name == element) return &child;
    if (const HtmlNode* found = child.Find(element)) return found;
  }
  return nullptr;
}

std::string HtmlNode::TextContent() const {
  std::string all = text;
  for (const HtmlNode& child : children) all += child.TextContent();
  return all;
}

std::string ToHtml(const HtmlNode& node) {
  static constexpr std::array<absl::string_view, 4> kVoid = {"br", "hr", "img", "col"};
  const auto escaped = [](absl::string_view text) {
    return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
  };
  std::string html;
  for (const HtmlNode& child : node.children) {
    if (child.is_text()) {
      html += escaped(child.text);
      continue;
    }
    absl::StrAppend(&html, "<", child.name);
    for (const auto& [name, value] : child.attributes)
      absl::StrAppend(&html, " ", name == "xml:lang" ? "lang" : name, "=\"", escaped(value), "\"");
    html += ">";
    if (std::find(kVoid.begin(), kVoid.end(), child.name) != kVoid.end()) continue;
    absl::StrAppend(&html, ToHtml(child), "</", child.name, ">");
  }
  return html;
}

HtmlNode ParseHtml(absl::string_view html, bool& too_deep) {
  static std::once_flag initialized;
  std::call_once(initialized, xmlInitParser);
  too_deep = false;
  HtmlNode root;
  std::string without_controls;  // the parser would stop at a NUL
  absl::string_view clean = html;
  if (FindSuspicious(html, 0) < html.size()) clean = without_controls = WithoutControls(html);
  constexpr int kOptions = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
  const std::unique_ptr<htmlParserCtxt, decltype(&htmlFreeParserCtxt)> parser(htmlNewParserCtxt(),
                                                                              htmlFreeParserCtxt);
  if (parser == nullptr) return root;
  NodeBuilder builder(*parser, root);
  *parser->sax = NodeBuilder::Reports();
  parser->userData = &builder;
  htmlCtxtReadMemory(parser.get(), clean.data(), static_cast<int>(clean.size()), nullptr, "UTF-8", kOptions);
  too_deep = builder.too_deep();
  return root;
}

}  // namespace broadsheet::cli
