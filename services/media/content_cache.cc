#include "services/media/content_cache.h"

#include <utility>

namespace broadsheet::media {

std::shared_ptr<const http::Content> ContentCache::Find(const std::string& key) {
  const absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->content;
}

void ContentCache::Insert(const std::string& key, std::shared_ptr<const http::Content> content) {
  const absl::MutexLock lock(&mutex_);
  if (by_key_.contains(key) || content->bytes() > max_bytes_) return;
  bytes_ += content->bytes();
  by_use_.push_front({key, std::move(content)});
  by_key_[key] = by_use_.begin();
  while (bytes_ > max_bytes_) {
    bytes_ -= by_use_.back().content->bytes();
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
}

}  // namespace broadsheet::media
