#include "services/gateway/page_cache.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <list>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace broadsheet::gateway {
namespace {

constexpr std::uint8_t kMaxUses = 3;
constexpr std::size_t kNodeOverhead = 200;  // list node, index slot, control blocks

std::size_t HashOf(std::string_view path) { return std::hash<std::string_view>()(path); }

// Of the finds of this thread, one in so many: a counter that each find raises would be fought over.
bool IsSampled() {
  thread_local std::uint32_t finds = 0;
  return finds++ % PageCache::kFindsPerSample == 0;
}

std::size_t BytesOf(const std::shared_ptr<const PageEntry>& entry) { return entry ? entry->bytes() : 0; }

bool IsOlder(const PageEntry& entry, const PageEntry& other) {
  const change::Dependency& mine = entry.dependencies.of(Source::kArticle);
  const change::Dependency& theirs = other.dependencies.of(Source::kArticle);
  return !mine.log_id.empty() && mine.log_id == theirs.log_id &&
         entry.dependencies.newest(Source::kArticle) < other.dependencies.newest(Source::kArticle);
}

}  // namespace

class PageCache::Shard {
 public:
  explicit Shard(std::size_t max_bytes) : max_bytes_(max_bytes), small_max_bytes_(max_bytes / 10) {}

  Slot Find(std::string_view path) const {
    std::shared_lock lock(mutex_);
    auto found = index_.find(path);
    if (found == index_.end()) return {};
    const Node& node = *found->second;
    if (std::uint8_t uses = node.uses.load(std::memory_order_relaxed); uses < kMaxUses) {
      node.uses.store(uses + 1, std::memory_order_relaxed);
    }
    Slot slot = node.slot;
    slot.sampled = IsSampled();
    if (slot.sampled) node.finds.fetch_add(1, std::memory_order_relaxed);
    return slot;
  }

  Slot Peek(std::string_view path) const {
    std::shared_lock lock(mutex_);
    auto found = index_.find(path);
    return found == index_.end() ? Slot() : found->second->slot;
  }

  void TakeFinds(std::vector<std::pair<std::uint32_t, std::string>>& finds) {
    std::shared_lock lock(mutex_);
    for (const Queue* queue : {&main_, &small_}) {
      for (const Node& node : *queue) {
        const std::uint32_t counted = node.finds.load(std::memory_order_relaxed);
        node.finds.store(counted / 2, std::memory_order_relaxed);
        finds.emplace_back(counted, node.path);
      }
    }
  }

  void Insert(std::shared_ptr<const PageEntry> entry) {
    Slot replaced;  // destroyed outside the lock
    std::unique_lock lock(mutex_);
    Node& node = NodeFor(entry->path);
    auto& place = entry->degraded() ? node.slot.degraded : node.slot.whole;
    if (place && IsOlder(*entry, *place)) return;
    replaced = node.slot;
    // Of an older whole page, which Redis may have, the newer degraded one says more.
    const bool better = !entry->degraded() && node.slot.degraded && !IsOlder(*entry, *node.slot.degraded);
    if (better) node.slot.degraded = nullptr;
    place = std::move(entry);
    Account(node);
    MakeRoom();
  }

  bool Replace(const std::shared_ptr<const PageEntry>& expected, std::shared_ptr<const PageEntry> entry) {
    std::unique_lock lock(mutex_);
    auto found = index_.find(entry->path);
    if (found == index_.end()) return false;
    Node& node = *found->second;
    auto& place = entry->degraded() ? node.slot.degraded : node.slot.whole;
    if (place != expected) return false;
    place = std::move(entry);
    Account(node);
    MakeRoom();
    return true;
  }

  void Erase(std::string_view path) {
    std::unique_lock lock(mutex_);
    auto found = index_.find(path);
    if (found == index_.end()) return;
    Remove(found->second);
  }

  void PathsWhere(const std::function<bool(const PageEntry&)>& wanted, std::size_t limit,
                  std::vector<std::string>& paths) const {
    std::shared_lock lock(mutex_);
    for (const std::list<Node>* queue : {&main_, &small_}) {
      for (const Node& node : *queue) {
        if (paths.size() >= limit) return;
        const bool matches = (node.slot.whole && wanted(*node.slot.whole)) ||
                             (node.slot.degraded && wanted(*node.slot.degraded));
        if (matches) paths.push_back(node.path);
      }
    }
  }

  void AddTo(Statistics& statistics) const {
    std::shared_lock lock(mutex_);
    statistics.bytes += small_bytes_ + main_bytes_;
    statistics.pages += index_.size();
    statistics.evicted += evicted_;
  }

 private:
  struct Node {
    std::string path;
    Slot slot;
    std::size_t bytes = 0;
    bool in_main = false;
    mutable std::atomic<std::uint8_t> uses = 0;
    mutable std::atomic<std::uint32_t> finds = 0;
  };
  using Queue = std::list<Node>;  // newest first

