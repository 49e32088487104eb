#include "services/gateway/clicks.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/dependencies.h"

namespace broadsheet::gateway {

void Clicks::Count(Beacon beacon) {
  if (!beacon.counts) return parts_.reads.CountIgnored();
  std::string previous = StoryInMemory(beacon.from).value_or("");
  if (std::optional<std::string> story = StoryInMemory(beacon.page))
    return Add(*std::move(story), std::move(previous));
  if (!IsStoryPath(beacon.page)) return parts_.reads.CountIgnored();
  LookUp(std::move(beacon.page), std::move(previous));
}

// That nothing is there, or not any more, memory may have heard before the story was published.
std::optional<std::string> Clicks::StoryInMemory(const std::string& path) const {
  const PageCache::Slot slot = parts_.pages.cache().Peek(path);
  for (const EntryPtr& entry : {slot.whole, slot.degraded}) {
    if (entry && entry->status() == 200) return PublishedStoryOn(*entry);
  }
  return std::nullopt;
}

// Memory keeps pages from before a withdrawal as long as nobody asks for them, and Redis all the longer.
std::string Clicks::PublishedStoryOn(const PageEntry& entry) const {
  if (entry.status() != 200 || parts_.followers.SubjectWithdrawn(entry, absl::Now())) return "";
  return std::string(ArticleIdOf(entry.subject));
}

// Of a page that cannot be judged its story may have been withdrawn.
std::string Clicks::StoryOutOfRedis(const PageEntry& stored) const {
  const Standing standing =
      parts_.followers.StandingOf(Source::kArticle, stored.dependencies.of(Source::kArticle));
  return standing == Standing::kUnknown ? "" : PublishedStoryOn(stored);
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
  if (stored != nullptr) story = StoryOutOfRedis(*stored);
  Add(std::move(story), std::move(previous_article_id));
}

void Clicks::Add(std::string article_id, std::string previous_article_id) {
  if (article_id.empty()) return parts_.reads.CountIgnored();
  parts_.reads.Add(std::move(article_id), std::move(previous_article_id));
}

}  // namespace broadsheet::gateway
