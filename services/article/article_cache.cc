#include "services/article/article_cache.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/telemetry/metrics.h"
#include "services/article/tags.h"

namespace broadsheet::article {
namespace {

std::string NameOf(const ArticleKey& key, Body body) {
  return absl::StrCat(key.kind == ArticleKey::Kind::kId ? "id" : "path", body == Body::kWith ? "+body " : " ",
                      key.value);
}

std::vector<std::string> TagsOf(const ArticleKey& key, const FoundArticle& found) {
  std::vector<std::string> tags = {ArticleTag(found.article_id), SectionTag(found.section_id)};
  if (key.kind == ArticleKey::Kind::kPath) tags.push_back(PathTag(key.value));
  for (const std::string& author_id : found.author_ids) tags.push_back(AuthorTag(author_id));
  return tags;
}

telemetry::Counter& Lookups(bool hit) {
  static telemetry::Counter hits("broadsheet_article_cache_lookups_total", "Stories looked up in memory.",
                                 {{"result", "hit"}});
  static telemetry::Counter misses("broadsheet_article_cache_lookups_total", "Stories looked up in memory.",
                                   {{"result", "miss"}});
  return hit ? hits : misses;
}

}  // namespace

ArticleCache::ArticleCache(const PublicStore& store, change::v1::Snapshot position, std::size_t max_bytes,
                           std::function<bool()> is_current)
    : store_(store),
      max_bytes_(max_bytes),
      is_current_(std::move(is_current)),
      snapshot_(std::move(position)) {}

void ArticleCache::Apply(const std::vector<change::v1::Change>& changes, std::int64_t head) {
  const std::lock_guard lock(mutex_);
  for (const change::v1::Change& change : changes) {
    for (const std::string& tag : change.tags()) {
      const auto names = names_by_tag_.find(tag);
      if (names == names_by_tag_.end()) continue;
      const std::set<std::string> stale = names->second;
      for (const std::string& name : stale) Erase(by_name_.at(name));
    }
  }
  snapshot_.set_position(head);
}

absl::StatusOr<SnapshotRead<ArticleLookup>> ArticleCache::FindArticle(const ArticleKey& key, Body body,
                                                                      const Clock& clock,
                                                                      std::int64_t min_position) const {
  const std::string name = NameOf(key, body);
  const absl::Time now = clock();
  if (is_current_()) {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(name);
    // A clock that went back may have brought an embargo back: the store decides.
    if (found != by_name_.end() && std::max(min_position, answered_.load()) <= snapshot_.position() &&
        now >= found->second->read_at && now < found->second->found->expires_at) {
      entries_.splice(entries_.begin(), entries_, found->second);
      Lookups(true).Increment();
      return SnapshotRead<ArticleLookup>{snapshot_, {.found = found->second->found}};
    }
  }
  Lookups(false).Increment();
  absl::Time asked;
  absl::StatusOr<SnapshotRead<ArticleLookup>> read = Answer(store_.FindArticle(
      key, body, [&] { return asked = clock(); }, min_position));
  if (!read.ok() || read->value.found == nullptr) return read;
  Entry entry{
      .name = name, .found = read->value.found, .read_at = asked, .tags = TagsOf(key, *read->value.found)};
  entry.bytes = entry.found->SpaceUsed() + 64 * entry.tags.size() + 2 * name.size();
  const std::lock_guard lock(mutex_);
  if (read->snapshot.position() == snapshot_.position()) Insert(std::move(entry));
  return read;
}

void ArticleCache::Insert(Entry entry) const {
  if (entry.bytes > max_bytes_) return;
  if (const auto old = by_name_.find(entry.name); old != by_name_.end()) Erase(old->second);
  bytes_ += entry.bytes;
  for (const std::string& tag : entry.tags) names_by_tag_[tag].insert(entry.name);
  entries_.push_front(std::move(entry));
  by_name_[entries_.front().name] = entries_.begin();
  while (bytes_ > max_bytes_) Erase(std::prev(entries_.end()));
}

void ArticleCache::Erase(Entries::iterator entry) const {
  for (const std::string& tag : entry->tags) {
    const auto names = names_by_tag_.find(tag);
    if (names == names_by_tag_.end()) continue;
    names->second.erase(entry->name);
    if (names->second.empty()) names_by_tag_.erase(names);
  }
  bytes_ -= entry->bytes;
  by_name_.erase(entry->name);
  entries_.erase(entry);
}

std::size_t ArticleCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace broadsheet::article
