#include "services/gateway/renderer/words.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "services/gateway/renderer/template_faults.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

// What may and must stand in braces.
enum class Marks { kNone, kDate, kTitle };

struct WordKey {
  absl::string_view key;
  absl::string_view english;
  Marks marks = Marks::kNone;
};

// In the order of Word.
constexpr std::array<WordKey, kWords> kKeys = {{
    {"january", "January"},
    {"february", "February"},
    {"march", "March"},
    {"april", "April"},
    {"may", "May"},
    {"june", "June"},
    {"july", "July"},
    {"august", "August"},
    {"september", "September"},
    {"october", "October"},
    {"november", "November"},
    {"december", "December"},
    {"monday", "Monday"},
    {"tuesday", "Tuesday"},
    {"wednesday", "Wednesday"},
    {"thursday", "Thursday"},
    {"friday", "Friday"},
    {"saturday", "Saturday"},
    {"sunday", "Sunday"},
    {"date", "{day} {month} {year}", Marks::kDate},
    {"weekday_date", "{weekday} {day} {month} {year}", Marks::kDate},
    {"date_time", "{day} {month} {year}, {hour}:{minute} {zone}", Marks::kDate},
    {"time_of_day", "{hour}:{minute}", Marks::kDate},
    {"page_title", "{title} · {site}", Marks::kTitle},
    {"most_read", "Most read"},
    {"not_found", "Page not found"},
    {"gone", "No longer available"},
    {"unavailable", "Unavailable for the moment"},
    {"correction", "Correction"},
    {"clarification", "Clarification"},
    {"update", "Update"},
    {"retraction", "Retraction"},
    {"image_source", "Image source:"},
}};

constexpr std::array<absl::string_view, 9> kDateMarks = {"weekday", "day",  "dd",   "month", "m",
                                                         "mm",      "year", "hour", "minute"};
constexpr absl::string_view kZoneMark = "zone";

// Calls `text` and `mark` with the parts of a pattern in order; false where a brace has no other.
template <class OnText, class OnMark>
bool ForEachPart(absl::string_view pattern, const OnText& text, const OnMark& mark) {
  while (!pattern.empty()) {
    const std::size_t brace = std::min(pattern.find_first_of("{}"), pattern.size());
    text(pattern.substr(0, brace));
    pattern.remove_prefix(brace);
    if (pattern.empty()) return true;
    const std::size_t end = pattern.find_first_of("{}", 1);
    if (pattern[0] != '{' || end == absl::string_view::npos || pattern[end] != '}') return false;
    mark(pattern.substr(1, end - 1));
    pattern.remove_prefix(end + 1);
  }
  return true;
}

std::vector<absl::string_view> MarksOf(Marks kind) {
  if (kind == Marks::kTitle) return {"title", "site"};
  std::vector<absl::string_view> marks(kDateMarks.begin(), kDateMarks.end());
  marks.push_back(kZoneMark);
  return marks;
}

std::string InBraces(const std::vector<absl::string_view>& marks) {
  return absl::StrCat("{", absl::StrJoin(marks, "} {"), "}");
}

// What is wrong with a pattern; empty: nothing.
std::string PatternFault(absl::string_view pattern, Marks kind) {
  const std::vector<absl::string_view> known = MarksOf(kind);
  std::string unknown;
  bool any = false, title = false;
  const auto see = [&](absl::string_view mark) {
    any = true;
    title = title || mark == "title";
    if (unknown.empty() && std::find(known.begin(), known.end(), mark) == known.end())
      unknown = absl::StrCat("there is no mark {", mark, "}: there are ", InBraces(known));
  };
  if (!ForEachPart(
          pattern, [](absl::string_view) {}, see))
    return "a brace stands alone";
  if (!unknown.empty()) return unknown;
  if (kind == Marks::kTitle && !title) return "has no {title}";
  return any ? "" : absl::StrCat("has no mark: there are ", InBraces(known));
}

std::string WordFault(absl::string_view words, Marks kind) {
  if (words.empty()) return "is empty";
  if (words.size() > kMaxWordBytes) return absl::StrCat("is longer than ", kMaxWordBytes, " bytes");
  if (CleanText(words) != words) return "is not UTF-8, or holds characters that cannot be printed";
  return kind == Marks::kNone ? "" : PatternFault(words, kind);
}

std::string AllKeys() {
  return absl::StrJoin(kKeys, " ",
                       [](std::string* out, const WordKey& word) { absl::StrAppend(out, word.key); });
}

std::string DatePart(absl::string_view mark, const absl::TimeZone::CivilInfo& at, const Words& words) {
  const auto named = [&](Word first, int index) {
    return words[static_cast<Word>(static_cast<std::size_t>(first) + static_cast<std::size_t>(index))];
  };
  if (mark == "weekday")
    return named(Word::kMonday, static_cast<int>(absl::GetWeekday(absl::CivilDay(at.cs))));
  if (mark == "day") return absl::StrCat(at.cs.day());
  if (mark == "dd") return absl::StrFormat("%02d", at.cs.day());
  if (mark == "month") return named(Word::kJanuary, at.cs.month() - 1);
  if (mark == "m") return absl::StrCat(at.cs.month());
  if (mark == "mm") return absl::StrFormat("%02d", at.cs.month());
  if (mark == "year") return absl::StrCat(at.cs.year());
  if (mark == "hour") return absl::StrFormat("%02d", at.cs.hour());
  if (mark == "minute") return absl::StrFormat("%02d", at.cs.minute());
  return at.zone_abbr;
}

}  // namespace

Words::Words() {
  for (std::size_t i = 0; i < kWords; ++i) words_[i] = std::string(kKeys[i].english);
}

absl::string_view Words::English(Word word) { return kKeys[static_cast<std::size_t>(word)].english; }

absl::StatusOr<Words> Words::Parse(absl::string_view file, absl::string_view text) {
  Words words;
  TemplateFaults faults;
  std::set<std::size_t> named;
  int number = 0;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto fault = [&](const auto&... reason) {
      faults.Add(absl::InvalidArgumentError(absl::StrCat(file, ":", number, ": ", reason...)));
    };
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (!absl::StrContains(line, "=")) {
      fault("is not \"key = words\"");
      continue;
    }
    const absl::string_view key = absl::StripAsciiWhitespace(parts.first);
    const auto known =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const WordKey& word) { return word.key == key; });
    if (known == kKeys.end()) {
      fault("there is no key \"", key, "\": there are ", AllKeys());
      continue;
    }
    const auto index = static_cast<std::size_t>(known - kKeys.begin());
    if (!named.insert(index).second) fault(key, " is there twice");
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    if (const std::string wrong = WordFault(value, known->marks); !wrong.empty()) fault(key, ": ", wrong);
    words.words_[index] = std::string(value);
  }
  if (!faults.empty()) return faults.status();
  return words;
}

std::string Words::PageTitle(absl::string_view title, absl::string_view site) const {
  return absl::StrReplaceAll((*this)[Word::kPageTitle], {{"{title}", title}, {"{site}", site}});
}

std::string Words::Print(Word pattern, absl::Time time, absl::TimeZone zone) const {
  const absl::TimeZone::CivilInfo at = zone.At(time);
  std::string printed;
  ForEachPart((*this)[pattern], [&](absl::string_view text) { absl::StrAppend(&printed, text); },
              [&](absl::string_view mark) { absl::StrAppend(&printed, DatePart(mark, at, *this)); });
  return printed;
}

}  // namespace broadsheet::gateway
