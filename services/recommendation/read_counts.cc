#include "services/recommendation/read_counts.h"

#include <algorithm>
#include <utility>

namespace broadsheet::recommendation {

bool ReadCounts::Counts(absl::Time time, absl::Time now) {
  return time <= now && now - time <= kLongestWindow;
}

ReadCounts::Hour ReadCounts::HourOf(absl::Time time) {
  return absl::ToInt64Hours(absl::Floor(time - absl::UnixEpoch(), absl::Hours(1)));
}

ReadCounts::StoryNumber ReadCounts::NumberOf(const std::string& id) {
  const auto found = numbers_.find(id);
  if (found != numbers_.end()) return found->second;
  StoryNumber number = static_cast<StoryNumber>(stories_.size());
  if (free_.empty()) {
    stories_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  stories_[number].id = id;
  numbers_.emplace(id, number);
  return number;
}

void ReadCounts::Add(const std::string& article_id, absl::Time time, std::int64_t weight, absl::Time now) {
  DropExpired(now);
  const StoryNumber number = NumberOf(article_id);
  const auto [count, added] = hours_[HourOf(time)].emplace(number, 0);
  count->second += weight;
  if (!added) return;
  ++stories_[number].hours;
  ++size_;
  while (size_ > max_counts_ && hours_.size() > 1) DropOldestHour();
}

void ReadCounts::DropExpired(absl::Time now) {
  const Hour first = HourOf(now - kLongestWindow);
  while (!hours_.empty() && hours_.begin()->first < first) DropOldestHour();
}

void ReadCounts::DropOldestHour() {
  for (const auto& [number, reads] : hours_.begin()->second) {
    Known& story = stories_[number];
    if (--story.hours > 0) continue;
    numbers_.erase(story.id);
    story.id.clear();
    free_.push_back(number);
  }
  size_ -= hours_.begin()->second.size();
  hours_.erase(hours_.begin());
}

std::vector<ReadCounts::Entry> ReadCounts::MostRead(
    absl::Duration window, absl::Time now, std::size_t limit,
    const std::function<bool(const std::string&)>& accept) const {
  std::vector<std::int64_t> sums(stories_.size(), 0);
  for (auto hour = hours_.lower_bound(HourOf(now - std::min(window, kLongestWindow))); hour != hours_.end();
       ++hour) {
    for (const auto& [number, reads] : hour->second) sums[number] += reads;
  }
  std::vector<StoryNumber> order;
  for (StoryNumber number = 0; number < sums.size(); ++number) {
    if (sums[number] > 0) order.push_back(number);
  }
  // A heap, as only the first few of many are wanted, and how many are refused is not known before.
  const auto after = [&](StoryNumber a, StoryNumber b) {
    if (sums[a] != sums[b]) return sums[a] < sums[b];
    return stories_[a].id > stories_[b].id;
  };
  std::make_heap(order.begin(), order.end(), after);
  std::vector<Entry> most_read;
  while (most_read.size() < limit && !order.empty()) {
    std::pop_heap(order.begin(), order.end(), after);
    const StoryNumber number = order.back();
    order.pop_back();
    if (accept(stories_[number].id)) most_read.push_back({stories_[number].id, sums[number]});
  }
  return most_read;
}

void ReadCounts::ForEach(const std::function<void(const Entry&, absl::Time time)>& take) const {
  for (const auto& [hour, counts] : hours_) {
    const absl::Time start = absl::UnixEpoch() + absl::Hours(hour);
    for (const auto& [number, reads] : counts) take({stories_[number].id, reads}, start);
  }
}

}  // namespace broadsheet::recommendation
