#include "services/article/block_validation.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kMaxBlockIdBytes = 50;
constexpr std::size_t kKiB = 1024;
constexpr int kMaxListItems = 500;
constexpr int kMaxListDepth = 4;
constexpr int kMaxRows = 1000;
constexpr int kMaxCells = 50;

void CheckRequiredText(absl::string_view field, std::size_t max_bytes, v1::RichText& text,
                       FieldCheck& check) {
  CheckRichText(field, max_bytes, text, check);
  check.Required(Child(field, "text"), text.text());
}

void CheckHeading(absl::string_view field, v1::Heading& heading, FieldCheck& check) {
  if (heading.level() < 2 || heading.level() > 4) check.Add(Child(field, "level"), "must be 2 to 4");
  CheckRequiredText(Child(field, "text"), 500, *heading.mutable_text(), check);
}

void CheckQuote(absl::string_view field, v1::Quote& quote, FieldCheck& check) {
  CheckRequiredText(Child(field, "text"), 16 * kKiB, *quote.mutable_text(), check);
  check.Line(Child(field, "attribution"), 300, *quote.mutable_attribution());
  check.HttpsUrl(Child(field, "source_url"), quote.source_url());
}

void CheckList(absl::string_view field, int depth, v1::List& list, FieldCheck& check) {
  if (depth > kMaxListDepth) {
    return check.Add(std::string(field), absl::StrCat("is nested more than ", kMaxListDepth, " deep"));
  }
  if (list.items_size() < 1 || list.items_size() > kMaxListItems) {
    return check.Add(Child(field, "items"), absl::StrCat("must have 1 to ", kMaxListItems, " entries"));
  }
  for (int i = 0; i < list.items_size(); ++i) {
    v1::ListItem& item = *list.mutable_items(i);
    const std::string name = absl::StrCat(field, ".items[", i, "]");
    CheckRichText(Child(name, "text"), 16 * kKiB, *item.mutable_text(), check);
    if (item.has_nested()) CheckList(Child(name, "nested"), depth + 1, *item.mutable_nested(), check);
  }
}

void CheckRow(absl::string_view field, v1::TableRow& row, FieldCheck& check) {
  if (row.cells_size() > kMaxCells) {
    return check.Add(Child(field, "cells"), absl::StrCat("has more than ", kMaxCells, " entries"));
  }
  for (int i = 0; i < row.cells_size(); ++i) {
    CheckRichText(absl::StrCat(field, ".cells[", i, "]"), 4 * kKiB, *row.mutable_cells(i), check);
  }
}

void CheckTable(absl::string_view field, v1::Table& table, FieldCheck& check) {
  check.Lines(Child(field, "caption"), 1000, *table.mutable_caption());
  if (table.has_header()) CheckRow(Child(field, "header"), *table.mutable_header(), check);
  if (table.rows_size() > kMaxRows) {
    return check.Add(Child(field, "rows"), absl::StrCat("has more than ", kMaxRows, " entries"));
  }
  for (int i = 0; i < table.rows_size(); ++i) {
    CheckRow(absl::StrCat(field, ".rows[", i, "]"), *table.mutable_rows(i), check);
  }
  if (table.alignments_size() > kMaxCells) {
    return check.Add(Child(field, "alignments"), absl::StrCat("has more than ", kMaxCells, " entries"));
  }
  for (int i = 0; i < table.alignments_size(); ++i) {
    if (v1::ColumnAlignment_IsValid(table.alignments(i))) continue;
    check.Add(absl::StrCat(field, ".alignments[", i, "]"), "is not known");
  }
}

void CheckEmbed(absl::string_view field, v1::Embed& embed, FieldCheck& check) {
  check.Required(Child(field, "url"), embed.url());
  check.HttpsUrl(Child(field, "url"), embed.url());
  check.Line(Child(field, "title"), 500, *embed.mutable_title());
}

void CheckKeyEvent(absl::string_view field, v1::KeyEvent& event, FieldCheck& check) {
  if (event.has_event_time()) {
    check.Time(Child(field, "event_time"), *event.mutable_event_time());
  } else {
    check.Add(Child(field, "event_time"), "is required");
  }
  check.Line(Child(field, "headline"), 500, *event.mutable_headline());
  check.Required(Child(field, "headline"), event.headline());
}

void CheckBlockId(absl::string_view field, absl::string_view id, FieldCheck& check) {
  if (id.size() > kMaxBlockIdBytes) {
    check.Add(std::string(field), absl::StrCat("is longer than ", kMaxBlockIdBytes, " characters"));
  } else if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != absl::string_view::npos) {
    check.Add(std::string(field), "may have only the characters a-z 0-9 -");
  }
}

}  // namespace

void CheckImage(absl::string_view field, v1::ImageReference& image, FieldCheck& check) {
  check.Id(Child(field, "image_id"), image.image_id());
  check.Lines(Child(field, "caption"), 2000, *image.mutable_caption());
  check.Lines(Child(field, "alt_text"), 1000, *image.mutable_alt_text());
  check.Line(Child(field, "credit_line"), 300, *image.mutable_credit_line());
}

void CheckBlock(absl::string_view field, v1::Block& block, FieldCheck& check) {
  CheckBlockId(Child(field, "block_id"), block.block_id(), check);
  switch (block.kind_case()) {
    case v1::Block::kParagraph:
      return CheckRequiredText(Child(field, "paragraph.text"), 64 * kKiB,
                               *block.mutable_paragraph()->mutable_text(), check);
    case v1::Block::kHeading:
      return CheckHeading(Child(field, "heading"), *block.mutable_heading(), check);
    case v1::Block::kImage:
      return CheckImage(Child(field, "image"), *block.mutable_image(), check);
    case v1::Block::kQuote:
      return CheckQuote(Child(field, "quote"), *block.mutable_quote(), check);
    case v1::Block::kList:
      return CheckList(Child(field, "list"), 1, *block.mutable_list(), check);
    case v1::Block::kTable:
      return CheckTable(Child(field, "table"), *block.mutable_table(), check);
    case v1::Block::kEmbed:
      return CheckEmbed(Child(field, "embed"), *block.mutable_embed(), check);
    case v1::Block::kDivider:
      return;
    case v1::Block::kKeyEvent:
      return CheckKeyEvent(Child(field, "key_event"), *block.mutable_key_event(), check);
    case v1::Block::KIND_NOT_SET:
      return check.Add(Child(field, "kind"), "must be one of the kinds of block");
  }
}

}  // namespace broadsheet::article
