#include "services/gateway/renderer/template_contexts.h"

#include <ctemplate/template.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/gateway/renderer/template_faults.h"
#include "services/gateway/renderer/template_normal_form.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::string_view kHtmlPragma = "{{%AUTOESCAPE context=\"HTML\"}}";
constexpr absl::string_view kProbe = "{{V}}";
constexpr absl::string_view kDumpsValue = "Variable Node: ";
constexpr std::size_t kNowhere = absl::string_view::npos;
constexpr absl::string_view kAdvice =
    "write the beginning and the end of each tag, value, quote, comment and script on the same side of the "
    "section's marks, both within the section or both outside it";
constexpr absl::string_view kAddressAdvice =
    "write the whole attribute within the section, or the beginning of its address before it";
// To one place; most have two or three.
constexpr std::size_t kMaxWays = 64;
// Read by the engine for one template, in bytes, some for each reading: seconds for the longest. A byte of a
// template's own is read some ten times, many times only where nothing can be left out (NormalForm).
constexpr std::size_t kMaxRead = 16 * 1024 * 1024;
constexpr std::size_t kMaxReadOfByte = 64;
constexpr std::size_t kReading = 64;

// Each value of a template in order, as the engine escapes it: "NAME:h".
using Escapings = std::vector<std::string>;

// Nothing if the engine refuses the text, which it then says in the error log.
std::optional<Escapings> ReadEscapings(absl::string_view text, ctemplate::Strip strip) {
  const std::string whole = absl::StrCat(kHtmlPragma, text);
  const std::unique_ptr<ctemplate::Template> read(
      ctemplate::Template::StringToTemplate(whole.data(), whole.size(), strip));
  if (read == nullptr) return std::nullopt;
  std::string dump;
  read->DumpToString("", &dump);
  Escapings escapings;
  for (absl::string_view line : absl::StrSplit(dump, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, kDumpsValue)) escapings.emplace_back(line);
  }
  return escapings;
}

// One way to a place in the template: some sections shown, some not.
struct Way {
  std::string text;                   // the normal form of what the engine has read
  std::string answer;                 // how it would escape a value here
  std::string place;                  // what kind of place it is, as people see it; empty for text
  std::size_t difference = kNowhere;  // where the section begins by which this is not the way the engine read
};

bool Has(const std::vector<Way>& ways, const Way& way) {
  return std::any_of(ways.begin(), ways.end(), [&](const Way& one) { return one.text == way.text; });
}

void Add(const std::vector<Way>& more, std::vector<Way>& ways) {
  for (const Way& way : more) {
    if (!Has(ways, way)) ways.push_back(way);
  }
}

// What the newsroom calls it.
std::string Called(const Way& way) {
  const auto here = [&](absl::string_view how) { return absl::StartsWith(way.answer, how); };
  if (way.place.empty()) return "in text";
  if (here(kInString) || here(kInScript)) return "in a script";
  if (here(kInStyle)) return "in a style sheet";
  // After what ends a value in double quotes, in single quotes.
  const bool by_double = absl::StartsWith(way.place, kUnquoted),
             by_single = absl::EndsWith(way.place, kUnquoted);
  if (by_double != by_single) return "in a quoted value";
  if (by_double) return "in a value without quotes";
  return here(kUnquoted) ? "in a tag" : "in a comment or an element without tags";
}

// Follows all ways through one template at once.
class Follower {
 public:
  Follower(absl::string_view file, absl::string_view text)
      // What would look like a value where the engine tells what it has read.
      : file_(file), text_(absl::StrReplaceAll(text, {{kDumpsValue, "variable node: "}})) {}

  absl::Status Run() {
    FindMarks();
    // As TemplateEngine has it: what that leaves out is white space, which no part of a text may lack here.
    std::optional<Escapings> read =
        Look(absl::string_view(text_).substr(kHtmlPragma.size()), ctemplate::STRIP_BLANK_LINES);
    if (!read || read->size() != values_.size()) return Refused(Way());
    escapings_ = *std::move(read);
    std::vector<Way> ways(1);
    return Follow(kHtmlPragma.size(), text_.size(), ways);
  }

