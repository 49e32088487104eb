#include "services/cli/importers/markdown_inlines.h"

#include <cmark-gfm.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

constexpr int kDeepestMark = 16;

std::string Shortened(absl::string_view text) {
  constexpr std::size_t kLongest = 40;
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kLongest) return std::string(text);
  std::size_t end = kLongest;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

}  // namespace

v1::RichText MarkdownInlines::Convert(cmark_node* block) {
  return Convert({cmark_node_first_child(block), nullptr}, Line(block));
}

v1::RichText MarkdownInlines::Convert(const Nodes& nodes, int block_line) {
  builder_ = RichTextBuilder();
  block_line_ = block_line;
  AppendAll(nodes, 0);
  v1::RichText text = builder_.Finish();
  if (std::optional<std::string> control = FirstControlCharacter(text.text())) {
    ++body_.errors;
    context_.problems.Error({context_.file, block_line},
                            absl::StrCat("the text holds the control character ", *control));
  }
  return text;
}

std::string MarkdownInlines::Plain(const Nodes& nodes) {
  if (nodes.first == nullptr) return "";
  return OneLine(Convert(nodes, Line(nodes.first)).text());
}

void MarkdownInlines::RefuseHtml(cmark_node* node) {
  const absl::string_view literal = absl::StripLeadingAsciiWhitespace(cmark_node_get_literal(node));
  if (absl::StartsWith(literal, "<!--")) {
    Error(node, "a comment would be shown to readers; a note to the desk belongs to ed_note");
  } else {
    Error(node, absl::StrCat("HTML is not allowed in a story: ", Shortened(literal)));
  }
}

int MarkdownInlines::Line(cmark_node* node) const {
  const int line = cmark_node_get_start_line(node);
  return line > 0 ? context_.first_line + line - 1 : std::max(block_line_, context_.first_line);
}

void MarkdownInlines::AppendAll(const Nodes& nodes, int depth) {
  for (cmark_node* node = nodes.first; node != nullptr && node != nodes.end; node = cmark_node_next(node)) {
    Append(node, depth);
  }
}

void MarkdownInlines::Append(cmark_node* node, int depth) {
  if (depth > kDeepestMark) return Error(node, "marks nested too deeply");
  switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
      return builder_.Append(cmark_node_get_literal(node));
    case CMARK_NODE_SOFTBREAK:
      return builder_.Append(" ");
    case CMARK_NODE_LINEBREAK:
      return builder_.LineBreak();
    case CMARK_NODE_CODE: {
      v1::Span span;
      span.set_kind(v1::SPAN_KIND_CODE);
      builder_.Open(std::move(span));
      builder_.AppendRaw(cmark_node_get_literal(node));
      return builder_.Close();
    }
    case CMARK_NODE_EMPH:
      return AppendMarked(node, v1::SPAN_KIND_EMPHASIS, depth);
    case CMARK_NODE_STRONG:
      return AppendMarked(node, v1::SPAN_KIND_STRONG, depth);
    case CMARK_NODE_LINK:
      return AppendLink(node, depth);
    case CMARK_NODE_IMAGE:
      return Error(node, "an image must stand alone in its paragraph");
    case CMARK_NODE_HTML_INLINE:
      return AppendHtml(node);
    default:
      break;
  }
  const absl::string_view type = cmark_node_get_type_string(node);
  if (type == "strikethrough") return AppendMarked(node, v1::SPAN_KIND_STRIKETHROUGH, depth);
  Error(node, absl::StrCat("a ", type, " is not allowed here"));
}

void MarkdownInlines::AppendMarked(cmark_node* node, v1::SpanKind kind, int depth) {
  v1::Span span;
  span.set_kind(kind);
  builder_.Open(std::move(span));
  AppendAll({cmark_node_first_child(node), nullptr}, depth + 1);
  builder_.Close();
}

void MarkdownInlines::AppendLink(cmark_node* node, int depth) {
  const absl::string_view url = cmark_node_get_url(node);
  absl::string_view story = url;
  v1::Span span;
  span.set_kind(v1::SPAN_KIND_LINK);
  if (absl::ConsumePrefix(&story, "story:")) {
    if (!IsId(story)) return Error(node, absl::StrCat("\"", story, "\" is no story id"));
    span.set_article_id(std::string(story));
    body_.references.insert({Reference::Kind::kArticle, std::string(story), Line(node)});
  } else if (IsLinkUrl(url)) {
    span.set_url(std::string(url));
  } else {
    return Error(node, absl::StrCat("a link to \"", Shortened(url),
                                    "\" is not allowed: https, mailto, /path or story:ID are"));
  }
  if (*cmark_node_get_title(node) != '\0') {
    context_.problems.Warning({context_.file, Line(node)}, "the title of a link is not kept");
  }
  builder_.Open(std::move(span));
  AppendAll({cmark_node_first_child(node), nullptr}, depth + 1);
  builder_.Close();
}

void MarkdownInlines::AppendHtml(cmark_node* node) {
  const absl::string_view literal = cmark_node_get_literal(node);
  if (absl::StartsWith(literal, "<!--")) return RefuseHtml(node);
  context_.problems.Warning(
      {context_.file, Line(node)},
      absl::StrCat("HTML is not markup here: ", Shortened(literal), " is shown as text"));
  builder_.Append(literal);
}

void MarkdownInlines::Error(cmark_node* node, absl::string_view message) {
  ++body_.errors;
  context_.problems.Error({context_.file, Line(node)}, message);
}

}  // namespace broadsheet::cli
