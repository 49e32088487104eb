#include "services/gateway/renderer/template_contexts.h"

#include <ctemplate/template.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/gateway/renderer/template_faults.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::string_view kHtmlPragma = "{{%AUTOESCAPE context=\"HTML\"}}";
constexpr absl::string_view kProbe = "{{V}}";
constexpr absl::string_view kPlain = "V:h";               // how the probe is escaped in text, and in quotes
constexpr absl::string_view kUnquoted = "V:H=attribute";  // and in a tag, outside quotes
constexpr absl::string_view kEnds = "</style></title></textarea></script><b x=";
constexpr absl::string_view kDumpsValue = "Variable Node: ";
constexpr std::size_t kNowhere = absl::string_view::npos;
constexpr absl::string_view kAdvice =
    "write the beginning and the end of each tag, value, quote, comment and script on the same side of the "
    "section's marks, both within the section or both outside it";
constexpr absl::string_view kAddressAdvice =
    "write the whole attribute within the section, or the beginning of its address before it";
// To one place; most tags have two or three.
constexpr std::size_t kMaxWays = 64;
// Read by the engine for one template, in bytes, some for each reading: seconds for the longest. A byte of a
// template's own is read some ten times, but for those of tags and scripts with sections in them.
constexpr std::size_t kMaxRead = 16 * 1024 * 1024;
constexpr std::size_t kMaxReadOfByte = 64;
constexpr std::size_t kReading = 64;

// Each value of a template in order, as the engine escapes it: "NAME:h".
using Escapings = std::vector<std::string>;

// Nothing if the engine refuses the text, which it then says in the error log.
std::optional<Escapings> ReadEscapings(absl::string_view text) {
  const std::string whole = absl::StrCat(kHtmlPragma, text);
  const std::unique_ptr<ctemplate::Template> read(
      ctemplate::Template::StringToTemplate(whole.data(), whole.size(), ctemplate::DO_NOT_STRIP));
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

bool IsValue(absl::string_view mark) {
  return !mark.empty() && !absl::StrContains("!#/>%", mark.substr(0, 1));
}

std::size_t CountValues(absl::string_view text) {
  std::size_t values = 0;
  for (std::size_t at = 0; (at = text.find("{{", at)) != kNowhere; at = text.find("}}", at) + 2)
    values += IsValue(text.substr(at + 2)) ? 1 : 0;
  return values;
}

// The name that `text` may be in the middle of, with what stands before it.
std::string Tail(absl::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 &&
         (absl::ascii_isalnum(text[begin - 1]) || absl::StrContains("-_:.", text.substr(begin - 1, 1))))
    --begin;
  const absl::string_view tail = text.substr(begin - std::min<std::size_t>(begin, 1));
  return absl::AsciiStrToLower(begin > 0 && absl::ascii_isspace(tail[0]) ? absl::StrCat(" ", tail.substr(1))
                                                                         : tail);
}

// One way to a place in the template: some sections shown, some not.
struct Way {
  std::string text;                   // what the engine has read since it was last in text, outside all tags
  std::string place;                  // what kind of place it is; empty for text
  std::string next;                   // what else the escaping of what follows may depend on
  std::size_t difference = kNowhere;  // where the section begins by which this is not the way the engine read
};

bool SamePlace(const Way& a, const Way& b) { return a.place == b.place && a.next == b.next; }

bool IsQuoted(const Way& way) {
  return absl::StartsWith(way.place, kUnquoted) != absl::EndsWith(way.place, kUnquoted);
}

// What the newsroom calls it.
std::string Called(const Way& way) {
  const auto next = [&](absl::string_view how) { return absl::StartsWith(way.next, how); };
  if (way.place.empty()) return "in text";
  if (next("V:j") || next("V:J")) return "in a script";
  if (next("V:c")) return "in a style sheet";
  if (IsQuoted(way)) return "in a quoted value";
  if (absl::StartsWith(way.place, kUnquoted)) return "in a value without quotes";
  return next(kUnquoted) ? "in a tag" : "in a comment or an element without tags";
}

