#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/cli/exporters/markdown_writer.h"
#include "services/cli/exporters/spans.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/times.h"

// The bodies of markdown_writer.h: blocks as CommonMark with tables and strikethrough.
namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

// Where a text stands decides what a line break in it becomes.
enum class Place { kParagraph, kOneLine, kCell };

// Text that means itself: what could be markup is escaped. `at_line_start`: nothing stands before it.
// `in_heading`: hashes at its end would be taken for its closing.
std::string Escaped(absl::string_view text, bool at_line_start, bool in_heading = false) {
  std::string escaped;
  bool only_digits = false;  // of what the line began with
  for (const char c : text) {
    const bool is_digit = absl::ascii_isdigit(c);
    const bool is_markup = (in_heading && c == '#') || absl::StrContains("\\`*_[]<>&~|", c) ||
                           (at_line_start && absl::StrContains("#+-=", c)) ||
                           (only_digits && (c == '.' || c == ')'));
    if (is_markup) escaped += '\\';
    escaped += c;
    only_digits = is_digit && (at_line_start || only_digits);
    at_line_start = c == '\n' || (at_line_start && c == ' ');
  }
  return escaped;
}

// A code span, fenced by more backticks in a row than the code has.
std::string Code(absl::string_view code, Place place) {
  std::string fence = "`";
  while (absl::StrContains(code, fence)) fence += '`';
  const bool needs_space = absl::StartsWith(code, "`") || absl::EndsWith(code, "`") ||
                           (absl::StartsWith(code, " ") && absl::EndsWith(code, " "));
  std::string body = place == Place::kCell ? absl::StrReplaceAll(code, {{"|", "\\|"}}) : std::string(code);
  const absl::string_view space = needs_space ? " " : "";
  return absl::StrCat(fence, space, body, space, fence);
}

std::string Address(absl::string_view url) {
  return absl::StrCat(
      "<", absl::StrReplaceAll(url, {{"\\", "\\\\"}, {"<", "\\<"}, {">", "\\>"}, {"&", "\\&"}}), ">");
}

class RichWriter {
 public:
  RichWriter(const v1::RichText& text, Place place) : text_(text), place_(place) {}

  std::string Write() {
    WalkSpans(
        text_, [this](const v1::Span& span) { Open(span); }, [this](absl::string_view piece) { Text(piece); },
        [this](const v1::Span& span) { Close(span); });
    return std::move(markdown_);
  }

 private:
  // `_` where it can stand, so that it does not run together with the asterisks of strong text.
  const char* EmphasisMark(const v1::Span& span) const {
    const std::string& text = text_.text();
    const auto is_word = [](char c) {
      return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80;
    };
    const bool touches = (span.start() > 0 && is_word(text[span.start() - 1])) ||
                         (span.end() < text.size() && is_word(text[span.end()]));
    return touches ? "*" : "_";
  }

  void Open(const v1::Span& span) {
    switch (span.kind()) {
      case v1::SPAN_KIND_STRONG:
        markdown_ += "**";
        break;
      case v1::SPAN_KIND_EMPHASIS:
        markdown_ += EmphasisMark(span);
        break;
      case v1::SPAN_KIND_STRIKETHROUGH:
        markdown_ += "~~";
        break;
      case v1::SPAN_KIND_LINK:
        markdown_ += "[";
        break;
      case v1::SPAN_KIND_CODE:
        ++in_code_;
        break;
      default:
        break;  // Markdown has no mark for it
    }
  }

  void Close(const v1::Span& span) {
    switch (span.kind()) {
      case v1::SPAN_KIND_LINK:
        absl::StrAppend(
            &markdown_, "](",
            Address(span.article_id().empty() ? span.url() : absl::StrCat("story:", span.article_id())), ")");
        break;
      case v1::SPAN_KIND_CODE:
        --in_code_;
        break;
      default:
        Open(span);  // the mark is the same at both ends
    }
  }

  void Text(absl::string_view piece) {
    if (in_code_ > 0) {
      markdown_ += Code(piece, place_);
      return;
    }
    const bool at_line_start = markdown_.empty() || markdown_.back() == '\n';
    const std::string escaped = Escaped(piece, at_line_start, place_ == Place::kOneLine);
    markdown_ += absl::StrReplaceAll(escaped, {{"\n", place_ == Place::kParagraph ? "\\\n" : " "}});
  }

  const v1::RichText& text_;
  const Place place_;
  std::string markdown_;
  int in_code_ = 0;
};

std::string Rich(const v1::RichText& text, Place place = Place::kParagraph) {
  return RichWriter(text, place).Write();
}

// Every line with `prefix` before it, the first with `first`.
std::string Indented(absl::string_view text, absl::string_view first, absl::string_view prefix) {
  std::string result;
  bool is_first = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&result, is_first ? "" : "\n",
                    is_first       ? first
                    : line.empty() ? absl::string_view()
                                   : prefix,
                    line);
    is_first = false;
  }
  return result;
}

// A listing keeps its lines, between fences longer than any in it.
std::string Listing(absl::string_view code) {
  std::string fence = "```";
  while (absl::StrContains(code, fence)) fence += '`';
  return absl::StrCat(fence, "\n", code, "\n", fence);
}

