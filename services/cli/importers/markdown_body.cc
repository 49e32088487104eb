#include "services/cli/importers/markdown_body.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/markdown_inlines.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

constexpr absl::string_view kKeyMark = "key";  // title of a moment's link

struct Document {
  cmark_parser* parser;
  cmark_node* root;

  explicit Document(absl::string_view markdown) {
    cmark_gfm_core_extensions_ensure_registered();
    parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE);
    for (const char* name : {"table", "strikethrough"}) {
      cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser, markdown.data(), markdown.size());
    root = cmark_parser_finish(parser);
  }
  ~Document() {
    cmark_node_free(root);
    cmark_parser_free(parser);
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
};

// Nodes of the same parent from `first` up to, without, `end`.
using Nodes = MarkdownInlines::Nodes;

bool IsBreak(cmark_node* node) {
  const cmark_node_type type = cmark_node_get_type(node);
  return type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK;
}

bool HoldsImagesAlone(cmark_node* paragraph) {
  bool any = false;
  for (cmark_node* child = cmark_node_first_child(paragraph); child != nullptr;
       child = cmark_node_next(child)) {
    if (cmark_node_get_type(child) == CMARK_NODE_IMAGE) {
      any = true;
    } else if (!IsBreak(child)) {
      return false;
    }
  }
  return any;
}

// The inline nodes of a quote's last line, if that line is an attribution.
std::optional<Nodes> AttributionOf(cmark_node* paragraph) {
  cmark_node* first = cmark_node_first_child(paragraph);
  for (cmark_node* child = first; child != nullptr; child = cmark_node_next(child)) {
    if (IsBreak(child)) first = cmark_node_next(child);
  }
  const char* literal = first != nullptr ? cmark_node_get_literal(first) : nullptr;
  if (literal == nullptr || cmark_node_get_type(first) != CMARK_NODE_TEXT ||
      !absl::StartsWith(literal, kDash)) {
    return std::nullopt;
  }
  return Nodes{first, nullptr};
}

// The link that a heading is made of, if it is one to a moment; otherwise null.
cmark_node* MomentOf(cmark_node* heading) {
  cmark_node* link = cmark_node_first_child(heading);
  const bool alone = link != nullptr && cmark_node_next(link) == nullptr;
  if (!alone || cmark_node_get_type(link) != CMARK_NODE_LINK) return nullptr;
  return absl::StartsWith(cmark_node_get_url(link), kMomentScheme) ? link : nullptr;
}

class Converter {
 public:
  explicit Converter(const BodyContext& context) : context_(context), inlines_(context, body_) {}

  ImportedBody Convert(cmark_node* root) {
    for (cmark_node* node = cmark_node_first_child(root); node != nullptr; node = cmark_node_next(node))
      AddBlock(node);
    return std::move(body_);
  }

 private:
  void AddBlock(cmark_node* node) {
    switch (cmark_node_get_type(node)) {
      case CMARK_NODE_PARAGRAPH:
        return AddParagraph(node);
      case CMARK_NODE_HEADING:
        return AddHeading(node);
      case CMARK_NODE_BLOCK_QUOTE:
        return AddQuote(node);
      case CMARK_NODE_LIST:
        if (std::optional<v1::List> list = ToList(node, 1))
          *body_.Add(Line(node)).mutable_list() = *std::move(list);
        return;
      case CMARK_NODE_CODE_BLOCK:
        return AddCode(node);
      case CMARK_NODE_THEMATIC_BREAK:
        body_.Add(Line(node)).mutable_divider();
        return;
      case CMARK_NODE_HTML_BLOCK:
        return inlines_.RefuseHtml(node);
      default:
        break;
    }
    const absl::string_view type = cmark_node_get_type_string(node);
    if (type == "table") return AddTable(node);
    Error(node, absl::StrCat("a ", type, " is not allowed here"));
  }

  void AddParagraph(cmark_node* node) {
    if (HoldsImagesAlone(node)) {
      for (cmark_node* child = cmark_node_first_child(node); child != nullptr;
           child = cmark_node_next(child)) {
        if (cmark_node_get_type(child) == CMARK_NODE_IMAGE) AddImage(child, Line(node));
      }
      return;
    }
    v1::RichText text = inlines_.Convert(node);
    if (!text.text().empty()) *body_.Add(Line(node)).mutable_paragraph()->mutable_text() = std::move(text);
  }