// Follows all ways through one template at once.
class Follower {
 public:
  Follower(absl::string_view file, absl::string_view text)
      // What would look like a value where the engine tells what it has read.
      : file_(file), text_(absl::StrReplaceAll(text, {{kDumpsValue, "variable node: "}})), ways_(1) {}

  absl::Status Run() {
    for (std::size_t at, end = kHtmlPragma.size(); (at = text_.find("{{", end)) != kNowhere;) {
      const std::size_t tag = absl::string_view(text_).substr(end, at - end).rfind('>');
      if (tag != kNowhere) tag_ended_ = end + tag + 1;
      end = text_.find("}}", at) + 2;
      if (text_[at + 2] != '#' && text_[at + 2] != '/') continue;
      if (absl::Status passed = PassTo(at); !passed.ok()) return passed;
      from_ = end;
      if (text_[at + 2] == '#') {
        open_.push_back({at, from_, escapings_.size(), ways_});
      } else if (absl::Status left = Leave(at); !left.ok()) {
        return left;
      }
    }
    return PassTo(text_.size());
  }

 private:
  struct Section {
    std::size_t at, begin;  // of its first mark, of what stands in it
    std::size_t values;     // before it
    std::vector<Way> ways;  // to it
  };

  // The section's block may have been passed once, as ways_ were, or never, or once more.
  absl::Status Leave(std::size_t end) {
    const Section section = std::move(open_.back());
    open_.pop_back();
    const absl::string_view block = absl::string_view(text_).substr(section.begin, end - section.begin);
    const Escapings once(escapings_.begin() + static_cast<std::ptrdiff_t>(section.values), escapings_.end());
    std::vector<Way> ways = ways_;
    for (Way way : section.ways) ways.push_back(Through(section, std::move(way)));
    for (const Way& way : ways_) {
      const auto same = [&](const Way& before) { return SamePlace(before, way); };
      if (std::any_of(section.ways.begin(), section.ways.end(), same)) continue;
      Way twice = Through(section, way);
      if (absl::Status passed = Pass(block, once, twice); !passed.ok()) return passed;
      ways.push_back(std::move(twice));
    }
    return Keep(std::move(ways));
  }

  static Way Through(const Section& section, Way way) {
    if (way.difference == kNowhere) way.difference = section.at;
    return way;
  }

  // All ways on to `end`, with a halt where they are likely to be in text.
  absl::Status PassTo(std::size_t end) {
    if (tag_ended_ > from_ && tag_ended_ < end) {
      if (absl::Status passed = PassAll(tag_ended_); !passed.ok()) return passed;
    }
    return PassAll(end);
  }

  absl::Status PassAll(std::size_t end) {
    const absl::string_view text = absl::string_view(text_).substr(from_, end - from_);
    if (text.empty()) return absl::OkStatus();
    std::vector<Way> ways = ways_;
    std::optional<Escapings> expected;
    for (Way& way : ways) {
      if (absl::Status passed = Pass(text, expected, way); !passed.ok()) return passed;
      if (!expected) expected = passed_;
    }
    from_ = end;
    escapings_.insert(escapings_.end(), expected->begin(), expected->end());
    return Keep(std::move(ways));
  }

  // Moves `way` through `text`, whose values, which are then in passed_, have to be escaped as expected.
  absl::Status Pass(absl::string_view text, const std::optional<Escapings>& expected, Way& way) {
    absl::StrAppend(&way.text, text);
    std::optional<Escapings> read = Look(absl::StrCat(way.text, kProbe));
    std::string next = read ? read->back() : "";
    if (read) {
      read->pop_back();
    } else if (read = Look(way.text); !read) {
      return Refused(way);
    }
    const std::size_t values = std::min(read->size(), CountValues(text));
    passed_.assign(read->end() - static_cast<std::ptrdiff_t>(values), read->end());
    if (expected && *expected != passed_) return Differs(way, *expected);
    Locate(std::move(next), way);
    return read_ > kMaxRead + kMaxReadOfByte * text_.size() ? TooLong() : absl::OkStatus();
  }