  // The path's node; a new one starts on trial, unless it was evicted from there a short while ago.
  Node& NodeFor(const std::string& path) {
    if (auto found = index_.find(path); found != index_.end()) return *found->second;
    const bool returns = ghosts_.contains(HashOf(path));
    Queue& queue = returns ? main_ : small_;
    Node& node = queue.emplace_front();
    node.path = path;
    node.in_main = returns;
    index_[node.path] = queue.begin();
    return node;
  }

  void Account(Node& node) {
    std::size_t& total = node.in_main ? main_bytes_ : small_bytes_;
    total -= node.bytes;
    node.bytes =
        kNodeOverhead + 2 * node.path.size() + BytesOf(node.slot.whole) + BytesOf(node.slot.degraded);
    total += node.bytes;
  }

  void MakeRoom() {
    while (small_bytes_ + main_bytes_ > max_bytes_) {
      if (!small_.empty() && (small_bytes_ > small_max_bytes_ || main_.empty())) {
        EndTrial(std::prev(small_.end()));
      } else {
        EvictOrSpare(std::prev(main_.end()));
      }
    }
  }

  void EndTrial(Queue::iterator oldest) {
    if (oldest->uses.load(std::memory_order_relaxed) > 1) {
      oldest->uses.store(0, std::memory_order_relaxed);
      oldest->in_main = true;
      small_bytes_ -= oldest->bytes;
      main_bytes_ += oldest->bytes;
      main_.splice(main_.begin(), small_, oldest);
      return;
    }
    RememberGhost(HashOf(oldest->path));
    Remove(oldest);
    ++evicted_;
  }

  void EvictOrSpare(Queue::iterator oldest) {
    if (std::uint8_t uses = oldest->uses.load(std::memory_order_relaxed); uses > 0) {
      oldest->uses.store(uses - 1, std::memory_order_relaxed);
      main_.splice(main_.begin(), main_, oldest);
      return;
    }
    Remove(oldest);
    ++evicted_;
  }

  void Remove(Queue::iterator node) {
    index_.erase(node->path);
    (node->in_main ? main_bytes_ : small_bytes_) -= node->bytes;
    (node->in_main ? main_ : small_).erase(node);
  }

  // As many as there are pages, so that the memory of the past is as long as the present.
  void RememberGhost(std::size_t hash) {
    if (ghosts_.insert(hash).second) ghost_order_.push_back(hash);
    while (ghost_order_.size() > std::max<std::size_t>(index_.size(), 64)) {
      ghosts_.erase(ghost_order_.front());
      ghost_order_.pop_front();
    }
  }

  const std::size_t max_bytes_;
  const std::size_t small_max_bytes_;
  mutable std::shared_mutex mutex_;  // guards all below
  Queue small_;
  Queue main_;
  std::size_t small_bytes_ = 0;
  std::size_t main_bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::unordered_map<std::string_view, Queue::iterator> index_;  // views of Node::path
  std::unordered_set<std::size_t> ghosts_;
  std::deque<std::size_t> ghost_order_;
};

PageCache::PageCache(Options options) : keeps_nothing_(options.max_bytes == 0) {
  const std::size_t shards = static_cast<std::size_t>(std::clamp(options.shards, 1, 256));
  const std::size_t bytes = options.max_bytes == 0 ? 0 : std::max<std::size_t>(options.max_bytes, 1u << 20);
  for (std::size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>(bytes / shards));
}

PageCache::~PageCache() = default;

PageCache::Shard& PageCache::ShardOf(std::string_view path) const {
  return *shards_[HashOf(path) % shards_.size()];
}

PageCache::Slot PageCache::Find(std::string_view path) const { return ShardOf(path).Find(path); }

PageCache::Slot PageCache::Peek(std::string_view path) const { return ShardOf(path).Peek(path); }

std::vector<std::string> PageCache::MostFound(std::size_t limit) {
  std::vector<std::pair<std::uint32_t, std::string>> finds;
  for (const auto& shard : shards_) shard->TakeFinds(finds);
  const auto end = finds.begin() + static_cast<std::ptrdiff_t>(std::min(limit, finds.size()));
  std::partial_sort(finds.begin(), end, finds.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> paths;
  for (auto found = finds.begin(); found != end; ++found) paths.push_back(std::move(found->second));
  return paths;
}

void PageCache::Insert(std::shared_ptr<const PageEntry> entry) {
  if (keeps_nothing_) return;
  Shard& shard = ShardOf(entry->path);
  shard.Insert(std::move(entry));
}

bool PageCache::Replace(const std::shared_ptr<const PageEntry>& expected,
                        std::shared_ptr<const PageEntry> entry) {
  Shard& shard = ShardOf(entry->path);
  return shard.Replace(expected, std::move(entry));
}

void PageCache::Erase(std::string_view path) { ShardOf(path).Erase(path); }

std::vector<std::string> PageCache::PathsWhere(const std::function<bool(const PageEntry&)>& wanted,
                                               std::size_t limit) const {
  std::vector<std::string> paths;
  for (const auto& shard : shards_) shard->PathsWhere(wanted, limit, paths);
  return paths;
}

PageCache::Statistics PageCache::statistics() const {
  Statistics statistics;
  for (const auto& shard : shards_) shard->AddTo(statistics);
  return statistics;
}

}  // namespace broadsheet::gateway
