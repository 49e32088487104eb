#include "services/cli/importers/html_flow.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

template <std::size_t size>
bool IsAmong(absl::string_view name, const std::array<absl::string_view, size>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<absl::string_view, 26> kLeftOut = {
    "script", "style", "noscript", "template", "object", "embed",    "applet", "video",    "audio",
    "canvas", "svg",   "math",     "form",     "input",  "button",   "select", "textarea", "option",
    "map",    "frame", "frameset", "noframes", "dialog", "progress", "meter",  "portal"};

// Elements that separate what is before from what is after, and mean nothing more here.
constexpr std::array<absl::string_view, 24> kContainers = {
    "html",  "body", "article",  "section", "div",     "main",   "header", "footer",
    "aside", "nav",  "address",  "details", "summary", "center", "hgroup", "dl",
    "dt",    "dd",   "fieldset", "li",      "tr",      "td",     "tbody",  "th"};

std::optional<v1::SpanKind> MarkOf(absl::string_view name) {
  static constexpr std::array<std::pair<absl::string_view, v1::SpanKind>, 16> kMarks = {{
      {"b", v1::SPAN_KIND_STRONG},
      {"strong", v1::SPAN_KIND_STRONG},
      {"i", v1::SPAN_KIND_EMPHASIS},
      {"em", v1::SPAN_KIND_EMPHASIS},
      {"cite", v1::SPAN_KIND_EMPHASIS},
      {"dfn", v1::SPAN_KIND_EMPHASIS},
      {"var", v1::SPAN_KIND_EMPHASIS},
      {"code", v1::SPAN_KIND_CODE},
      {"kbd", v1::SPAN_KIND_CODE},
      {"samp", v1::SPAN_KIND_CODE},
      {"tt", v1::SPAN_KIND_CODE},
      {"s", v1::SPAN_KIND_STRIKETHROUGH},
      {"strike", v1::SPAN_KIND_STRIKETHROUGH},
      {"del", v1::SPAN_KIND_STRIKETHROUGH},
      {"sub", v1::SPAN_KIND_SUBSCRIPT},
      {"sup", v1::SPAN_KIND_SUPERSCRIPT},
  }};
  for (const auto& [mark, kind] : kMarks) {
    if (name == mark) return kind;
  }
  return std::nullopt;
}

void AppendLines(const v1::List& list, std::vector<v1::RichText>& lines) {
  for (const v1::ListItem& item : list.items()) {
    lines.push_back(item.text());
    if (item.has_nested()) AppendLines(item.nested(), lines);
  }
}

}  // namespace

void HtmlFlow::AddChildren(const HtmlNode& node) {
  for (const HtmlNode& child : node.children) Add(child);
}

ImportedBody HtmlFlow::Finish() {
  Flush();
  return std::move(body_);
}

void HtmlFlow::Add(const HtmlNode& node) {
  if (node.is_text()) return AddText(node.text);
  if (node.name == "head" || node.name == "title") return;
  if (IsAmong(node.name, kLeftOut)) return Warn(absl::StrCat("<", node.name, "> was left out"));
  if (AddInline(node) || AddBlock(node)) return;
  if (!IsAmong(node.name, kContainers))
    return AddChildren(node);  // an element that means nothing here gives its text
  Flush();
  AddChildren(node);
  Flush();
}

bool HtmlFlow::AddInline(const HtmlNode& node) {
  v1::Span span;
  if (const std::optional<v1::SpanKind> kind = MarkOf(node.name)) {
    span.set_kind(*kind);
    return AddMarked(node, std::move(span)), true;
  }
  if (node.name == "br") return AddBreak(), true;
  if (node.name == "a") return AddLink(node), true;
  if (node.name == "q") {
    AddText("“");
    AddChildren(node);
    AddText("”");
    return true;
  }
  if (node.name == "span" && !node.Attribute("lang").empty()) {
    span.set_kind(v1::SPAN_KIND_LANGUAGE);
    span.set_language(std::string(node.Attribute("lang")));
    return AddMarked(node, std::move(span)), true;
  }
  return false;
}

bool HtmlFlow::AddBlock(const HtmlNode& node) {
  const std::string& name = node.name;
  if (name == "p") return AddParagraph(node), true;
  if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6')
    return AddHeading(node, name[1] - '0'), true;
  if (name == "pre") return AddPreformatted(node), true;
  if (name == "blockquote") return AddQuote(node), true;
  if (name == "ul" || name == "ol") return AddList(node), true;
  if (name == "table") return AddTable(node), true;
  if (name == "figure") return AddFigure(node), true;
  if (name == "img") return AddImage(node, "", ""), true;
  if (name == "iframe") return AddFrame(node), true;
  if (name != "hr") return false;
  Flush();
  body_.Add(context_.first_line).mutable_divider();
  return true;
}

