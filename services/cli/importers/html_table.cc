#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/cli/importers/html_flow.h"

// The tables of HtmlFlow.
namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

void FindRows(const HtmlNode& node, bool in_head, std::vector<std::pair<const HtmlNode*, bool>>& rows) {
  for (const HtmlNode& child : node.children) {
    if (child.name == "tr") rows.emplace_back(&child, in_head);
    if (child.name == "thead" || child.name == "tbody" || child.name == "tfoot") {
      FindRows(child, child.name == "thead", rows);
    }
  }
}

bool IsCell(const HtmlNode& node) { return node.name == "td" || node.name == "th"; }

bool HasOnlyHeadings(const HtmlNode& row) {
  bool any = false;
  for (const HtmlNode& cell : row.children) {
    if (cell.name == "td") return false;
    any = any || cell.name == "th";
  }
  return any;
}

v1::ColumnAlignment AlignmentOf(const HtmlNode& cell) {
  const std::string style = absl::AsciiStrToLower(cell.Attribute("style"));
  const std::string align = absl::AsciiStrToLower(cell.Attribute("align"));
  const auto is = [&](absl::string_view side) {
    return align == side || absl::StrContains(style, absl::StrCat("text-align:", side)) ||
           absl::StrContains(style, absl::StrCat("text-align: ", side));
  };
  if (is("right") || is("end")) return v1::COLUMN_ALIGNMENT_END;
  if (is("center")) return v1::COLUMN_ALIGNMENT_CENTER;
  return v1::COLUMN_ALIGNMENT_START;
}

}  // namespace

void HtmlFlow::AddTable(const HtmlNode& node) {
  Flush();
  v1::Table table;
  std::vector<std::pair<const HtmlNode*, bool>> rows;
  FindRows(node, false, rows);
  bool spans = false;
  for (const auto& [row, in_head] : rows) {
    v1::TableRow cells;
    for (const HtmlNode& cell : row->children) {
      if (!IsCell(cell)) continue;
      spans = spans || !cell.Attribute("colspan").empty() || !cell.Attribute("rowspan").empty();
      if (table.alignments_size() <= cells.cells_size()) table.add_alignments(AlignmentOf(cell));
      *cells.add_cells() = ToText(cell, 0, nullptr);
    }
    if (cells.cells_size() == 0) continue;
    const bool is_header =
        !table.has_header() && table.rows_size() == 0 && (in_head || HasOnlyHeadings(*row));
    (is_header ? *table.mutable_header() : *table.add_rows()) = std::move(cells);
  }
  if (table.rows_size() == 0 && !table.has_header()) return;
  if (spans) Warn("cells that span rows or columns of a table became single cells");
  if (const HtmlNode* caption = node.Find("caption")) table.set_caption(OneLine(caption->TextContent()));
  *body_.Add(context_.first_line).mutable_table() = std::move(table);
}

}  // namespace broadsheet::cli
