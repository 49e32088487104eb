#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_WORDS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_WORDS_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadsheet::gateway {

// What the program itself says, beside what stands in templates.
enum class Word : std::size_t {
  kJanuary,      // the other months follow
  kMonday = 12,  // the other days follow
  kDate = 19,    // patterns, see words.cc
  kWeekdayDate,
  kDateTime,
  kTimeOfDay,
  kPageTitle,
  kMostRead,
  kNotFound,
  kGone,
  kUnavailable,
  kCorrection,
  kClarification,
  kUpdate,
  kRetraction,
  kImageSource,
};
inline constexpr std::size_t kWords = 33;
inline constexpr std::size_t kMaxWordsBytes = 64 * 1024;
inline constexpr std::size_t kMaxWordBytes = 200;

// The words of a paper, in the site's language. Plain text: whoever writes it into a page escapes it.
class Words {
 public:
  Words();  // English

  // Of the text of `file`: lines of `key = words`; those that begin with # and empty ones say nothing. What
  // is not named stays English. INVALID_ARGUMENT "FILE:LINE: reason", a line for each, for an unknown key or
  // one that is there twice, for words that are empty, too long or no clean UTF-8, and for a pattern with an
  // unknown mark or without one. Pure.
  static absl::StatusOr<Words> Parse(absl::string_view file, absl::string_view text);

  static absl::string_view English(Word word);

  const std::string& operator[](Word word) const { return words_[static_cast<std::size_t>(word)]; }

  // "Bridge closed · The Averley Lanthorn".
  std::string PageTitle(absl::string_view title, absl::string_view site) const;

  // Times as printed, in that zone: "20 November 2026", "Friday 20 November 2026",
  // "20 November 2026, 11:40 UTC", "11:40".
  std::string Date(absl::Time time, absl::TimeZone zone) const { return Print(Word::kDate, time, zone); }
  std::string WeekdayDate(absl::Time time, absl::TimeZone zone) const {
    return Print(Word::kWeekdayDate, time, zone);
  }
  std::string DateTime(absl::Time time, absl::TimeZone zone) const {
    return Print(Word::kDateTime, time, zone);
  }
  std::string TimeOfDay(absl::Time time, absl::TimeZone zone) const {
    return Print(Word::kTimeOfDay, time, zone);
  }

 private:
  std::string Print(Word pattern, absl::Time time, absl::TimeZone zone) const;

  std::array<std::string, kWords> words_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_WORDS_H_
