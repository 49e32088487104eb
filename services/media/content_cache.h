#ifndef BROADSHEET_SERVICES_MEDIA_CONTENT_CACHE_H_
#define BROADSHEET_SERVICES_MEDIA_CONTENT_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/http/response.h"

namespace broadsheet::media {

// The prepared answers used last, up to a number of bytes. Thread-safe.
class ContentCache {
 public:
  explicit ContentCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when it is not held.
  std::shared_ptr<const http::Content> Find(const std::string& key);
  void Insert(const std::string& key, std::shared_ptr<const http::Content> content);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const http::Content> content;
  };

  const std::size_t max_bytes_;
  absl::Mutex mutex_;
  std::size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<Entry> by_use_ ABSL_GUARDED_BY(mutex_);  // last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_CONTENT_CACHE_H_