 private:
  struct Section {
    std::size_t begin = 0, end = 0, behind = 0;  // of what stands in it, behind its last mark
    std::vector<Way> begun, ended;               // followed so far to its beginning, and through it
  };

  void FindMarks() {
    std::vector<Section*> open;
    for (std::size_t at, end = kHtmlPragma.size(); (at = text_.find("{{", end)) != kNowhere;) {
      end = text_.find("}}", at) + 2;
      const char kind = text_[at + 2];
      if (kind == '#') {
        open.push_back(&sections_[at]);
        open.back()->begin = end;
      } else if (kind == '/') {
        open.back()->end = at, open.back()->behind = end;
        open.pop_back();
      } else if (!absl::StrContains("!>%", text_.substr(at + 2, 1))) {
        values_.push_back(at);
      }
    }
  }

  // All ways from `begin` on to `end`.
  absl::Status Follow(std::size_t begin, std::size_t end, std::vector<Way>& ways) {
    for (auto next = sections_.lower_bound(begin); next != sections_.end() && next->first < end;
         next = sections_.lower_bound(begin)) {
      if (absl::Status passed = PassAll(begin, next->first, ways); !passed.ok()) return passed;
      if (absl::Status passed = FollowSection(next->first, next->second, ways); !passed.ok()) return passed;
      begin = next->second.behind;
    }
    return PassAll(begin, end, ways);
  }

  // The section may be passed once, or never, or again and again: until that leads nowhere else. If others
  // have led to it before, they are among `ways` then, too.
  absl::Status FollowSection(std::size_t at, Section& section, std::vector<Way>& ways) {
    while (true) {
      std::vector<Way> fresh;
      for (const Way& way : ways) {
        if (!Has(section.begun, way)) fresh.push_back(way);
      }
      if (fresh.empty()) break;
      Add(fresh, section.begun);
      if (section.begun.size() > kMaxWays) return TooMany();
      if (absl::Status passed = Follow(section.begin, section.end, fresh); !passed.ok()) return passed;
      Add(fresh, section.ended);
      for (const std::vector<Way>* some : {&section.begun, &section.ended}) {
        for (const Way& way : *some) {
          if (way.place != section.ended.front().place) return Parts(Through(at, way), section.ended.front());
        }
      }
      ways.clear();
      for (const Way& way : section.ended) ways.push_back(Through(at, way));
    }
    ways = section.ended;
    for (const Way& way : section.begun) Add({Through(at, way)}, ways);
    return ways.size() > kMaxWays ? TooMany() : absl::OkStatus();
  }

  static Way Through(std::size_t section, Way way) {
    if (way.difference == kNowhere) way.difference = section;
    return way;
  }

  absl::Status PassAll(std::size_t begin, std::size_t end, std::vector<Way>& ways) {
    from_ = begin;
    if (begin == end) return absl::OkStatus();
    std::vector<Way> passed;
    for (Way& way : ways) {
      if (absl::Status status = Pass(begin, end, way); !status.ok()) return status;
      Add({way}, passed);
    }
    ways = std::move(passed);
    return absl::OkStatus();
  }