  // Asks the engine how it would escape a value after some characters that end, or begin, one kind of place.
  // None that it would refuse in a tag: each refusal is a line in the error log.
  void Locate(std::string next, Way& way) {
    if (next == kPlain && Probe(way, "<b x=") == kUnquoted) {
      way.text.clear(), way.place.clear(), way.next.clear();
      return;
    }
    // Within double quotes, within single quotes: in the order that IsQuoted knows.
    way.place = absl::StrCat(Probe(way, " x=\""), " ", Probe(way, "><b x="), " ",
                             next == kUnquoted ? "" : Probe(way, kEnds), " ", Probe(way, " x='"));
    way.next = next;
    const std::string tail = Tail(way.text);
    const bool in_words =
        next == kPlain && (IsQuoted(way) || tail.find_first_of("</!-") == std::string::npos);
    if (!in_words) absl::StrAppend(&way.next, tail);
    // In a script a slash may begin a pattern, with quotes that are none.
    if (absl::StartsWith(next, "V:J")) absl::StrAppend(&way.next, Probe(way, "/\"/"), Probe(way, "/'/"));
  }

  std::string Probe(const Way& way, absl::string_view before) {
    const std::optional<Escapings> read = Look(absl::StrCat(way.text, before, kProbe));
    return read ? read->back() : "";
  }

  std::optional<Escapings> Look(absl::string_view text) {
    read_ += text.size() + kReading;
    return ReadEscapings(text);
  }

  // Of ways to one place the first; to all the first leads the engine.
  absl::Status Keep(std::vector<Way> ways) {
    ways_.clear();
    for (Way& way : ways) {
      if (!ways_.empty() && way.place != ways_.front().place) return Parts(way, ways_.front());
      const auto same = [&](const Way& kept) { return SamePlace(kept, way); };
      if (std::none_of(ways_.begin(), ways_.end(), same)) ways_.push_back(std::move(way));
      if (ways_.size() > kMaxWays) return TooLong();
    }
    return absl::OkStatus();
  }

  // There is one, because both have as many values.
  absl::Status Differs(const Way& way, const Escapings& expected) const {
    std::size_t value = 0;
    while (value + 1 < std::min(expected.size(), passed_.size()) && expected[value] == passed_[value])
      ++value;
    const absl::string_view escaping = expected[value];
    const bool address = absl::StrContains(escaping, ":U=") ||
                         (value < passed_.size() && absl::StrContains(passed_[value], ":U="));
    return Fault(way.difference,
                 absl::StrCat("how {{", escaping.substr(0, escaping.find(':')), "}} has to be escaped"),
                 address ? kAddressAdvice : kAdvice);
  }
  absl::Status Parts(const Way& way, const Way& engines) const {
    const std::string here = Called(engines), there = Called(way);
    const std::string places =
        here == there ? "within quotes or outside them" : absl::StrCat(here, " or ", there);
    return Fault(way.difference, absl::StrCat("whether what follows stands ", places), kAdvice);
  }
  absl::Status Refused(const Way& way) const {
    return Fault(way.difference, "whether the markup can be read", kAdvice);
  }
  absl::Status TooLong() const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", LineAt(text_, from_),
                     ": the tag, value or script here is too long, or has too many sections, to tell "
                     "whether they change how values have to be escaped"));
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
  std::vector<Way> ways_;  // to from_; the first is the engine's own, with each section shown once
  std::size_t from_ = kHtmlPragma.size();
  std::size_t tag_ended_ = 0;  // the last before a mark
  Escapings escapings_;        // on the first way
  Escapings passed_;
  std::vector<Section> open_;
  std::size_t read_ = 0;
};

}  // namespace

absl::Status CheckContexts(absl::string_view file, absl::string_view text) {
  // For XML the engine escapes every value in the same way.
  if (!absl::StartsWith(text, kHtmlPragma)) return absl::OkStatus();
  return Follower(file, text).Run();
}

}  // namespace broadsheet::gateway
