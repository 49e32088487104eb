#include "services/gateway/article_references.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "absl/time/time.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Block;
using article::v1::RichText;

constexpr int kMaxListLevels = 8;  // a story has at most four; an answer could have more

// Collects ids, each once. They must outlive it.
class Ids {
 public:
  explicit Ids(std::size_t limit) : limit_(limit) {}

  void Add(const std::string& id) {
    if (IsId(id) && seen_.insert(id).second && references_.ids.size() < limit_) references_.ids.push_back(id);
  }
  void AddLinks(const RichText& text) {
    for (const article::v1::Span& span : text.spans()) {
      if (span.kind() == article::v1::SPAN_KIND_LINK) Add(span.article_id());
    }
  }
  References Take() {
    references_.left_out = seen_.size() - references_.ids.size();
    return std::move(references_);
  }

 private:
  const std::size_t limit_;
  std::unordered_set<std::string_view> seen_;
  References references_;
};

// Blocks `begin` up to before `end` of a body: the introduction, or a moment that happened at `time`.
struct BodyPart {
  int begin = 0;
  int end = 0;
  absl::Time time = absl::InfiniteFuture();
};

absl::Time HappenedAt(const article::v1::KeyEvent& event) {
  if (!event.has_event_time()) return absl::InfinitePast();
  return absl::FromUnixSeconds(event.event_time().seconds()) + absl::Nanoseconds(event.event_time().nanos());
}

// The blocks in the order the page shows them in, see WriteBody.
std::vector<const Block*> InOrder(const google::protobuf::RepeatedPtrField<Block>& body) {
  std::vector<BodyPart> parts(1);
  for (int i = 0; i < body.size(); ++i) {
    if (body[i].has_key_event()) parts.push_back({i, i, HappenedAt(body[i].key_event())});
    parts.back().end = i + 1;
  }
  std::reverse(parts.begin() + 1, parts.end());  // at the same time the later block is the later moment
  std::stable_sort(parts.begin() + 1, parts.end(),
                   [](const BodyPart& a, const BodyPart& b) { return a.time > b.time; });
  std::vector<const Block*> blocks;
  for (const BodyPart& part : parts) {
    for (int i = part.begin; i < part.end; ++i) blocks.push_back(&body[i]);
  }
  return blocks;
}

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

References LinkedArticles(const article::v1::Article& article, std::size_t limit) {
  Ids ids(limit);
  for (const article::v1::Correction& correction : article.corrections()) ids.AddLinks(correction.text());
  for (const Block* block : InOrder(article.content().body())) AddLinks(*block, ids);
  return ids.Take();
}

References ReferencedImages(const article::v1::Article& article, std::size_t limit) {
  Ids ids(limit);
  if (article.content().has_lead_image()) ids.Add(article.content().lead_image().image_id());
  for (const Block* block : InOrder(article.content().body())) {
    if (block->has_image()) ids.Add(block->image().image_id());
  }
  return ids.Take();
}

}  // namespace broadsheet::gateway
