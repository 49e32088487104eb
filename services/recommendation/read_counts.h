#ifndef BROADSHEET_SERVICES_RECOMMENDATION_READ_COUNTS_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_READ_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::recommendation {

inline constexpr absl::Duration kLongestWindow = absl::Hours(7 * 24);

// How often each story was read, by the hour, for the last 7 days. Pure; not thread-safe.
class ReadCounts {
 public:
  // Holds at most `max_counts` pairs of an hour and a story, about 30 bytes each; beyond it the oldest hour
  // is given up.
  explicit ReadCounts(std::size_t max_counts) : max_counts_(max_counts) {}

  // Whether reads at `time` count at `now`: not older than 7 days. The future does not count.
  static bool Counts(absl::Time time, absl::Time now);

  // Counts `weight` reads at `time`, which must count at `now`.
  void Add(const std::string& article_id, absl::Time time, std::int64_t weight, absl::Time now);

  struct Entry {
    std::string article_id;
    std::int64_t reads = 0;
  };
  // The stories read most in the `window` before `now` among those that `accept` takes, most read first, by
  // id where equal. The window begins with the hour that it begins in.
  std::vector<Entry> MostRead(absl::Duration window, absl::Time now, std::size_t limit,
                              const std::function<bool(const std::string&)>& accept) const;

  // Calls `take` for every count, oldest hour first; `time` is the hour's start.
  void ForEach(const std::function<void(const Entry&, absl::Time time)>& take) const;

  std::size_t size() const { return size_; }  // pairs of an hour and a story
  std::size_t hours() const { return hours_.size(); }

 private:
  using Hour = std::int64_t;          // since 1970
  using StoryNumber = std::uint32_t;  // an id costs its bytes once, however many hours it is in
  struct Known {
    std::string id;
    std::uint32_t hours = 0;  // that it is counted in; 0: the number is free
  };

  static Hour HourOf(absl::Time time);
  StoryNumber NumberOf(const std::string& id);
  void DropOldestHour();
  void DropExpired(absl::Time now);

  const std::size_t max_counts_;
  std::map<Hour, std::unordered_map<StoryNumber, std::int64_t>> hours_;
  std::vector<Known> stories_;
  std::vector<StoryNumber> free_;
  std::unordered_map<std::string, StoryNumber> numbers_;
  std::size_t size_ = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_READ_COUNTS_H_
