#ifndef BROADSHEET_SERVICES_RECOMMENDATION_PENDING_CHANGES_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_PENDING_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace broadsheet::recommendation {

// Stories that have changed and are still to be fetched, each with its newest change. Pure; not thread-safe.
class PendingChanges {
 public:
  struct Change {
    std::string article_id;
    std::int64_t position = 0;
  };

  // `position` is greater than any noted before.
  void Note(const std::string& article_id, std::int64_t position);
  // The story has been fetched as it was at `position`.
  void Done(const std::string& article_id, std::int64_t position);
  void Clear();

  // Whether the story has changed after `position`, so that what was read then is out of date.
  bool ChangedAfter(const std::string& article_id, std::int64_t position) const;
  bool Contains(const std::string& article_id) const { return positions_.count(article_id) > 0; }
  // The one that has waited longest.
  std::optional<Change> First() const;
  bool empty() const { return by_position_.empty(); }
  std::size_t size() const { return by_position_.size(); }

 private:
  std::unordered_map<std::string, std::int64_t> positions_;
  std::map<std::int64_t, std::string> by_position_;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_PENDING_CHANGES_H_
