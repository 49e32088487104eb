#include "services/gateway/clicks.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/dependencies.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

bool MayHaveStory(const std::string& path) {
  const PageKind kind = ParseRoute(path).kind;
  return kind == PageKind::kArticle || kind == PageKind::kSection;
}

}  // namespace

void Clicks::Count(Beacon beacon) {
  if (!beacon.counts) return parts_.reads.CountIgnored();
  std::string previous = StoryInMemory(beacon.from).value_or("");
  if (std::optional<std::string> story = StoryInMemory(beacon.page))
    return Add(*std::move(story), std::move(previous));
  if (!MayHaveStory(beacon.page)) return parts_.reads.CountIgnored();
  LookUp(std::move(beacon.page), std::move(previous));
}

// That nothing is there, or not any more, memory may have heard before the story was published.
std::optional<std::string> Clicks::StoryInMemory(const std::string& path) const {
  const PageCache::Slot slot = parts_.pages.cache().Peek(path);
  for (const EntryPtr& entry : {slot.whole, slot.degraded}) {
    if (entry && entry->status() == 200) return std::string(ArticleIdOf(entry->subject));
  }
  return std::nullopt;
}

// Redis keeps pages from before a withdrawal; of one that cannot be judged there may have been one.
std::string Clicks::StoryOn(const PageEntry& stored) const {
  if (stored.status() != 200) return "";
  const Standing standing =
      parts_.followers.StandingOf(Source::kArticle, stored.dependencies.of(Source::kArticle));
  if (standing == Standing::kUnknown) return "";
  if (parts_.followers.SubjectWithdrawn(stored, absl::Now())) return "";
  return std::string(ArticleIdOf(stored.subject));
}

void Clicks::LookUp(std::string path, std::string previous_article_id) {
  if (look_ups_.fetch_add(1) < options_.max_look_ups)
    return rpc::Detach(AddOnceFound(std::move(path), std::move(previous_article_id)));
  look_ups_.fetch_sub(1);
  parts_.reads.CountNotLookedUp();
}

rpc::Task<void> Clicks::AddOnceFound(std::string path, std::string previous_article_id) {
  const UnderWay::Part part(under_way_);
  auto loading = parts_.store.Load(std::move(path));
  const EntryPtr stored = co_await loading;
  look_ups_.fetch_sub(1);
  std::string story;
  if (stored != nullptr) story = StoryOn(*stored);
  Add(std::move(story), std::move(previous_article_id));
}

void Clicks::Add(std::string article_id, std::string previous_article_id) {
  if (article_id.empty()) return parts_.reads.CountIgnored();
  parts_.reads.Add(std::move(article_id), std::move(previous_article_id));
}

}  // namespace broadsheet::gateway