  void AddImage(cmark_node* node, int line) {
    std::optional<std::string> id = context_.find_image(cmark_node_get_url(node), line);
    if (!id) {
      ++body_.errors;
      return;
    }
    v1::ImageReference& image = *body_.Add(line).mutable_image();
    image.set_alt_text(inlines_.Plain({cmark_node_first_child(node), nullptr}));
    image.set_caption(OneLine(cmark_node_get_title(node)));
    body_.image_ids.insert(*id);
    image.set_image_id(*std::move(id));
  }

  void AddHeading(cmark_node* node) {
    const int level = cmark_node_get_heading_level(node);
    if (level < 2 || level > 4) {
      return Error(node, absl::StrCat("heading level ", level, " is not allowed: ## to #### are",
                                      level == 1 ? "; the headline belongs to the front matter" : ""));
    }
    cmark_node* link = MomentOf(node);
    if (link != nullptr) return AddKeyEvent(link, Line(node));
    v1::RichText text = inlines_.Convert(node);
    if (text.text().empty()) return Error(node, "an empty heading");
    v1::Heading& heading = *body_.Add(Line(node)).mutable_heading();
    heading.set_level(level);
    *heading.mutable_text() = std::move(text);
  }

  void AddKeyEvent(cmark_node* link, int line) {
    absl::string_view when = cmark_node_get_url(link);
    absl::ConsumePrefix(&when, kMomentScheme);
    absl::Time time;
    if (!absl::ParseTime(absl::RFC3339_full, when, &time, nullptr)) {
      return Error(link, "a moment is moment:TIME, with a time such as 2026-11-23T06:40:00Z");
    }
    const absl::string_view mark = cmark_node_get_title(link);
    if (!mark.empty() && mark != kKeyMark)
      return Error(link, absl::StrCat("the mark of a moment may be \"", kKeyMark, "\" only"));
    const std::string headline = OneLine(inlines_.Plain({cmark_node_first_child(link), nullptr}));
    if (headline.empty()) return Error(link, "a moment without a headline");
    v1::KeyEvent& event = *body_.Add(line).mutable_key_event();
    *event.mutable_event_time() = ToTimestamp(time);
    event.set_headline(headline);
    event.set_key(!mark.empty());
  }

