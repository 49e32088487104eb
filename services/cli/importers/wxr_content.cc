#include "services/cli/importers/wxr_content.h"

#include <algorithm>
#include <array>
#include <map>
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

// Where the next of something is. Asked with positions that grow, it reads the text once in all.
class Next {
 public:
  Next(absl::string_view text, absl::string_view wanted) : text_(text), wanted_(wanted) {}

  std::size_t From(std::size_t at) {
    if (!is_known_ || (found_ != absl::string_view::npos && found_ < at)) found_ = text_.find(wanted_, at);
    is_known_ = true;
    return found_;
  }

 private:
  const absl::string_view text_;
  const absl::string_view wanted_;
  bool is_known_ = false;
  std::size_t found_ = 0;
};

// Where each thing with a name is closed: `[/name` or `<!-- /wp:name`, read once.
class Closings {
 public:
  Closings(absl::string_view text, absl::string_view opening, absl::string_view ends) {
    for (std::size_t at = 0; (at = text.find(opening, at)) != absl::string_view::npos;) {
      const std::size_t start = at + opening.size();
      const std::size_t end = std::min(text.find_first_of(ends, start), text.size());
      at_[text.substr(start, end - start)].push_back(at);
      at = start;
    }
  }

  // The first at or after a position; npos if there is none.
  std::size_t Find(absl::string_view name, std::size_t from) const {
    const auto found = at_.find(name);
    if (found == at_.end()) return absl::string_view::npos;
    const auto next = std::lower_bound(found->second.begin(), found->second.end(), from);
    return next == found->second.end() ? absl::string_view::npos : *next;
  }

 private:
  std::map<absl::string_view, std::vector<std::size_t>> at_;
};

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
  const std::size_t whole = html.size();
  const Closings closings(html, "<!-- /wp:", " \t\n-<>");
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
      const std::size_t at = whole - html.size();
      const std::size_t end = closings.Find(block.name, at);  // its HTML is the bare address
      if (!block.is_whole && end != absl::string_view::npos) html.remove_prefix(end - at);
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

// A text with shortcodes, read from its beginning to its end.
class Shortcodes {
 public:
  explicit Shortcodes(absl::string_view text)
      : text_(text),
        opening_(text, "["),
        closing_(text, "]"),
        line_end_(text, "\n"),
        escape_end_(text, "]]"),
        closings_(text, "[/", "[]<> \t\n") {}

  // The one that the bracket at a position begins.
  Shortcode At(std::size_t at) {
    Shortcode code;
    std::size_t end = at + 1;
    while (end < text_.size() && IsNameCharacter(text_[end])) ++end;
    const std::size_t close = closing_.From(at);
    if (end == at + 1 || close == absl::string_view::npos) return code;
    if (opening_.From(at + 1) < close || line_end_.From(at) < close) return code;
    if (end != close && text_[end] != ' ' && text_[end] != '/') return code;  // "[a.b]" is text
    code.name = text_.substr(at + 1, end - at - 1);
    code.attributes = absl::StripAsciiWhitespace(text_.substr(end, close - end));
    absl::ConsumeSuffix(&code.attributes, "/");
    const std::size_t content_end = closings_.Find(code.name, close);
    code.has_content =
        content_end != absl::string_view::npos && text_.substr(content_end + 2 + code.name.size(), 1) == "]";
    if (code.has_content) code.content = text_.substr(close + 1, content_end - close - 1);
    // Editors write in brackets too: a word alone, without a closing one, is theirs.
    const bool is_code = code.has_content || absl::StrContains(code.attributes, '=') ||
                         code.name == "gallery" || absl::StrContains(code.attributes, "http");
    const std::size_t past = code.has_content ? content_end + code.name.size() + 3 : close + 1;
    if (is_code) code.length = past - at;
    return code;
  }

  // Where an escaped one that begins at a position ends; npos if it does not.
  std::size_t EscapeEnd(std::size_t at) { return escape_end_.From(at); }

 private:
  const absl::string_view text_;
  Next opening_;
  Next closing_;
  Next line_end_;
  Next escape_end_;
  const Closings closings_;
};

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
    Shortcodes codes(html);
    std::string result;
    std::size_t at = 0;
    while (at < html.size()) {
      const std::size_t next = std::min(html.find_first_of("[<", at), html.size());
      absl::StrAppend(&result, html.substr(at, next - at));
      at = next;
      if (at == html.size()) break;
      if (html[at] == '<') {  // brackets within a tag are its own
        const std::size_t end = html.find('>', at);
        const std::size_t past = end == absl::string_view::npos ? html.size() : end + 1;
        absl::StrAppend(&result, html.substr(at, past - at));
        at = past;
        continue;
      }
      if (absl::StartsWith(html.substr(at), "[[")) {  // an escaped one is text
        at += 2;
        result += "[";
        const std::size_t end = codes.EscapeEnd(at);
        if (end == absl::string_view::npos) continue;
        absl::StrAppend(&result, html.substr(at, end - at), "]");
        at = end + 2;
        continue;
      }
      const Shortcode code = depth < kDeepest ? codes.At(at) : Shortcode();
      if (code.length == 0) {
        result += '[';
        ++at;
        continue;
      }
      result += Replacement(code, depth);
      at += code.length;
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
