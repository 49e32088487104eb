#include "services/cli/importers/wxr_content.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace broadsheet::cli {

namespace {

std::string EscapedAttribute(absl::string_view value) {
  return absl::StrReplaceAll(value, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string Frame(absl::string_view url) {
  return absl::StrCat("<iframe src=\"", EscapedAttribute(absl::StripAsciiWhitespace(url)), "\"></iframe>");
}

// The string at `key` of a JSON object; empty if there is none.
std::string JsonText(absl::string_view text, const char* key) {
  const nlohmann::json object =
      nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// `wp:name {json} /` inside of a comment.
struct BlockComment {
  absl::string_view name;  // empty: no block
  absl::string_view json;
  bool closes = false;     // `/wp:name`
  bool is_whole = false;   // ends in a slash: there is no HTML for it
  std::size_t length = 0;  // of the comment
};

BlockComment ParseComment(absl::string_view html) {
  BlockComment block;
  const std::size_t end = html.find("-->");
  block.length = end == absl::string_view::npos ? html.size() : end + 3;
  absl::string_view text = absl::StripAsciiWhitespace(html.substr(4, std::max<std::size_t>(end, 4) - 4));
  if (end == absl::string_view::npos) return block;
  block.closes = absl::ConsumePrefix(&text, "/");
  if (!absl::ConsumePrefix(&text, "wp:")) return block;
  block.is_whole = absl::ConsumeSuffix(&text, "/");
  block.name = text.substr(0, text.find_first_of(" \t\n{"));
  block.json = absl::StripAsciiWhitespace(text.substr(block.name.size()));
  return block;
}

// Turns block comments into what they stand for, and drops the others, as browsers do.
std::string WithoutBlockComments(absl::string_view html, const WxrContext& context) {
  static constexpr std::array<absl::string_view, 5> kEmpty = {"more", "nextpage", "spacer", "separator",
                                                              "paragraph"};
  std::string result;
  while (!html.empty()) {
    const std::size_t start = html.find("<!--");
    absl::StrAppend(&result, html.substr(0, start));
    if (start == absl::string_view::npos) break;
    html.remove_prefix(start);
    const BlockComment block = ParseComment(html);
    html.remove_prefix(block.length);
    if (block.name.empty() || block.closes) continue;
    const bool is_embed = block.name == "embed" || absl::StartsWith(block.name, "core-embed/");
    const std::string url = is_embed ? JsonText(block.json, "url") : "";
    if (!url.empty()) {
      result += Frame(url);
      const std::size_t end =
          html.find(absl::StrCat("<!-- /wp:", block.name));  // its HTML is the bare address
      if (!block.is_whole && end != absl::string_view::npos) html.remove_prefix(end);
    } else if (block.is_whole && std::find(kEmpty.begin(), kEmpty.end(), block.name) == kEmpty.end()) {
      context.warn(
          absl::StrCat("the block \"", block.name, "\", which WordPress fills itself, was left out"));
    }
  }
  return result;
}

// `[name attributes]`, up to its closing `[/name]` if it has one.
struct Shortcode {
  absl::string_view name;
  absl::string_view attributes;
  absl::string_view content;
  bool has_content = false;
  std::size_t length = 0;  // of all of it; 0: it is none
};

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

Shortcode ParseShortcode(absl::string_view text) {
  Shortcode code;
  std::size_t end = 1;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  const std::size_t close = text.find(']');
  if (end == 1 || close == absl::string_view::npos ||
      text.substr(0, close).find('\n') != absl::string_view::npos) {
    return code;
  }
  if (end != close && text[end] != ' ' && text[end] != '/') return code;  // "[a.b]" is text
  code.name = text.substr(1, end - 1);
  code.attributes = absl::StripAsciiWhitespace(text.substr(end, close - end));
  absl::ConsumeSuffix(&code.attributes, "/");
  const std::string closing = absl::StrCat("[/", code.name, "]");
  const std::size_t content_end = text.find(closing, close);
  code.has_content = content_end != absl::string_view::npos;
  if (code.has_content) code.content = text.substr(close + 1, content_end - close - 1);
  // Editors write in brackets too: a word alone, without a closing one, is theirs.
  const bool is_code = code.has_content || absl::StrContains(code.attributes, '=') ||
                       code.name == "gallery" || absl::StrContains(code.attributes, "http");
  if (is_code) code.length = code.has_content ? content_end + closing.size() : close + 1;
  return code;
}

// The value of `name="…"` or `name=…`; empty if there is none.
std::string AttributeOf(absl::string_view attributes, absl::string_view name) {
  std::size_t at = 0;
  const std::string wanted = absl::StrCat(name, "=");
  while ((at = attributes.find(wanted, at)) != absl::string_view::npos) {
    const bool starts = at == 0 || absl::ascii_isspace(attributes[at - 1]);
    at += wanted.size();
    if (!starts || at >= attributes.size()) continue;
    const char quote = attributes[at];
    const bool is_quoted = quote == '"' || quote == '\'';
    absl::string_view value = attributes.substr(at + (is_quoted ? 1 : 0));
    return std::string(value.substr(0, is_quoted ? value.find(quote) : value.find_first_of(" \t")));
  }
  return "";
}

class ShortcodeReader {
 public:
  explicit ShortcodeReader(const WxrContext& context) : context_(context) {}

  std::string Convert(absl::string_view html, int depth) {
    std::string result;
    while (!html.empty()) {
      const std::size_t at = html.find_first_of("[<");
      absl::StrAppend(&result, html.substr(0, at));
      if (at == absl::string_view::npos) break;
      html.remove_prefix(at);
      if (html[0] == '<') {  // brackets within a tag are its own
        const std::size_t end = html.find('>');
        const std::size_t length = end == absl::string_view::npos ? html.size() : end + 1;
        absl::StrAppend(&result, html.substr(0, length));
        html.remove_prefix(length);
        continue;
      }
      if (absl::ConsumePrefix(&html, "[[")) {  // an escaped one is text
        result += "[";
        const std::size_t end = html.find("]]");
        if (end == absl::string_view::npos) continue;
        absl::StrAppend(&result, html.substr(0, end), "]");
        html.remove_prefix(end + 2);
        continue;
      }
      const Shortcode code = depth < kDeepest ? ParseShortcode(html) : Shortcode();
      if (code.length == 0) {
        result += '[';
        html.remove_prefix(1);
        continue;
      }
      result += Replacement(code, depth);
      html.remove_prefix(code.length);
    }
    return result;
  }

 private:
  static constexpr int kDeepest = 8;

  std::string Replacement(const Shortcode& code, int depth) {
    if ((code.name == "caption" || code.name == "wp_caption") && code.has_content) return Caption(code);
    if (code.name == "gallery") return Gallery(code);
    const std::string source = AttributeOf(code.attributes, "src");
    const absl::string_view address = code.has_content  ? absl::StripAsciiWhitespace(code.content)
                                      : !source.empty() ? absl::string_view(source)
                                                        : code.attributes;
    static constexpr std::array<absl::string_view, 5> kEmbeds = {"embed", "youtube", "vimeo", "tweet",
                                                                 "instagram"};
    if (std::find(kEmbeds.begin(), kEmbeds.end(), code.name) != kEmbeds.end() &&
        absl::StartsWith(address, "https://")) {
      return Frame(address.substr(0, address.find_first_of(" \t")));
    }
    context_.warn(absl::StrCat("the shortcode [", code.name, "] was left out",
                               code.has_content ? ", its text kept" : ""));
    return code.has_content ? Convert(code.content, depth + 1) : "";
  }

  // The picture first, then the words; older exports have the words as an attribute.
  static std::string Caption(const Shortcode& code) {
    const std::size_t image = code.content.find("<img");
    std::size_t end = image == absl::string_view::npos ? image : code.content.find('>', image);
    if (end == absl::string_view::npos) return std::string(code.content);
    ++end;
    absl::string_view words = code.content.substr(end);
    absl::ConsumePrefix(&words, "</a>");
    const std::string attribute = AttributeOf(code.attributes, "caption");
    if (absl::StripAsciiWhitespace(words).empty()) words = attribute;
    return absl::StrCat("<figure>", code.content.substr(image, end - image), "<figcaption>", words,
                        "</figcaption></figure>");
  }

  std::string Gallery(const Shortcode& code) {
    std::string html;
    for (absl::string_view id :
         absl::StrSplit(AttributeOf(code.attributes, "ids"), ',', absl::SkipWhitespace())) {
      const std::string url = context_.attachment_url(absl::StripAsciiWhitespace(id));
      if (!url.empty()) absl::StrAppend(&html, "<figure><img src=\"", EscapedAttribute(url), "\"/></figure>");
    }
    if (html.empty()) context_.warn("a [gallery] whose pictures are not named was left out");
    return html;
  }

  const WxrContext& context_;
};

// Line ends outside of tags become breaks; two in a row separate paragraphs.
std::string WithLineBreaks(absl::string_view html) {
  std::string result;
  int listing = 0;  // within <pre>, where they stay
  bool in_tag = false;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (c == '<') {
      in_tag = true;
      if (absl::StartsWithIgnoreCase(html.substr(i), "<pre")) ++listing;
      if (absl::StartsWithIgnoreCase(html.substr(i), "</pre")) --listing;
    }
    if (c == '\n' && !in_tag && listing <= 0) {
      result += "<br/>";
    } else if (c != '\r') {
      result += c;
    }
    if (c == '>') in_tag = false;
  }
  return result;
}

}  // namespace

std::string WxrToHtml(absl::string_view content, const WxrContext& context) {
  const bool has_blocks = absl::StrContains(content, "<!-- wp:");
  const std::string html = ShortcodeReader(context).Convert(WithoutBlockComments(content, context), 0);
  return has_blocks ? html : WithLineBreaks(html);
}

}  // namespace broadsheet::cli
