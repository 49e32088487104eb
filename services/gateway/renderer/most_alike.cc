#include "services/gateway/renderer/most_alike.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kComparedBytes = 100;

// Levenshtein's: letters put in, taken out or replaced.
std::size_t Distance(absl::string_view a, absl::string_view b) {
  a = a.substr(0, kComparedBytes);
  b = b.substr(0, kComparedBytes);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> MostAlike(absl::string_view name, std::vector<std::string> names,
                                   std::size_t count) {
  std::vector<std::pair<std::size_t, std::string>> by_distance;
  for (std::string& other : names) by_distance.emplace_back(Distance(name, other), std::move(other));
  std::sort(by_distance.begin(), by_distance.end());
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < std::min(count, by_distance.size()); ++i)
    nearest.push_back(std::move(by_distance[i].second));
  return nearest;
}

}  // namespace broadsheet::gateway
