#include "services/gateway/renderer/list_layout.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;

constexpr size_t kCandidates = 40;
constexpr size_t kSecondary = 2;
constexpr size_t kBriefs = 4;
constexpr size_t kLatest = 7;
constexpr size_t kColumnStories = 4;
constexpr absl::Duration kUrgencyStep = absl::Hours(6);

absl::Time Weight(const Article& article) {
  const int urgency = article.content().urgency();
  const int steps = urgency >= 1 && urgency <= 9 ? 5 - urgency : 0;
  return TimeOf(article.first_published_at()) + steps * kUrgencyStep;
}

bool HasPicture(const ListPage& page, const Article& article) {
  return article.content().has_lead_image() &&
         Resolve(article.content().lead_image(), page.images).image != nullptr;
}

// Ids of stories that stand somewhere; a story that was chosen is in the list too.
using Placed = std::set<std::string_view>;

bool Stands(const Placed& placed, const Article& article) { return placed.contains(article.article_id()); }

// The newest of the stories that stand nowhere yet, weightiest first.
std::vector<const Article*> Candidates(const ListPage& page, const Placed& placed) {
  std::vector<const Article*> candidates;
  for (const Article& article : page.stories) {
    if (candidates.size() == kCandidates) break;
    if (!Stands(placed, article)) candidates.push_back(&article);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Article* a, const Article* b) { return Weight(*a) > Weight(*b); });
  return candidates;
}

void PutPicturedLeadFirst(const ListPage& page, std::vector<const Article*>& candidates) {
  if (candidates.empty() || HasPicture(page, *candidates.front())) return;
  const absl::Time least = Weight(*candidates.front()) - kUrgencyStep;
  const auto pictured = std::find_if(candidates.begin(), candidates.end(), [&](const Article* article) {
    return Weight(*article) >= least && HasPicture(page, *article);
  });
  if (pictured != candidates.end()) std::rotate(candidates.begin(), pictured, pictured + 1);
}

// Moves up to `count` stories that satisfy `wanted` from `pool` to the result.
template <typename Predicate>
std::vector<const Article*> Take(std::vector<const Article*>& pool, size_t count, Predicate wanted) {
  std::vector<const Article*> taken;
  for (auto at = pool.begin(); at != pool.end() && taken.size() < count;) {
    if (wanted(**at)) {
      taken.push_back(*at);
      at = pool.erase(at);
    } else {
      ++at;
    }
  }
  return taken;
}

// What editors have chosen, in their order, before what is chosen by weight.
ListLayout LayOutTop(const ListPage& page, Placed& placed) {
  ListLayout layout;
  std::vector<const Article*> chosen;
  for (const Article& article : page.curated) {
    if (placed.insert(article.article_id()).second) chosen.push_back(&article);
  }
  std::vector<const Article*> pool = Candidates(page, placed);
  PutPicturedLeadFirst(page, pool);
  const auto fill = [](std::vector<const Article*>& from, size_t count, auto wanted,
                       std::vector<const Article*>& slots) {
    for (const Article* article : Take(from, count - slots.size(), wanted)) slots.push_back(article);
  };
  const auto any = [](const Article&) { return true; };
  std::vector<const Article*> lead;
  fill(chosen, 1, any, lead);
  fill(pool, 1, any, lead);
  if (lead.empty()) return layout;
  layout.lead = lead.front();
  fill(chosen, kSecondary, any, layout.secondary);
  fill(
      pool, kSecondary, [&](const Article& article) { return HasPicture(page, article); }, layout.secondary);
  if (layout.secondary.empty()) fill(pool, kSecondary, any, layout.secondary);  // no picture can be had
  if (!page.section) {
    fill(chosen, kBriefs, any, layout.briefs);
    fill(pool, kBriefs, any, layout.briefs);
  }
  layout.chosen = std::move(chosen);
  placed.insert(layout.lead->article_id());
  for (const auto& slots : {layout.secondary, layout.briefs}) {
    for (const Article* article : slots) placed.insert(article->article_id());
  }
  return layout;
}

// A story with a picture, if there is one, opens the column.
void PutPicturedFirst(const ListPage& page, std::vector<const Article*>& stories) {
  const auto pictured = std::find_if(stories.begin(), stories.end(),
                                     [&](const Article* article) { return HasPicture(page, *article); });
  if (pictured != stories.end()) std::rotate(stories.begin(), pictured, pictured + 1);
}

}  // namespace

ListLayout LayOutFront(const ListPage& page) {
  Placed placed;
  ListLayout layout = LayOutTop(page, placed);
  // What there is no room for at the top stands wherever it would stand otherwise, too.
  for (const Article* chosen : layout.chosen) placed.erase(chosen->article_id());
  for (const Article& article : page.stories) {
    if (layout.latest.size() == kLatest) break;
    if (!Stands(placed, article)) layout.latest.push_back(&article);
  }
  for (const article::v1::Section& section : page.frame.sections) {
    const auto here = [&](const Article& article) {
      return article.content().section_id() == section.section_id();
    };
    ListLayout::Column column{&section, Take(layout.chosen, kColumnStories, here)};
    const bool chosen = !column.stories.empty();
    Placed in_column;
    for (const Article* article : column.stories) in_column.insert(article->article_id());
    for (const Article& article : page.stories) {
      if (column.stories.size() == kColumnStories) break;
      if (here(article) && !Stands(placed, article) && !Stands(in_column, article))
        column.stories.push_back(&article);
    }
    if (!chosen) PutPicturedFirst(page, column.stories);
    if (!column.stories.empty()) layout.columns.push_back(std::move(column));
  }
  return layout;
}

ListLayout LayOutSection(const ListPage& page) {
  Placed placed;
  ListLayout layout = LayOutTop(page, placed);
  layout.rest = std::exchange(layout.chosen, {});
  for (const Article& article : page.stories) {
    if (!Stands(placed, article)) layout.rest.push_back(&article);
  }
  return layout;
}

}  // namespace broadsheet::gateway