  // Moves `way` on, through values that have to be escaped as the engine does.
  absl::Status Pass(std::size_t begin, std::size_t end, Way& way) {
    const absl::string_view text = absl::string_view(text_).substr(begin, end - begin);
    const std::string whole = absl::StrCat(way.text, text);
    const std::optional<Escapings> read = Look(whole);
    const auto first = std::lower_bound(values_.begin(), values_.end(), begin),
               last = std::lower_bound(values_.begin(), values_.end(), end);
    if (!read || static_cast<std::ptrdiff_t>(read->size()) < last - first) return Refused(way);
    const auto expected = escapings_.begin() + (first - values_.begin());
    const auto mismatch = std::mismatch(expected, expected + (last - first), read->end() - (last - first));
    if (mismatch.first != expected + (last - first)) return Differs(way, *mismatch.first, *mismatch.second);
    way.text = NormalForm(absl::StrCat(way.text, SeenByEngine(way.text, text)),
                          [this](absl::string_view before) { return Ask(before); });
    way.answer = Ask(way.text);
    way.place = way.text.empty() ? "" : PlaceAfter(way);
    return read_ > kMaxRead + kMaxReadOfByte * text_.size() ? TooMany() : absl::OkStatus();
  }

  // The engine's answers after what ends, or begins, one kind of place. None that it would refuse in a tag:
  // each refusal is a line in the error log.
  std::string PlaceAfter(const Way& way) {
    const auto after = [&](absl::string_view before) { return Ask(absl::StrCat(way.text, before)); };
    return absl::StrCat(after(" x=\""), " ", after("><b x="), " ",
                        way.answer == kUnquoted ? "" : after(kEnds), " ", after(" x='"));
  }

  std::string Ask(absl::string_view before) {
    const std::optional<Escapings> read = Look(absl::StrCat(before, kProbe));
    return read ? read->back() : "";
  }

  std::optional<Escapings> Look(absl::string_view text, ctemplate::Strip strip = ctemplate::DO_NOT_STRIP) {
    read_ += text.size() + kReading;
    return ReadEscapings(text, strip);
  }

  absl::Status Differs(const Way& way, absl::string_view escaping, absl::string_view other) const {
    const bool address = absl::StrContains(escaping, ":U=") || absl::StrContains(other, ":U=");
    return Fault(way.difference,
                 absl::StrCat("how {{", escaping.substr(0, escaping.find(':')), "}} has to be escaped"),
                 address ? kAddressAdvice : kAdvice);
  }
  absl::Status Parts(const Way& way, const Way& engines) const {
    const std::string here = Called(engines), there = Called(way);
    const absl::string_view where = here == "in a script"
                                        ? "in a string, in a comment or in the script itself"
                                        : "within quotes or a comment, or outside them";
    const std::string places = here == there ? std::string(where) : absl::StrCat(here, " or ", there);
    return Fault(way.difference, absl::StrCat("whether what follows stands ", places), kAdvice);
  }
  absl::Status Refused(const Way& way) const {
    return Fault(way.difference, "whether the markup can be read", kAdvice);
  }
  absl::Status TooMany() const {
    return absl::InvalidArgumentError(absl::StrCat(
        file_, ":", LineAt(text_, from_),
        ": too many sections, or one too intricate, in the tag, value, comment or script here to "
        "tell whether they change how values have to be escaped"));
  }

  absl::Status Fault(std::size_t section, absl::string_view what, absl::string_view advice) const {
    const std::size_t at = section == kNowhere ? from_ : section;
    const std::string mark =
        section == kNowhere ? "a section" : text_.substr(at, text_.find("}}", at) + 2 - at);
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", LineAt(text_, at), ": ", what,
                                                   " depends on how often ", mark,
                                                   " is shown (never, once, more often): ", advice));
  }

  absl::string_view file_;
  std::string text_;
  std::map<std::size_t, Section> sections_;  // by where their first marks stand
  std::vector<std::size_t> values_;          // where they stand
  Escapings escapings_;                      // of values_, with each section shown once
  std::size_t from_ = kHtmlPragma.size();    // passed last
  std::size_t read_ = 0;
};

}  // namespace

absl::Status CheckContexts(absl::string_view file, absl::string_view text) {
  // For XML the engine escapes every value in the same way.
  if (!absl::StartsWith(text, kHtmlPragma)) return absl::OkStatus();
  return Follower(file, text).Run();
}

}  // namespace broadsheet::gateway