void HtmlFlow::AddText(absl::string_view text) {
  if (!absl::StripAsciiWhitespace(text).empty()) after_break_ = false;
  builder_.Append(text);
}

void HtmlFlow::AddMarked(const HtmlNode& node, v1::Span span) {
  builder_.Open(span);
  open_.push_back(std::move(span));
  AddChildren(node);
  builder_.Close();
  open_.pop_back();
}

void HtmlFlow::AddLink(const HtmlNode& node) {
  const absl::string_view url = absl::StripAsciiWhitespace(node.Attribute("href"));
  const bool in_link = std::any_of(open_.begin(), open_.end(),
                                   [](const v1::Span& span) { return span.kind() == v1::SPAN_KIND_LINK; });
  if (url.empty() || in_link) return AddChildren(node);
  v1::Span span;
  span.set_kind(v1::SPAN_KIND_LINK);
  if (const std::optional<std::string> id = OwnId("article", url); id && context_.is_ours) {
    span.set_article_id(*id);
    body_.references.insert({Reference::Kind::kArticle, *id, context_.first_line});
    return AddMarked(node, std::move(span));
  }
  if (const std::optional<std::string> path = OwnPath(url); path && context_.is_ours) {
    span.set_url(*path);
    return AddMarked(node, std::move(span));
  }
  if (!IsLinkUrl(url) || absl::StartsWith(url, "/")) {  // a path would be one of another site
    Warn(absl::StrCat("a link to \"", url.substr(0, 60), "\" was left out, its text kept"));
    return AddChildren(node);
  }
  span.set_url(std::string(url));
  AddMarked(node, std::move(span));
}

// Two breaks in a row are how paragraphs are often separated.
void HtmlFlow::AddBreak() {
  if (after_break_) return Flush();
  builder_.LineBreak();
  after_break_ = true;
}

void HtmlFlow::AddParagraph(const HtmlNode& node) {
  Flush();
  AddChildren(node);
  Flush();
}

void HtmlFlow::AddHeading(const HtmlNode& node, int level) {
  Flush();
  if (AddKeyEvent(node)) return;
  v1::RichText text = TextOf(node);
  if (text.text().empty() || (level == 1 && text.text() == headline_)) return;
  if (level < 2 || level > 4)
    Warn(absl::StrCat("a heading of level ", level, " became one of level ", level < 2 ? 2 : 4));
  std::replace(text.mutable_text()->begin(), text.mutable_text()->end(), '\n', ' ');
  v1::Heading& heading = *body_.Add(context_.first_line).mutable_heading();
  heading.set_level(std::clamp(level, 2, 4));
  *heading.mutable_text() = std::move(text);
}

// A heading that begins with a time that a machine can read is a moment of a live story.
bool HtmlFlow::AddKeyEvent(const HtmlNode& node) {
  if (node.children.size() < 2 || node.children.front().name != "time") return false;
  absl::Time time;
  const absl::string_view when = node.children.front().Attribute("datetime");
  if (!absl::ParseTime(absl::RFC3339_full, when, &time, nullptr)) return false;
  HtmlNode headline;
  headline.children.assign(node.children.begin() + 1, node.children.end());
  const std::string text = OneLine(headline.TextContent());
  if (text.empty()) return false;
  v1::KeyEvent& event = *body_.Add(context_.first_line).mutable_key_event();
  *event.mutable_event_time() = ToTimestamp(time);
  event.set_headline(text);
  event.set_key(node.Attribute("class") == kKeyEventClass);
  return true;
}

void HtmlFlow::AddPreformatted(const HtmlNode& node) {
  Flush();
  RichTextBuilder builder;
  v1::Span span;
  span.set_kind(v1::SPAN_KIND_CODE);
  builder.Open(std::move(span));
  builder.AppendRaw(node.TextContent());
  v1::RichText text = builder.Finish();
  if (!text.text().empty())
    *body_.Add(context_.first_line).mutable_paragraph()->mutable_text() = std::move(text);
}

void HtmlFlow::AddQuote(const HtmlNode& node) {
  Flush();
  HtmlNode content;
  content.name = node.name;
  v1::Quote quote;
  for (const HtmlNode& child : node.children) {
    if (child.name == "footer" || child.name == "cite") {
      quote.set_attribution(OneLine(child.TextContent()));
    } else {
      content.children.push_back(child);
    }
  }
  if (absl::StartsWith(node.Attribute("cite"), "https://"))
    quote.set_source_url(std::string(node.Attribute("cite")));
  *quote.mutable_text() = ToText(content, 0, nullptr);
  absl::string_view attribution = quote.attribution();
  absl::ConsumePrefix(&attribution, kDash);
  quote.set_attribution(std::string(absl::StripAsciiWhitespace(attribution)));
  if (quote.text().text().empty()) {
    if (!quote.attribution().empty()) Warn("a quote without words was left out");
    return;
  }
  *body_.Add(context_.first_line).mutable_quote() = std::move(quote);
}

