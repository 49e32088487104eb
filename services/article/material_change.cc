#include "services/article/material_change.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/article/lifecycle.h"
#include "services/article/unicode.h"

namespace broadsheet::article {
namespace {

// The words of a block, whatever its kind.
class BlockWords {
 public:
  explicit BlockWords(const v1::Block& block) { AddBlock(block); }

  const std::string& words() const { return words_; }

 private:
  void AddBlock(const v1::Block& block) {
    switch (block.kind_case()) {
      case v1::Block::kParagraph:
        return Add(block.paragraph().text().text());
      case v1::Block::kHeading:
        return Add(block.heading().text().text());
      case v1::Block::kImage:
        return AddImage(block.image());
      case v1::Block::kQuote:
        Add(block.quote().text().text());
        return Add(block.quote().attribution());
      case v1::Block::kList:
        return AddList(block.list());
      case v1::Block::kTable:
        return AddTable(block.table());
      case v1::Block::kEmbed:
        AddExactly(block.embed().url());
        return Add(block.embed().title());
      case v1::Block::kKeyEvent:
        AddExactly(absl::StrCat(block.key_event().event_time().seconds()));
        return Add(block.key_event().headline());
      case v1::Block::kDivider:
      case v1::Block::KIND_NOT_SET:
        return;
    }
  }
  void AddExactly(absl::string_view words) {
    if (!words.empty()) absl::StrAppend(&words_, words_.empty() ? "" : " ", words);
  }
  void Add(absl::string_view text) { AddExactly(FoldToWords(text)); }
  void AddImage(const v1::ImageReference& image) {
    AddExactly(image.image_id());
    Add(image.caption());
    Add(image.alt_text());
    Add(image.credit_line());
  }
  void AddList(const v1::List& list) {  // no deeper than validation allows
    for (const v1::ListItem& item : list.items()) {
      Add(item.text().text());
      AddList(item.nested());
    }
  }
  void AddRow(const v1::TableRow& row) {
    for (const v1::RichText& cell : row.cells()) Add(cell.text());
  }
  void AddTable(const v1::Table& table) {
    Add(table.caption());
    AddRow(table.header());
    for (const v1::TableRow& row : table.rows()) AddRow(row);
  }

  std::string words_;
};

// The words of each block that has any, in no order.
std::multiset<std::string> WordsOfBody(const v1::ArticleContent& content) {
  std::multiset<std::string> blocks;
  for (const v1::Block& block : content.body()) {
    std::string words = BlockWords(block).words();
    if (!words.empty()) blocks.insert(std::move(words));
  }
  return blocks;
}

std::set<std::string> AuthorsOf(const v1::ArticleContent& content) {
  return {content.author_ids().begin(), content.author_ids().end()};
}

bool SameWords(absl::string_view from, absl::string_view to) {
  return from == to || FoldToWords(from) == FoldToWords(to);
}

}  // namespace

std::vector<std::string> FindMaterialChanges(const v1::ArticleContent& from, const v1::ArticleContent& to) {
  std::vector<std::string> changes;
  if (!SameWords(from.headline(), to.headline())) changes.emplace_back("content.headline");
  if (!SameWords(from.standfirst(), to.standfirst())) changes.emplace_back("content.standfirst");
  if (AuthorsOf(from) != AuthorsOf(to)) changes.emplace_back("content.author_ids");
  if (!SameWords(from.byline(), to.byline())) changes.emplace_back("content.byline");
  const std::multiset<std::string> had = WordsOfBody(from);
  const std::multiset<std::string> has = WordsOfBody(to);
  if (!std::includes(has.begin(), has.end(), had.begin(), had.end())) changes.emplace_back("content.body");
  return changes;
}

bool HasCorrectionSince(const v1::Draft& draft, absl::Time since) {
  return std::any_of(
      draft.corrections().begin(), draft.corrections().end(),
      [&](const v1::Correction& correction) { return FromTimestamp(correction.create_time()) >= since; });
}

}  // namespace broadsheet::article