  void AddQuote(cmark_node* node) {
    std::vector<v1::RichText> paragraphs;
    v1::Quote quote;
    for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child)) {
      if (cmark_node_get_type(child) != CMARK_NODE_PARAGRAPH) {
        return Error(child, "a quote may hold paragraphs only");
      }
      Nodes text{cmark_node_first_child(child), nullptr};
      if (cmark_node_next(child) == nullptr) {
        if (const std::optional<Nodes> attribution = AttributionOf(child)) {
          text.end = attribution->first;
          SetAttribution(*attribution, quote);
        }
      }
      v1::RichText paragraph = inlines_.Convert(text, Line(child));
      if (!paragraph.text().empty()) paragraphs.push_back(std::move(paragraph));
    }
    if (paragraphs.empty()) return Error(node, "a quote without words");
    *quote.mutable_text() = JoinLines(paragraphs);
    *body_.Add(Line(node)).mutable_quote() = std::move(quote);
  }

  void SetAttribution(const Nodes& nodes, v1::Quote& quote) {
    absl::string_view text;
    const std::string plain = inlines_.Plain(nodes);
    text = absl::StripPrefix(plain, kDash);
    quote.set_attribution(OneLine(text));
    for (cmark_node* node = nodes.first; node != nodes.end; node = cmark_node_next(node)) {
      if (cmark_node_get_type(node) != CMARK_NODE_LINK) continue;
      const absl::string_view url = cmark_node_get_url(node);
      if (absl::StartsWith(url, "https://")) {
        quote.set_source_url(std::string(url));
      } else {
        Error(node, "the source of a quote must be an https link");
      }
    }
  }

  std::optional<v1::List> ToList(cmark_node* node, int depth) {
    if (depth > kDeepestList) {
      Error(node, absl::StrCat("a list may have at most ", kDeepestList, " levels"));
      return std::nullopt;
    }
    v1::List list;
    list.set_ordered(cmark_node_get_list_type(node) == CMARK_ORDERED_LIST);
    if (list.ordered() && cmark_node_get_list_start(node) != 1) {
      Warning(node, absl::StrCat("the list starts at ", cmark_node_get_list_start(node),
                                 "; it will be shown from 1"));
    }
    for (cmark_node* item = cmark_node_first_child(node); item != nullptr; item = cmark_node_next(item)) {
      if (!AddItem(item, depth, *list.add_items())) return std::nullopt;
    }
    return list;
  }

  bool AddItem(cmark_node* item, int depth, v1::ListItem& result) {
    std::vector<v1::RichText> lines;
    for (cmark_node* child = cmark_node_first_child(item); child != nullptr; child = cmark_node_next(child)) {
      const cmark_node_type type = cmark_node_get_type(child);
      if (type == CMARK_NODE_PARAGRAPH && !result.has_nested()) {
        lines.push_back(inlines_.Convert(child));
      } else if (type == CMARK_NODE_LIST && !result.has_nested()) {
        std::optional<v1::List> nested = ToList(child, depth + 1);
        if (!nested) return false;
        *result.mutable_nested() = *std::move(nested);
      } else {
        Error(child, "an entry of a list may hold text, then one list");
        return false;
      }
    }
    *result.mutable_text() = JoinLines(lines);
    if (!result.text().text().empty()) return true;
    Error(item, "an empty entry of a list");
    return false;
  }

  void AddCode(cmark_node* node) {
    const absl::string_view literal = cmark_node_get_literal(node);
    int length = 0;
    int offset = 0;
    char character = 0;
    if (!cmark_node_get_fenced(node, &length, &offset, &character)) {
      Warning(node, "indented by four spaces or more, so set as code");
    }
    RichTextBuilder builder;
    v1::Span span;
    span.set_kind(v1::SPAN_KIND_CODE);
    builder.Open(span);
    builder.AppendRaw(literal);
    v1::RichText text = builder.Finish();
    if (!text.text().empty()) *body_.Add(Line(node)).mutable_paragraph()->mutable_text() = std::move(text);
  }

  void AddTable(cmark_node* node) {
    v1::Table table;
    const int columns = cmark_gfm_extensions_get_table_columns(node);
    const std::uint8_t* alignments = cmark_gfm_extensions_get_table_alignments(node);
    for (int column = 0; column < columns; ++column) {
      const char alignment = static_cast<char>(alignments[column]);
      table.add_alignments(alignment == 'r'   ? v1::COLUMN_ALIGNMENT_END
                           : alignment == 'c' ? v1::COLUMN_ALIGNMENT_CENTER
                                              : v1::COLUMN_ALIGNMENT_START);
    }
    for (cmark_node* row = cmark_node_first_child(node); row != nullptr; row = cmark_node_next(row)) {
      v1::TableRow& cells =
          cmark_gfm_extensions_get_table_row_is_header(row) ? *table.mutable_header() : *table.add_rows();
      for (cmark_node* cell = cmark_node_first_child(row); cell != nullptr; cell = cmark_node_next(cell)) {
        *cells.add_cells() = inlines_.Convert(cell);
      }
    }
    *body_.Add(Line(node)).mutable_table() = std::move(table);
  }

  int Line(cmark_node* node) const { return inlines_.Line(node); }

  void Error(cmark_node* node, absl::string_view message) {
    ++body_.errors;
    context_.problems.Error({context_.file, Line(node)}, message);
  }

  void Warning(cmark_node* node, absl::string_view message) {
    context_.problems.Warning({context_.file, Line(node)}, message);
  }

  const BodyContext& context_;
  ImportedBody body_;
  MarkdownInlines inlines_;
};

}  // namespace

ImportedBody ConvertMarkdown(absl::string_view markdown, const BodyContext& context) {
  const Document document(markdown);
  return Converter(context).Convert(document.root);
}

}  // namespace broadsheet::cli
