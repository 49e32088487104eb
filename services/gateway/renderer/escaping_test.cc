#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/markup_reader.h"
#include "services/gateway/renderer/testing/sample_pages.h"

// Whatever an author, a desk or a camera writes, no page becomes active. Each payload is put into every field
// of every kind of page; what comes out is read by a reader that accepts nothing that two browsers could read
// in two ways.
namespace broadsheet::gateway {
namespace {

using testing::Element;
using testing::ReadMarkup;
using testing::Syntax;

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
      *new std::set<std::string>{"alt",        "aria-current", "aria-label",    "aria-labelledby",
                                 "charset",    "class",        "content",       "data-degraded",
                                 "data-focus", "data-story",   "datetime",      "decoding",
                                 "defer",      "dir",          "fetchpriority", "height",
                                 "href",       "id",           "lang",          "loading",
                                 "media",      "name",         "property",      "rel",
                                 "role",       "scope",        "sizes",         "src",
                                 "srcset",     "tabindex",     "title",         "type",
                                 "width"};
  return names;
}

bool IsSafeAddress(absl::string_view url) {
  if (absl::StartsWith(url, "#") || absl::StartsWith(url, "mailto:")) return true;
  if (absl::StartsWith(url, "/")) return url.size() < 2 || (url[1] != '/' && url[1] != '\\');
  return absl::StartsWithIgnoreCase(url, "https://") || absl::StartsWithIgnoreCase(url, "http://");
}

void ExpectInert(const Element& element) {
  EXPECT_TRUE(AllowedElements().contains(element.name)) << element.name;
  for (const auto& [name, value] : element.attributes) {
    EXPECT_TRUE(AllowedAttributes().contains(name)) << element.name << " " << name;
    if (name == "href" || name == "src") {
      EXPECT_TRUE(IsSafeAddress(value)) << element.name << " " << value;
    }
    if (element.name == "script" && name == "src") {
      EXPECT_TRUE(absl::StartsWith(value, "/assets/page.")) << value;
    }
  }
  if (element.name == "script" && !element.text.empty()) {
    EXPECT_FALSE(nlohmann::json::parse(element.text, nullptr, false).is_discarded()) << element.text;
    EXPECT_EQ(element.text.find("\u2028"), std::string::npos);
  }
}

void ExpectInertPage(const std::string& html) {
  const absl::StatusOr<std::vector<Element>> elements = ReadMarkup(html, Syntax::kHtml);
  ASSERT_TRUE(elements.ok()) << elements.status();
  int scripts = 0;
  for (const Element& element : *elements) {
    ExpectInert(element);
    scripts += element.name == "script";
  }
  EXPECT_LE(scripts, 2);
}

const Renderer& RendererOfPayloads() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load(RENDERER_SOURCE_DIR "/templates", testing::SampleSite()));
  if (!renderer.ok()) std::abort();
  return **renderer;
}

// Valid, and every address in it leads by http or https.
void ExpectInertJson(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << text;
  const nlohmann::json values = json.flatten();
  for (const auto& [pointer, value] : values.items()) {
    if (!absl::EndsWith(pointer, "url") && !absl::EndsWith(pointer, "href") &&
        !absl::EndsWith(pointer, "/image"))
      continue;
    ASSERT_TRUE(value.is_string()) << pointer << ": " << value;
    EXPECT_TRUE(absl::StartsWith(value.get<std::string>(), "http")) << pointer << ": " << value;
  }
}

