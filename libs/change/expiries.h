#ifndef BROADSHEET_LIBS_CHANGE_EXPIRIES_H_
#define BROADSHEET_LIBS_CHANGE_EXPIRIES_H_

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

namespace broadsheet::change {

// When subjects end, of at most so many: beyond, the one that lasts longest is forgotten, as it is the least
// likely to be needed. Each call takes time that grows with the logarithm of their number. Not thread-safe.
class Expiries {
 public:
  explicit Expiries(std::size_t max_subjects) : max_subjects_(max_subjects) {}

  void Set(std::string_view subject, absl::Time end);
  void Forget(std::string_view subject);
  void Clear();
  // None: it has no end, or that was forgotten.
  std::optional<absl::Time> Find(std::string_view subject) const;
  std::size_t size() const { return ends_.size(); }

 private:
  const std::size_t max_subjects_;
  std::map<std::string, absl::Time, std::less<>> ends_;
  std::set<std::pair<absl::Time, std::string_view>> by_end_;  // of the strings in ends_
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_EXPIRIES_H_
