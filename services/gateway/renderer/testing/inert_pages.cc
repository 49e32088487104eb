#include "services/gateway/renderer/testing/inert_pages.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/testing/markup_reader.h"

namespace broadsheet::gateway::testing {
namespace {

const std::set<std::string>& AllowedElements() {
  static const auto& names = *new std::set<std::string>{
      "a",      "article", "aside",  "bdi",        "blockquote", "body",   "br",      "caption",
      "code",   "div",     "em",     "figcaption", "figure",     "footer", "h1",      "h2",
      "h3",     "h4",      "head",   "header",     "hr",         "html",   "img",     "li",
      "link",   "main",    "meta",   "nav",        "ol",         "p",      "picture", "s",
      "script", "section", "source", "span",       "strong",     "sub",    "sup",     "table",
      "tbody",  "td",      "th",     "thead",      "time",       "title",  "tr",      "ul"};
  return names;
}

const std::set<std::string>& AllowedAttributes() {
  static const auto& names =
      *new std::set<std::string>{"alt",      "aria-current", "aria-label",    "aria-labelledby", "charset",
                                 "class",    "content",      "data-changed",  "data-degraded",   "data-many",
                                 "data-one", "data-focus",   "data-story",    "datetime",        "decoding",
                                 "defer",    "dir",          "fetchpriority", "height",          "href",
                                 "id",       "lang",         "loading",       "media",           "name",
                                 "property", "rel",          "role",          "scope",           "sizes",
                                 "src",      "srcset",       "tabindex",      "title",           "type",
                                 "width"};
  return names;
}

template <class... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

bool IsSafeAddress(absl::string_view url) {
  if (absl::StartsWith(url, "#") || absl::StartsWith(url, "mailto:")) return true;
  if (absl::StartsWith(url, "/")) return url.size() < 2 || (url[1] != '/' && url[1] != '\\');
  return absl::StartsWithIgnoreCase(url, "https://") || absl::StartsWithIgnoreCase(url, "http://");
}

absl::Status CheckElement(const Element& element) {
  if (!AllowedElements().contains(element.name)) return Wrong("an element ", element.name);
  for (const auto& [name, value] : element.attributes) {
    if (!AllowedAttributes().contains(name)) return Wrong("an attribute ", element.name, " ", name);
    if ((name == "href" || name == "src") && !IsSafeAddress(value))
      return Wrong("an address ", element.name, " ", value);
    if (element.name == "script" && name == "src" && !absl::StartsWith(value, "/assets/page."))
      return Wrong("a script ", value);
  }
  if (element.name != "script" || element.text.empty()) return absl::OkStatus();
  const bool json = !nlohmann::json::parse(element.text, nullptr, false).is_discarded();
  return json && element.text.find("\u2028") == std::string::npos ? absl::OkStatus()
                                                                  : Wrong("a script's text ", element.text);
}

// Readers of RSS take a description for HTML: on that level, too, it is text and nothing else.
absl::Status CheckRssDescription(const Element& description) {
  const std::string html = absl::StrReplaceAll(
      description.text, {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}});
  if (absl::StrContains(html, "<")) return Wrong("markup in a description: ", html);
  return ReadMarkup(html, Syntax::kHtml).status();
}

absl::StatusOr<nlohmann::json> ReadInertJson(const std::string& text) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return Wrong("not JSON: ", text);
  const nlohmann::json values = json.flatten();
  for (const auto& [pointer, value] : values.items()) {
    const bool address = absl::EndsWith(pointer, "url") || absl::EndsWith(pointer, "href") ||
                         absl::EndsWith(pointer, "/image");
    if (address && (!value.is_string() || !absl::StartsWith(value.get<std::string>(), "http")))
      return Wrong("an address ", pointer, ": ", value.dump());
  }
  return json;
}

}  // namespace

absl::Status CheckInertPage(const std::string& html) {
  const absl::StatusOr<std::vector<Element>> elements = ReadMarkup(html, Syntax::kHtml);
  if (!elements.ok()) return elements.status();
  int scripts = 0;
  for (const Element& element : *elements) {
    if (absl::Status inert = CheckElement(element); !inert.ok()) return inert;
    scripts += element.name == "script";
  }
  return scripts <= 2 ? absl::OkStatus() : Wrong(scripts, " scripts");
}

absl::Status CheckInertXml(const std::string& xml) {
  const absl::StatusOr<std::vector<Element>> elements = ReadMarkup(xml, Syntax::kXml);
  if (!elements.ok()) return elements.status();
  for (const Element& element : *elements) {
    if (element.name != "description") continue;
    if (absl::Status inert = CheckRssDescription(element); !inert.ok()) return inert;
  }
  return absl::OkStatus();
}

absl::Status CheckInertJson(const std::string& text) { return ReadInertJson(text).status(); }

absl::Status CheckInertNinjs(const std::string& text) {
  const absl::StatusOr<nlohmann::json> json = ReadInertJson(text);
  if (!json.ok()) return json.status();
  const nlohmann::json::json_pointer body("/bodies/0/value");
  if (!json->contains(body) || !json->at(body).is_string())
    return absl::OkStatus();  // a story without a body
  return CheckInertPage(absl::StrCat("<div>", json->at(body).get<std::string>(), "</div>"));
}

}  // namespace broadsheet::gateway::testing
