#include "services/gateway/renderer/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/rich_text.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Table;
using article::v1::TableRow;

constexpr int kMaxColumns = 50;

int Columns(const Table& table) {
  int columns = table.header().cells_size();
  for (const TableRow& row : table.rows()) columns = std::max(columns, row.cells_size());
  return std::min(columns, kMaxColumns);
}

absl::string_view AlignmentClass(const Table& table, int column) {
  if (column >= table.alignments_size()) return "";
  switch (table.alignments(column)) {
    case article::v1::COLUMN_ALIGNMENT_CENTER:
      return " class=\"center\"";
    case article::v1::COLUMN_ALIGNMENT_END:
      return " class=\"end\"";
    default:
      return "";
  }
}

std::string Row(const Table& table, const TableRow& row, absl::string_view cell, absl::string_view attributes,
                int columns, const LinkTargets& links) {
  std::string html = "<tr>";
  for (int i = 0; i < columns; ++i) {
    // An empty heading cell is a data cell: a heading without words heads nothing.
    const bool filled = i < row.cells_size() && !row.cells(i).text().empty();
    const absl::string_view name = filled ? cell : "td";
    absl::StrAppend(&html, "<", name, filled ? attributes : "", AlignmentClass(table, i), ">",
                    filled ? RichTextHtml(row.cells(i), links) : "", "</", name, ">");
  }
  return absl::StrCat(html, "</tr>\n");
}

}  // namespace

Markup WriteTable(const Table& table, const LinkTargets& links, absl::string_view anchor) {
  const int columns = Columns(table);
  if (columns == 0) return {};
  const std::string label =
      table.caption().empty() ? "" : absl::StrCat(" role=\"region\" aria-labelledby=\"", anchor, "\"");
  std::string html = absl::StrCat("<div class=\"table-scroll\" tabindex=\"0\"", label, ">\n<table>\n");
  if (!table.caption().empty()) {
    absl::StrAppend(&html, "<caption id=\"", anchor, "\">", EscapeHtml(table.caption()), "</caption>\n");
  }
  if (!table.header().cells().empty()) {
    absl::StrAppend(&html, "<thead>\n", Row(table, table.header(), "th", " scope=\"col\"", columns, links),
                    "</thead>\n");
  }
  if (!table.rows().empty()) {
    absl::StrAppend(&html, "<tbody>\n");
    for (const TableRow& row : table.rows())
      absl::StrAppend(&html, Row(table, row, "td", "", columns, links));
    absl::StrAppend(&html, "</tbody>\n");
  }
  return {absl::StrCat(html, "</table>\n</div>")};
}

}  // namespace broadsheet::gateway
