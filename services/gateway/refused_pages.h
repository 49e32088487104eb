#ifndef BROADSHEET_SERVICES_GATEWAY_REFUSED_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_REFUSED_PAGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace broadsheet::gateway {

// Which pages could not be made and which readers were refused, so that it can be found out which addresses
// fail: a line of the log for each, but of one path one a second and kLinesPerSecond a second of all paths;
// a line says how many were left out since the one before. And the latest of them, for /status. Bounded;
// thread-safe. Not for the path of a page that is served.
class RefusedPages {
 public:
  static constexpr std::size_t kLinesPerSecond = 20;
  static constexpr std::size_t kRemembered = 32;

  struct Refusal {
    std::string_view path;
    int status = 0;
    std::string_view reason;  // in the words of the page's label
    absl::Duration duration;  // from the question to its answer
    std::string_view trace_id;
    bool known = true;  // this gateway has a page there; at other addresses may be what nobody is to learn of
  };

  // `now`: what the time is, by a clock that nobody sets.
  explicit RefusedPages(std::function<absl::Time()> now);

  // Somebody was answered with an error of this server.
  void NoteRefused(const Refusal& refusal);
  // A page could not be made; another one may have been served in its place.
  void NoteFailed(std::string_view path, std::string_view reason, std::string_view trace_id);

  // The latest refusals of known pages, each path once, the newest first; of the others how many.
  std::vector<std::pair<std::string, std::string>> StatusRows() const;

 private:
  struct Remembered {
    std::string path;
    int status = 0;
    std::string reason;
    absl::Time time;  // of day
    std::uint64_t times = 0;
  };

  // With mutex_ held: whether a line may be written, and how many were not since the last one.
  bool TakeLine(std::string_view what, std::string_view path, std::uint64_t& left_out);
  void Remember(const Refusal& refusal);

  const std::function<absl::Time()> now_;
  mutable std::mutex mutex_;
  absl::Time second_ = absl::InfinitePast();    // guarded by mutex_, as all below; when the present one began
  std::set<std::string, std::less<>> written_;  // in it; what and path, at most kLinesPerSecond
  std::uint64_t left_out_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t refused_unknown_ = 0;  // of those, at addresses without a page
  std::uint64_t never_written_ = 0;
  std::deque<Remembered> latest_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_REFUSED_PAGES_H_