void HtmlFlow::AddList(const HtmlNode& node) {
  Flush();
  v1::List list;
  if (ToList(node, 1, list)) *body_.Add(context_.first_line).mutable_list() = std::move(list);
}

bool HtmlFlow::ToList(const HtmlNode& node, int depth, v1::List& list) {
  list.set_ordered(node.name == "ol");
  for (const HtmlNode& child : node.children) {
    if (child.is_text() && absl::StripAsciiWhitespace(child.text).empty()) continue;
    v1::List nested;
    v1::RichText text = ToText(child, depth, depth < kDeepestList ? &nested : nullptr);
    if (text.text().empty() &&
        nested.items_size() > 0) {  // a list right inside of a list belongs to the entry before
      if (list.items_size() > 0 && !list.items(list.items_size() - 1).has_nested()) {
        *list.mutable_items(list.items_size() - 1)->mutable_nested() = std::move(nested);
      } else {
        for (v1::ListItem& item : *nested.mutable_items()) *list.add_items() = std::move(item);
      }
      continue;
    }
    if (text.text().empty()) continue;
    v1::ListItem& item = *list.add_items();
    *item.mutable_text() = std::move(text);
    if (nested.items_size() > 0) *item.mutable_nested() = std::move(nested);
  }
  return list.items_size() > 0;
}

void HtmlFlow::AddImage(const HtmlNode& node, const std::string& caption, const std::string& credit) {
  Flush();
  const absl::string_view source = node.Attribute("src");
  std::optional<std::string> id = context_.find_image(source, context_.first_line);
  if (!id) return;
  v1::ImageReference& image = *body_.Add(context_.first_line).mutable_image();
  image.set_alt_text(OneLine(node.Attribute("alt")));
  image.set_caption(caption);
  image.set_credit_line(credit);
  body_.image_ids.insert(*id);
  image.set_image_id(*std::move(id));
}

void HtmlFlow::AddFrame(const HtmlNode& node) {
  Flush();
  const absl::string_view url = node.Attribute("src");
  if (!absl::StartsWith(url, "https://")) return Warn("an <iframe> without an https address was left out");
  v1::Embed& embed = *body_.Add(context_.first_line).mutable_embed();
  embed.set_url(std::string(url));
  embed.set_title(OneLine(node.Attribute("title")));
}

v1::RichText HtmlFlow::TextOf(const HtmlNode& node) { return ToText(node, 0, nullptr); }

v1::RichText HtmlFlow::ToText(const HtmlNode& node, int depth, v1::List* nested) {
  HtmlFlow inner(context_, headline_);
  if (node.is_text()) {
    inner.AddText(node.text);
  } else if (nested != nullptr && (node.name == "ul" || node.name == "ol")) {
    ToList(node, depth + 1, *nested);
    return {};
  } else {
    for (const HtmlNode& child : node.children) {
      const bool is_list = child.name == "ul" || child.name == "ol";
      if (is_list && nested != nullptr && nested->items_size() == 0) {
        inner.Flush();
        ToList(child, depth + 1, *nested);
      } else {
        inner.Add(child);
      }
    }
  }
  return Flatten(inner.Finish());
}

v1::RichText HtmlFlow::Flatten(ImportedBody content) {
  std::vector<v1::RichText> lines;
  body_.references.merge(content.references);
  for (v1::Block& block : content.blocks) {
    switch (block.kind_case()) {
      case v1::Block::kParagraph:
        lines.push_back(std::move(*block.mutable_paragraph()->mutable_text()));
        break;
      case v1::Block::kHeading:
        lines.push_back(std::move(*block.mutable_heading()->mutable_text()));
        break;
      case v1::Block::kQuote:
        lines.push_back(std::move(*block.mutable_quote()->mutable_text()));
        break;
      case v1::Block::kList:
        AppendLines(block.list(), lines);
        break;
      case v1::Block::kTable:
        for (const v1::TableRow& row : block.table().rows())
          lines.insert(lines.end(), row.cells().begin(), row.cells().end());
        break;
      default:
        Warn("a picture or embed inside of a list, table or quote was left out");
    }
  }
  std::erase_if(lines, [](const v1::RichText& line) { return line.text().empty(); });
  return JoinLines(lines);
}

void HtmlFlow::Flush() {
  for (std::size_t i = 0; i < open_.size(); ++i) builder_.Close();
  v1::RichText text = builder_.Finish();
  if (!text.text().empty())
    *body_.Add(context_.first_line).mutable_paragraph()->mutable_text() = std::move(text);
  builder_ = RichTextBuilder();
  for (const v1::Span& span : open_) builder_.Open(span);  // a mark around several blocks marks each
  after_break_ = false;
}

void HtmlFlow::Warn(absl::string_view message) {
  context_.problems.Warning({context_.file, context_.first_line}, message);
}

}  // namespace broadsheet::cli