std::string Paragraph(const v1::RichText& text) {
  const bool is_listing = text.spans_size() == 1 && text.spans(0).kind() == v1::SPAN_KIND_CODE &&
                          text.spans(0).end() - text.spans(0).start() == text.text().size() &&
                          absl::StrContains(text.text(), '\n');
  return is_listing ? Listing(text.text()) : Rich(text);
}

std::string Image(const v1::ImageReference& image) {
  std::string markdown =
      absl::StrCat("![", Escaped(image.alt_text(), false), "](", Address(OwnUri("image", image.image_id())));
  if (!image.caption().empty()) {
    absl::StrAppend(
        &markdown, " \"",
        absl::StrReplaceAll(image.caption(), {{"\\", "\\\\"}, {"\"", "\\\""}, {"&", "\\&"}, {"\n", " "}}),
        "\"");
  }
  return markdown + ")";
}

std::string Quote(const v1::Quote& quote) {
  std::string text = Rich(quote.text());
  if (!quote.attribution().empty()) {
    const std::string name = Escaped(quote.attribution(), false);
    absl::StrAppend(
        &text, "\n\n— ",
        quote.source_url().empty() ? name : absl::StrCat("[", name, "](", Address(quote.source_url()), ")"));
  }
  return absl::StrReplaceAll(Indented(text, "> ", "> "), {{"\n\n", "\n>\n"}});
}

// `alternate`: with the other marker, because a list of the same kind stands before it.
std::string List(const v1::List& list, bool alternate) {
  std::string markdown;
  int number = 0;
  for (const v1::ListItem& item : list.items()) {
    const std::string marker = list.ordered() ? absl::StrCat(++number, alternate ? ") " : ". ")
                               : alternate    ? "* "
                                              : "- ";
    std::string text = Rich(item.text());
    if (item.has_nested()) absl::StrAppend(&text, "\n", List(item.nested(), false));
    absl::StrAppend(&markdown, markdown.empty() ? "" : "\n",
                    Indented(text, marker, std::string(marker.size(), ' ')));
  }
  return markdown;
}

std::string Row(const v1::TableRow& row, int columns) {
  std::string markdown = "|";
  for (int i = 0; i < columns; ++i) {
    absl::StrAppend(&markdown, " ", i < row.cells_size() ? Rich(row.cells(i), Place::kCell) : "", " |");
  }
  return markdown;
}

std::string Table(const v1::Table& table) {
  int columns = table.header().cells_size();
  for (const v1::TableRow& row : table.rows()) columns = std::max(columns, row.cells_size());
  std::string markdown = absl::StrCat(Row(table.header(), columns), "\n|");
  for (int i = 0; i < columns; ++i) {
    const v1::ColumnAlignment alignment =
        i < table.alignments_size() ? table.alignments(i) : v1::COLUMN_ALIGNMENT_START;
    markdown += alignment == v1::COLUMN_ALIGNMENT_END      ? " --: |"
                : alignment == v1::COLUMN_ALIGNMENT_CENTER ? " :-: |"
                                                           : " --- |";
  }
  for (const v1::TableRow& row : table.rows()) absl::StrAppend(&markdown, "\n", Row(row, columns));
  return markdown;
}

// A heading that is one link, to a time.
std::string KeyEvent(const v1::KeyEvent& event) {
  const std::string when =
      absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", ToTime(event.event_time()), absl::UTCTimeZone());
  return absl::StrCat("## [", Escaped(event.headline(), false, true), "](", kMomentScheme, when,
                      event.key() ? " \"key\")" : ")");
}

std::string Markdown(const v1::Block& block, bool alternate) {
  switch (block.kind_case()) {
    case v1::Block::kParagraph:
      return Paragraph(block.paragraph().text());
    case v1::Block::kHeading:
      return absl::StrCat(std::string(std::clamp(block.heading().level(), 2, 4), '#'), " ",
                          Rich(block.heading().text(), Place::kOneLine));
    case v1::Block::kImage:
      return Image(block.image());
    case v1::Block::kQuote:
      return Quote(block.quote());
    case v1::Block::kList:
      return List(block.list(), alternate);
    case v1::Block::kTable:
      return Table(block.table());
    case v1::Block::kEmbed: {
      const std::string& title = block.embed().title().empty() ? block.embed().url() : block.embed().title();
      return absl::StrCat("[", Escaped(title, false), "](", Address(block.embed().url()), ")");
    }
    case v1::Block::kDivider:
      return "---";
    case v1::Block::kKeyEvent:
      return KeyEvent(block.key_event());
    case v1::Block::KIND_NOT_SET:
      break;
  }
  return "";
}

}  // namespace

std::string WriteMarkdownBody(const google::protobuf::RepeatedPtrField<v1::Block>& body) {
  std::string markdown;
  bool alternate = false;
  const v1::Block* before = nullptr;
  for (const v1::Block& block : body) {
    const bool continues = before != nullptr && before->has_list() && block.has_list() &&
                           before->list().ordered() == block.list().ordered();
    alternate = continues && !alternate;
    absl::StrAppend(&markdown, before == nullptr ? "" : "\n", Markdown(block, alternate), "\n");
    before = &block;
  }
  return markdown;
}

}  // namespace broadsheet::cli
