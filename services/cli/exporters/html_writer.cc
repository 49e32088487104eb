#include "services/cli/exporters/html_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "services/cli/exporters/spans.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

// Text, and the value of an attribute.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string Attribute(absl::string_view name, absl::string_view value) {
  return value.empty() ? "" : absl::StrCat(" ", name, "=\"", Escaped(value), "\"");
}

// The element that a span becomes; empty: none.
absl::string_view ElementOf(v1::SpanKind kind) {
  switch (kind) {
    case v1::SPAN_KIND_STRONG:
      return "strong";
    case v1::SPAN_KIND_EMPHASIS:
      return "em";
    case v1::SPAN_KIND_LINK:
      return "a";
    case v1::SPAN_KIND_CODE:
      return "code";
    case v1::SPAN_KIND_STRIKETHROUGH:
      return "s";
    case v1::SPAN_KIND_SUBSCRIPT:
      return "sub";
    case v1::SPAN_KIND_SUPERSCRIPT:
      return "sup";
    case v1::SPAN_KIND_LANGUAGE:
      return "span";
    default:
      return "";
  }
}

std::string Address(const v1::Span& span) {
  if (!span.article_id().empty()) return OwnUri("article", span.article_id());
  return absl::StartsWith(span.url(), "/") ? absl::StrCat(kOwnScheme, span.url()) : span.url();
}

std::string Rich(const v1::RichText& text) {
  std::string html;
  WalkSpans(
      text,
      [&](const v1::Span& span) {
        const absl::string_view element = ElementOf(span.kind());
        if (element.empty()) return;
        absl::StrAppend(&html, "<", element);
        if (span.kind() == v1::SPAN_KIND_LINK) html += Attribute("href", Address(span));
        if (span.kind() == v1::SPAN_KIND_LANGUAGE) html += Attribute("lang", span.language());
        html += ">";
      },
      [&](absl::string_view piece) {
        html += absl::StrReplaceAll(Escaped(piece), {{"\n", "<br/>"}});
      },
      [&](const v1::Span& span) {
        const absl::string_view element = ElementOf(span.kind());
        if (!element.empty()) absl::StrAppend(&html, "</", element, ">");
      });
  return html;
}

// Code of several lines, whose white space means something.
bool IsListing(const v1::RichText& text) {
  return text.spans_size() == 1 && text.spans(0).kind() == v1::SPAN_KIND_CODE && text.spans(0).start() == 0 &&
         text.spans(0).end() == text.text().size();
}

std::string Image(const v1::ImageReference& image) {
  std::string html = absl::StrCat("<figure><img", Attribute("src", OwnUri("image", image.image_id())),
                                  Attribute("alt", image.alt_text()), "/>");
  if (!image.caption().empty() || !image.credit_line().empty()) {
    absl::StrAppend(&html, "<figcaption>", Escaped(image.caption()));
    if (!image.credit_line().empty()) {
      absl::StrAppend(&html, " <small class=\"credit\">", Escaped(image.credit_line()), "</small>");
    }
    html += "</figcaption>";
  }
  return html + "</figure>";
}

std::string Quote(const v1::Quote& quote) {
  std::string html =
      absl::StrCat("<blockquote", Attribute("cite", quote.source_url()), "><p>", Rich(quote.text()), "</p>");
  if (!quote.attribution().empty())
    absl::StrAppend(&html, "<footer>— ", Escaped(quote.attribution()), "</footer>");
  return html + "</blockquote>";
}

std::string List(const v1::List& list) {
  const absl::string_view element = list.ordered() ? "ol" : "ul";
  std::string html = absl::StrCat("<", element, ">");
  for (const v1::ListItem& item : list.items()) {
    absl::StrAppend(&html, "<li>", Rich(item.text()), item.has_nested() ? List(item.nested()) : "", "</li>");
  }
  return absl::StrCat(html, "</", element, ">");
}

std::string Row(const v1::TableRow& row, absl::string_view element, const v1::Table& table) {
  std::string html = "<tr>";
  for (int i = 0; i < row.cells_size(); ++i) {
    const v1::ColumnAlignment alignment =
        i < table.alignments_size() ? table.alignments(i) : v1::COLUMN_ALIGNMENT_START;
    const absl::string_view side = alignment == v1::COLUMN_ALIGNMENT_END      ? "text-align:end"
                                   : alignment == v1::COLUMN_ALIGNMENT_CENTER ? "text-align:center"
                                                                              : "";
    absl::StrAppend(&html, "<", element, Attribute("style", side), ">", Rich(row.cells(i)), "</", element,
                    ">");
  }
  return html + "</tr>";
}

std::string Table(const v1::Table& table) {
  std::string html = "<table>";
  if (!table.caption().empty()) absl::StrAppend(&html, "<caption>", Escaped(table.caption()), "</caption>");
  if (table.has_header()) absl::StrAppend(&html, "<thead>", Row(table.header(), "th", table), "</thead>");
  html += "<tbody>";
  for (const v1::TableRow& row : table.rows()) html += Row(row, "td", table);
  return html + "</tbody></table>";
}

std::string KeyEvent(const v1::KeyEvent& event) {
  const std::string time =
      absl::FormatTime(absl::RFC3339_full, ToTime(event.event_time()), absl::UTCTimeZone());
  return absl::StrCat("<h2", Attribute("class", event.key() ? kKeyEventClass : ""), "><time datetime=\"",
                      time, "\">", time, "</time> ", Escaped(event.headline()), "</h2>");
}

std::string Html(const v1::Block& block) {
  switch (block.kind_case()) {
    case v1::Block::kParagraph: {
      const v1::RichText& text = block.paragraph().text();
      if (IsListing(text)) return absl::StrCat("<pre><code>", Escaped(text.text()), "</code></pre>");
      return absl::StrCat("<p>", Rich(text), "</p>");
    }
    case v1::Block::kHeading: {
      const std::string element = absl::StrCat("h", std::clamp(block.heading().level(), 2, 4));
      return absl::StrCat("<", element, ">", Rich(block.heading().text()), "</", element, ">");
    }
    case v1::Block::kImage:
      return Image(block.image());
    case v1::Block::kQuote:
      return Quote(block.quote());
    case v1::Block::kList:
      return List(block.list());
    case v1::Block::kTable:
      return Table(block.table());
    case v1::Block::kEmbed:
      return absl::StrCat("<iframe", Attribute("src", block.embed().url()),
                          Attribute("title", block.embed().title()), "></iframe>");
    case v1::Block::kDivider:
      return "<hr/>";
    case v1::Block::kKeyEvent:
      return KeyEvent(block.key_event());
    case v1::Block::KIND_NOT_SET:
      break;
  }
  return "";
}

}  // namespace

std::string WriteHtml(const google::protobuf::RepeatedPtrField<v1::Block>& body) {
  std::string html;
  for (const v1::Block& block : body) absl::StrAppend(&html, Html(block), "\n");
  return html;
}

}  // namespace broadsheet::cli
