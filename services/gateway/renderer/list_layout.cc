#include "services/gateway/renderer/list_layout.h"

#include <algorithm>
#include <set>

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

// The newest stories, weightiest first.
std::vector<const Article*> Candidates(const ListPage& page) {
  std::vector<const Article*> candidates;
  for (const Article& article : page.stories) {
    if (candidates.size() == kCandidates) break;
    candidates.push_back(&article);
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

ListLayout LayOutTop(const ListPage& page, std::set<const Article*>& placed) {
  ListLayout layout;
  std::vector<const Article*> pool = Candidates(page);
  PutPicturedLeadFirst(page, pool);
  if (pool.empty()) return layout;
  layout.lead = Take(pool, 1, [](const Article&) { return true; }).front();
  layout.secondary =
      Take(pool, kSecondary, [&](const Article& article) { return HasPicture(page, article); });
  if (!page.section) layout.briefs = Take(pool, kBriefs, [](const Article&) { return true; });
  placed.insert(layout.lead);
  placed.insert(layout.secondary.begin(), layout.secondary.end());
  placed.insert(layout.briefs.begin(), layout.briefs.end());
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
  std::set<const Article*> placed;
  ListLayout layout = LayOutTop(page, placed);
  for (const Article& article : page.stories) {
    if (layout.latest.size() == kLatest) break;
    if (!placed.contains(&article)) layout.latest.push_back(&article);
  }
  for (const article::v1::Section& section : page.frame.sections) {
    ListLayout::Column column{&section, {}};
    for (const Article& article : page.stories) {
      if (column.stories.size() == kColumnStories) break;
      const bool here = article.content().section_id() == section.section_id();
      if (here && !placed.contains(&article)) column.stories.push_back(&article);
    }
    PutPicturedFirst(page, column.stories);
    if (!column.stories.empty()) layout.columns.push_back(std::move(column));
  }
  return layout;
}

ListLayout LayOutSection(const ListPage& page) {
  std::set<const Article*> placed;
  ListLayout layout = LayOutTop(page, placed);
  for (const Article& article : page.stories) {
    if (!placed.contains(&article)) layout.rest.push_back(&article);
  }
  return layout;
}

}  // namespace broadsheet::gateway
