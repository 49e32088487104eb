#include "services/gateway/article_references.h"

#include <algorithm>

#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Block;
using article::v1::RichText;

constexpr int kMaxListLevels = 8;  // a story has at most four; an answer could have more

// Collects ids, each once.
class Ids {
 public:
  explicit Ids(std::size_t limit) : limit_(limit) {}

  void Add(const std::string& id) {
    if (ids_.size() < limit_ && IsId(id) && std::find(ids_.begin(), ids_.end(), id) == ids_.end())
      ids_.push_back(id);
  }
  void AddLinks(const RichText& text) {
    for (const article::v1::Span& span : text.spans()) {
      if (span.kind() == article::v1::SPAN_KIND_LINK) Add(span.article_id());
    }
  }
  std::vector<std::string> Take() { return std::move(ids_); }

 private:
  const std::size_t limit_;
  std::vector<std::string> ids_;
};

void AddLinks(const article::v1::List& list, int level, Ids& ids) {
  if (level > kMaxListLevels) return;
  for (const article::v1::ListItem& item : list.items()) {
    ids.AddLinks(item.text());
    if (item.has_nested()) AddLinks(item.nested(), level + 1, ids);
  }
}

void AddLinks(const article::v1::Table& table, Ids& ids) {
  for (const RichText& cell : table.header().cells()) ids.AddLinks(cell);
  for (const article::v1::TableRow& row : table.rows()) {
    for (const RichText& cell : row.cells()) ids.AddLinks(cell);
  }
}

void AddLinks(const Block& block, Ids& ids) {
  switch (block.kind_case()) {
    case Block::kParagraph:
      return ids.AddLinks(block.paragraph().text());
    case Block::kHeading:
      return ids.AddLinks(block.heading().text());
    case Block::kQuote:
      return ids.AddLinks(block.quote().text());
    case Block::kList:
      return AddLinks(block.list(), 1, ids);
    case Block::kTable:
      return AddLinks(block.table(), ids);
    default:
      return;
  }
}

}  // namespace

std::vector<std::string> LinkedArticleIds(const article::v1::Article& article, std::size_t limit) {
  Ids ids(limit);
  for (const Block& block : article.content().body()) AddLinks(block, ids);
  for (const article::v1::Correction& correction : article.corrections()) ids.AddLinks(correction.text());
  return ids.Take();
}

std::vector<std::string> ImageIds(const article::v1::Article& article, std::size_t limit) {
  Ids ids(limit);
  if (article.content().has_lead_image()) ids.Add(article.content().lead_image().image_id());
  for (const Block& block : article.content().body()) {
    if (block.has_image()) ids.Add(block.image().image_id());
  }
  return ids.Take();
}

}  // namespace broadsheet::gateway
