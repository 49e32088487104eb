#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_CACHE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/page_entry.h"

namespace broadsheet::gateway {

// Finished pages in memory, by path; bounded by bytes. Knows nothing of freshness: an entry stays until a
// newer one takes its place or room is needed, so what was shown last is at hand when the owners cannot be
// asked. Thread-safe: shards with a lock each; a find takes it shared, for one look-up.
//
// Evicts by S3-FIFO (Yang et al., SOSP 2023): pages asked for once, as crawlers do, pass through a tenth of
// the room and do not displace what readers come back to. A find only raises a counter, nothing is moved.
class PageCache {
 public:
  struct Options {
    std::size_t max_bytes = 256u << 20;  // at least 1 MiB; 0: keeps nothing
    int shards = 16;                     // 1 to 256; a page larger than a shard's part is not kept
  };

  // What is known for a path. The whole page stays beside a degraded one that came after it.
  struct Slot {
    std::shared_ptr<const PageEntry> whole;
    std::shared_ptr<const PageEntry> degraded;
    bool sampled = false;  // whether this find is the one in kFindsPerSample that is counted
  };

  struct Statistics {
    std::size_t bytes = 0;
    std::size_t pages = 0;
    std::uint64_t evicted = 0;
  };

  explicit PageCache(Options options);
  ~PageCache();

  Slot Find(std::string_view path) const;

  // The same without counting as a use.
  Slot Peek(std::string_view path) const;

  // Takes the place of the entry of its kind (whole or degraded); a whole one also removes a degraded one. An
  // entry read from an older state of the same log than the one in its place is not taken
  // (Dependencies::newest).
  void Insert(std::shared_ptr<const PageEntry> entry);

  // Puts `entry` in the place of `expected` if that is still there. For the same page in a better form.
  bool Replace(const std::shared_ptr<const PageEntry>& expected, std::shared_ptr<const PageEntry> entry);

  // Forgets a path.
  void Erase(std::string_view path);

  // Paths of the pages that satisfy `wanted`, at most `limit`; looks at every page, so not for every request.
  std::vector<std::string> PathsWhere(const std::function<bool(const PageEntry&)>& wanted,
                                      std::size_t limit) const;

  // Paths by how often they were found since the last such call, and half as much each call before: the most
  // often first. A sample of one in kFindsPerSample.
  std::vector<std::string> MostFound(std::size_t limit);
  static constexpr std::uint32_t kFindsPerSample = 16;

  Statistics statistics() const;

 private:
  class Shard;
  Shard& ShardOf(std::string_view path) const;

  const bool keeps_nothing_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_CACHE_H_