void ExpectInertPages(const std::string& payload) {
  SCOPED_TRACE(payload);
  ExpectInertPage(RendererOfPayloads().RenderArticle(testing::HostileArticle(payload)));
  ExpectInertPage(RendererOfPayloads().RenderList(testing::HostileList(payload)));
  ListPage front = testing::HostileList(payload);
  front.section.reset();
  ExpectInertPage(RendererOfPayloads().RenderList(front));
  ExpectInertPage(RendererOfPayloads().RenderAuthor(testing::HostileAuthorPage(payload)));
  ExpectInertPage(RendererOfPayloads().RenderError(testing::HostileError(payload)));
  for (const std::string& feed :
       {RendererOfPayloads().RenderRss(testing::HostileFeed(payload)),
        RendererOfPayloads().RenderAtom(testing::HostileFeed(payload)),
        RendererOfPayloads().RenderNewsSitemap({testing::HostileFeed(payload).stories})}) {
    const absl::StatusOr<std::vector<Element>> elements = ReadMarkup(feed, Syntax::kXml);
    EXPECT_TRUE(elements.ok()) << elements.status();
  }
  ExpectInertJson(RendererOfPayloads().RenderJsonFeed(testing::HostileFeed(payload)));
  const std::string item = RendererOfPayloads().RenderNinjs(testing::HostileArticle(payload));
  ExpectInertJson(item);
  const nlohmann::json body = nlohmann::json::parse(item, nullptr, false)["bodies"][0]["value"];
  const absl::StatusOr<std::vector<Element>> elements =
      ReadMarkup("<div>" + body.get<std::string>() + "</div>", Syntax::kHtml);
  ASSERT_TRUE(elements.ok()) << elements.status();
  for (const Element& element : *elements)
    EXPECT_TRUE(AllowedElements().contains(element.name)) << element.name;
}

TEST(Escaping, OwnPayloadsStayText) {
  using std::string_literals::operator""s;
  for (const std::string& payload : {testing::SamplePayload(),
                                     "<script>alert(1)</script>"s,
                                     "\"><img src=x onerror=alert(1)>"s,
                                     "' onmouseover='alert(1)"s,
                                     "\" onfocus=alert(1) autofocus x=\""s,
                                     "</script><script>alert(1)</script>"s,
                                     "<!--<script>"s,
                                     "--><script>"s,
                                     "]]><script>"s,
                                     "</title><svg onload=alert(1)>"s,
                                     "javascript:alert(1)"s,
                                     "JaVa\tScRiPt:alert(1)"s,
                                     "//evil.example"s,
                                     "data:text/html;base64,PHNjcmlwdD4="s,
                                     "\u2028alert(1)\u2029"s,
                                     "\xFF\xFE<script>"s,
                                     "\xC0\xBCscript\xC0\xBE"s,
                                     "+ADw-script+AD4-"s,
                                     "a\0<script>"s,
                                     "\x1B[31m\r\n<script>"s,
                                     "{{HEADLINE}}{{#X}}{{%AUTOESCAPE}}"s,
                                     "<!--notice--><script>"s,
                                     "&lt;script&gt;&#x3c;script&#x3e;"s,
                                     "`${alert(1)}`"s,
                                     "\u202E<tpircs>"s,
                                     "https://a.example/\"onclick=\"alert(1)"s,
                                     "en\" onload=\"alert(1)"s,
                                     std::string(3000, '<'),
                                     "\\u003cscript\\u003e"s,
                                     "#ffffff\"><script>"s,
                                     "<a href=javascript:alert(1)>x</a>"s,
                                     "%3Cscript%3E"s,
                                     ""s}) {
    ExpectInertPages(payload);
  }
}

TEST(Escaping, CollectedPayloadsStayText) {
  // Payloads collected by others stand beside the project, not in it.
  const std::filesystem::path file = PROJECT_SOURCE_DIR "/../shared/data/xss/payloads.json";
  std::ifstream stream(file);
  if (!stream) {
    std::cout << "ran without ../shared/data/xss: own payloads only\n";
    return;
  }
  const nlohmann::json payloads = nlohmann::json::parse(stream, nullptr, false);
  ASSERT_TRUE(payloads.is_array());
  for (const auto& entry : payloads) ExpectInertPages(entry["payload"].get<std::string>());
}

TEST(Escaping, TheReaderItselfIsStrict) {
  for (const char* text :
       {"<p>", "</p>", "<p><b></p></b>", "a > b", "a & b", "<p a='x'></p>", "<p a=x></p>", "<p a=\"<\"></p>",
        "<!-- x -->", "< p></p>", "<script><!--</script>", "<p a=\"x\"b></p>", "<p a=\"x"}) {
    EXPECT_FALSE(ReadMarkup(text, Syntax::kHtml).ok()) << text;
  }
  EXPECT_TRUE(ReadMarkup("<p class=\"a &amp; b\" defer>x &lt; y<br></p>", Syntax::kHtml).ok());
}

}  // namespace
}  // namespace broadsheet::gateway
