#ifndef BROADSHEET_SERVICES_GATEWAY_RECORD_CACHE_H_
#define BROADSHEET_SERVICES_GATEWAY_RECORD_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/gateway/followers.h"
#include "services/gateway/string_map.h"

namespace broadsheet::gateway {

// Records of one kind that pages are made of (authors, pictures, summaries), by tag: spares calls while a
// record is fresh by the same rule as pages, and knows what was seen last when its owner cannot be asked. A
// record that is null says that there is none, which counts until the tag changes, and for a minute at most:
// the clock of a replica that is behind may hide for a moment what the log has long said. Keeps the most
// recently used `max_records`. Thread-safe.
template <class Record>
class RecordCache {
 public:
  struct Found {
    std::shared_ptr<const Record> record;  // null: there is none
    change::v1::Snapshot snapshot;         // as good as read at this state
  };

  // `followers` must outlive this cache.
  RecordCache(const Followers& followers, Source source, std::size_t max_records,
              absl::Duration absent_for = absl::Minutes(1))
      : followers_(followers), source_(source), max_records_(max_records), absent_for_(absent_for) {}

  // The record, if nothing about it has changed since it was read.
  std::optional<Found> Fresh(std::string_view tag) {
    const std::shared_ptr<const Entry> entry = Find(tag);
    if (!entry || (!entry->record && absl::Now() - entry->put_at >= absent_for_)) return std::nullopt;
    change::v1::Snapshot now = followers_.position(source_);  // before judging: true then as well
    if (followers_.StandingOf(source_, entry->read_at) != Standing::kFresh) return std::nullopt;
    return Found{entry->record, std::move(now)};
  }

  // The record as seen last; null if it was never seen or not there, is known to be withdrawn, or cannot be
  // judged because it was read before the follower's memory begins or from another log: a withdrawal may have
  // been missed.
  std::shared_ptr<const Record> LastKnown(std::string_view tag) {
    const std::shared_ptr<const Entry> entry = Find(tag);
    if (!entry || followers_.WithdrawnSince(source_, entry->read_at, tag)) return nullptr;
    if (followers_.StandingOf(source_, entry->read_at) == Standing::kUnknown) return nullptr;
    return entry->record;
  }

  void Put(std::string_view tag, Record record, const change::v1::Snapshot& snapshot) {
    Put(tag, std::make_shared<const Record>(std::move(record)), snapshot);
  }
  void Put(std::string_view tag, std::shared_ptr<const Record> record, const change::v1::Snapshot& snapshot) {
    auto entry =
        std::make_shared<const Entry>(Entry{std::string(tag),
                                            {snapshot.log_id(), snapshot.position(), {std::string(tag)}},
                                            std::move(record),
                                            absl::Now()});
    std::lock_guard lock(mutex_);
    if (auto found = by_tag_.find(tag); found != by_tag_.end()) {
      const change::Dependency& held = (*found->second)->read_at;
      if (held.log_id == snapshot.log_id() && held.position > snapshot.position()) return;
      *found->second = std::move(entry);
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return;
    }
    by_use_.push_front(std::move(entry));
    by_tag_[by_use_.front()->tag] = by_use_.begin();
    if (by_use_.size() <= max_records_) return;
    by_tag_.erase(by_use_.back()->tag);
    by_use_.pop_back();
  }

  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return by_use_.size();
  }

 private:
  struct Entry {
    std::string tag;
    change::Dependency read_at;
    std::shared_ptr<const Record> record;
    absl::Time put_at;
  };

  std::shared_ptr<const Entry> Find(std::string_view tag) {
    std::lock_guard lock(mutex_);
    auto found = by_tag_.find(tag);
    if (found == by_tag_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return *found->second;
  }

  const Followers& followers_;
  const Source source_;
  const std::size_t max_records_;
  const absl::Duration absent_for_;
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<const Entry>> by_use_;  // most recently used first
  StringMap<typename std::list<std::shared_ptr<const Entry>>::iterator> by_tag_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RECORD_CACHE_H_
