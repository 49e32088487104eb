#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_DOM_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_DOM_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// An HTML document as plain values. The only door to the parser.
struct HtmlNode {
  std::string name;  // lower case; empty: a text
  std::string text;  // of a text: entities resolved, control characters removed
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<HtmlNode> children;

  bool is_text() const { return name.empty(); }
  // Empty if there is none.
  absl::string_view Attribute(absl::string_view attribute) const;
  // The first element of that name within, in document order; null if there is none.
  const HtmlNode* Find(absl::string_view element) const;
  // All text within.
  std::string TextContent() const;
};

// Parses as browsers do: never fails, mends what is broken. Comments are left out, and what is nested deeper
// than 200 levels, and whatever follows what is nested deeper than 256; `too_deep` then says so. `html` must
// be valid UTF-8.
HtmlNode ParseHtml(absl::string_view html, bool& too_deep);

// The children of a node as HTML, so that ParseHtml gives the same again.
std::string ToHtml(const HtmlNode& node);

// The text without C0 and C1 control characters but tab and line ends.
std::string WithoutControls(absl::string_view text);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_DOM_H_
