#include "services/gateway/renderer/template_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/gateway/renderer/mentions.h"
#include "services/gateway/renderer/most_alike.h"
#include "services/gateway/renderer/template_faults.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kNamedNames = 5;  // in place of one that nobody knows

struct OpenSection {
  absl::string_view name;
  std::ptrdiff_t line;
};

// What stands before the marks that `text` ends with: a section or a comment may come to nothing.
absl::string_view WithoutMarks(absl::string_view text) {
  while (absl::EndsWith(text, "}}") && text.rfind("{{") != absl::string_view::npos)
    text = text.substr(0, text.rfind("{{"));
  return text;
}

// Walks the marks of one template in order.
class Checker {
 public:
  Checker(absl::string_view file, absl::string_view text) : file_(file), text_(text) {}

  absl::Status Run() {
    if (text_.size() > kMaxTemplateBytes)
      return Fault(absl::StrCat("is longer than ", kMaxTemplateBytes, " bytes"));
    const absl::string_view context = absl::EndsWith(file_, ".xml") ? "XML" : "HTML";
    const std::string pragma = absl::StrCat("{{%AUTOESCAPE context=\"", context, "\"}}");
    if (!absl::StartsWith(text_, pragma)) return Fault(absl::StrCat("does not begin with ", pragma));
    at_ = pragma.size();
    while ((at_ = text_.find("{{", at_)) != absl::string_view::npos) {
      const size_t end = text_.find("}}", at_);
      if (end == absl::string_view::npos) return Fault("{{ without }}");
      if (absl::Status mark = CheckMark(text_.substr(at_ + 2, end - at_ - 2)); !mark.ok()) return mark;
      at_ = end + 2;
    }
    if (absl::Status story = CheckStory(); !story.ok()) return story;
    if (open_.empty())
      return absl::EndsWith(absl::StrCat("/", file_), "/page.html") ? CheckFrame() : CheckMentions();
    return FaultAt(open_.back().line, absl::StrCat("section ", open_.back().name, " is not closed"));
  }

 private:
  // What page.js and mentions.h know a story's page by, and where its moments stand.
  absl::Status CheckStory() const {
    if (!absl::EndsWith(file_, "article.html")) return absl::OkStatus();
    if (!absl::StrContains(text_, "{{MOMENTS_HTML:none}}"))
      return FaultAt(1, "has no {{MOMENTS_HTML:none}}: a live story would lose its text");
    if (absl::StrContains(text_, kStoryPage)) return absl::OkStatus();
    return FaultAt(1, absl::StrCat("has no ", kStoryPage,
                                   " …>, written so and with no other class: that a story is read would not "
                                   "be counted, and when one that it mentions is withdrawn the page would "
                                   "lose its own picture and data in the head"));
  }

  // A teaser that was withdrawn is cut out of finished pages (mentions.h), so its template has to be one
  // whole element that can be found.
  absl::Status CheckMentions() const {
    if (!absl::EndsWith(file_, "teaser.html")) return absl::OkStatus();
    const absl::string_view element = absl::StripAsciiWhitespace(text_.substr(text_.find("}}") + 2));
    const bool whole = absl::StartsWith(element, "<article ") && absl::EndsWith(element, "</article>") &&
                       element.rfind("<article") == 0 && element.find("</article>") + 10 == element.size();
    const std::size_t mark = element.find(" data-story=\"{{ARTICLE_ID}}\"");
    if (whole && mark < element.find('>')) return absl::OkStatus();
    return FaultAt(1, "a teaser is one <article … data-story=\"{{ARTICLE_ID}}\"> and nothing around it");
  }

  // What is put into finished pages has its place in their frame, and what they are about as well.
  absl::Status CheckFrame() {
    for (const auto& [mark, loss] : {std::pair("{{>MAIN}}", "pages would lose what they are about"),
                                     std::pair("<!--notice-->", "pages would not say that they are old")}) {
      if (!absl::StrContains(text_, mark)) return FaultAt(1, absl::StrCat("has no ", mark, ": ", loss));
    }
    // Where an element begins that is or should be the one.
    at_ = absl::AsciiStrToLower(text_).find("<html");
    if (at_ == absl::string_view::npos) return FaultAt(1, "has no <html …>");
    counted_ = 0, line_ = 1;
    const absl::string_view element = text_.substr(at_, text_.find('\n', at_) - at_);
    if (absl::StartsWith(element, "<html ") && absl::StrContains(element, "data-degraded=\"{{DEGRADED}}\""))
      return absl::OkStatus();
    return Fault(
        "a degraded page would not be labelled: write <html lang=\"{{LANGUAGE}}\" "
        "dir=\"{{DIRECTION}}\"{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}> in one line");
  }

  absl::Status CheckMark(absl::string_view mark) {
    const char kind = mark.empty() ? '\0' : mark[0];
    if (kind == '!') return absl::OkStatus();
    if (kind == '#') return Open(mark.substr(1));
    if (kind == '/') return Close(mark.substr(1));
    if (kind == '>') return IsName(mark.substr(1)) ? absl::OkStatus() : Fault(Quoted("not a name: ", mark));
    return CheckValue(mark);
  }

  absl::Status CheckValue(absl::string_view mark) {
    const size_t colon = mark.find(':');
    const absl::string_view name = mark.substr(0, colon);
    if (!IsName(name)) return Fault(Quoted("not a name: ", name));
    const absl::string_view before = WithoutMarks(text_.substr(0, at_));
    if (absl::EndsWith(before, "<") || absl::EndsWith(before, "</"))
      return Fault("a value cannot be the name of an element");
    const bool markup = absl::EndsWith(name, "_HTML") || absl::EndsWith(name, "_JSON");
    if (colon == absl::string_view::npos) {
      return markup ? Fault(absl::StrCat(name, " is markup already: write {{", name, ":none}}"))
                    : absl::OkStatus();
    }
    if (mark.substr(colon) != ":none")
      return Fault(Quoted("only :none may follow a name, not ", mark.substr(colon)));
    return markup ? absl::OkStatus() : Fault(absl::StrCat("escaping must not be switched off for ", name));
  }

  absl::Status Open(absl::string_view name) {
    if (!IsName(name)) return Fault(Quoted("not a name: ", name));
    if (open_.size() >= kMaxNesting)
      return Fault(absl::StrCat("more than ", kMaxNesting, " sections in each other"));
    open_.push_back({name, Line()});
    return absl::OkStatus();
  }

  absl::Status Close(absl::string_view name) {
    if (open_.empty()) return Fault(Quoted("closes a section that is not open: ", name));
    if (open_.back().name != name) {
      return Fault(absl::StrCat("closes ", name, ", but ", open_.back().name, " of line ", open_.back().line,
                                " is open"));
    }
    open_.pop_back();
    return absl::OkStatus();
  }

  static bool IsName(absl::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_' || absl::ascii_islower(c);
    });
  }
  static std::string Quoted(absl::string_view reason, absl::string_view what) {
    return absl::StrCat(reason, "\"", what, "\"");
  }

  // That of at_, which only grows: counted on from where it was asked for last.
  std::ptrdiff_t Line() {
    const absl::string_view since = text_.substr(counted_, at_ - counted_);
    line_ += std::count(since.begin(), since.end(), '\n');
    counted_ = at_;
    return line_;
  }
  absl::Status Fault(absl::string_view reason) { return FaultAt(Line(), reason); }
  absl::Status FaultAt(std::ptrdiff_t line, absl::string_view reason) const {
    // In one line, whatever it quotes.
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", line, ": ", absl::StrReplaceAll(reason, {{"\n", " "}})));
  }

  absl::string_view file_;
  absl::string_view text_;
  size_t at_ = 0;
  size_t counted_ = 0;
  std::ptrdiff_t line_ = 1;  // of counted_
  std::vector<OpenSection> open_;
};

// Calls `see` with the place and the text of each whole mark.
template <class See>
void ForEachMark(absl::string_view text, const See& see) {
  for (std::size_t begin = 0; (begin = text.find("{{", begin)) != absl::string_view::npos;) {
    const std::size_t end = text.find("}}", begin);
    if (end == absl::string_view::npos) return;
    see(begin, text.substr(begin + 2, end - begin - 2));
    begin = end + 2;
  }
}

// Looks names up as the engine does: in the sections around them, from the innermost outwards.
class NameLookup {
 public:
  explicit NameLookup(const KnownMarks& known) : known_(known) {}

  // Whether the mark, without modifiers, is known where the marks given before have led; in a section that is
  // not known, everything is.
  bool Take(absl::string_view mark) {
    const char kind = mark.empty() ? '\0' : mark[0];
    if (kind == '!' || kind == '%') return true;
    if (unknown_sections_ > 0) {
      unknown_sections_ += kind == '#' ? 1 : kind == '/' ? -1 : 0;
      return true;
    }
    if (kind == '/') return scopes_.pop_back(), true;
    if (IsTheEngines(mark)) return kind != '#' || (scopes_.push_back(scopes_.back()), true);
    const std::optional<std::string> scope = Find(mark);
    if (!scope) return unknown_sections_ = kind == '#' ? 1 : 0, false;
    if (kind == '#') scopes_.push_back(absl::StrCat(*scope, mark.substr(1), "/"));
    return true;
  }

  // The sections around one place where it is known, as they are written; empty if there is none.
  std::string Elsewhere(absl::string_view mark) const {
    for (const std::string& known : known_) {
      if (!absl::EndsWith(known, absl::StrCat("/", mark))) continue;
      const absl::string_view scope = absl::string_view(known).substr(0, known.size() - mark.size() - 1);
      return absl::StrCat("{{#", absl::StrReplaceAll(scope, {{"/", "}}{{#"}}), "}}");
    }
    return "";
  }

  // What is known where the marks given before have led and is most like it: "{{HEADLINE}} {{KICKER}}".
  std::string Nearest(absl::string_view mark) const {
    const auto kind = [](absl::string_view m) { return m.empty() || absl::ascii_isalnum(m[0]) ? 'v' : m[0]; };
    std::vector<std::string> here;
    for (const std::string& known : known_) {
      const absl::string_view name = absl::string_view(known).substr(known.rfind('/') + 1);
      const absl::string_view scope = absl::string_view(known).substr(0, known.size() - name.size());
      if (kind(name) == kind(mark) && absl::StartsWith(scopes_.back(), scope)) here.emplace_back(name);
    }
    const std::vector<std::string> nearest = MostAlike(mark, std::move(here), kNamedNames);
    return nearest.empty() ? "" : absl::StrCat("{{", absl::StrJoin(nearest, "}} {{"), "}}");
  }

 private:
  // Set by the engine itself: white space, and what stands between the entries of the section around it.
  bool IsTheEngines(absl::string_view mark) const {
    if (mark == "BI_SPACE" || mark == "BI_NEWLINE") return true;
    return absl::ConsumePrefix(&mark, "#") && absl::ConsumeSuffix(&mark, "_separator") && !mark.empty() &&
           absl::EndsWith(absl::StrCat("/", scopes_.back()), absl::StrCat("/", mark, "/"));
  }

  std::optional<std::string> Find(absl::string_view mark) const {
    for (absl::string_view scope = scopes_.back();;) {
      if (known_.contains(absl::StrCat(scope, mark))) return std::string(scope);
      if (scope.empty()) return std::nullopt;
      scope = scope.substr(0, scope.rfind('/', scope.size() - 2) + 1);
    }
  }

  const KnownMarks& known_;
  std::vector<std::string> scopes_ = {""};  // "LIVE/ENDED/", the innermost last
  int unknown_sections_ = 0;                // in each other, within the innermost of scopes_
};

}  // namespace

absl::Status CheckNames(absl::string_view file, absl::string_view text, const KnownMarks& known) {
  NameLookup lookup(known);
  TemplateFaults faults;
  ForEachMark(text, [&](std::size_t begin, absl::string_view mark) {
    const absl::string_view name = mark[0] == '%' ? mark : mark.substr(0, mark.find(':'));
    if (faults.full() || lookup.Take(name)) return;
    const std::string elsewhere = lookup.Elsewhere(name), nearest = lookup.Nearest(name);
    faults.Add(absl::InvalidArgumentError(absl::StrCat(
        file, ":", LineAt(text, begin), ": nothing is ever set for {{", name, "}} ",
        elsewhere.empty() ? "in this file" : "here, only within ", elsewhere,
        elsewhere.empty() && !nearest.empty() ? "; here there are " : "", elsewhere.empty() ? nearest : "")));
  });
  return faults.status();
}

std::string BeginningOfTemplate(absl::string_view text, std::size_t size) {
  std::vector<absl::string_view> open;
  ForEachMark(text, [&](std::size_t begin, absl::string_view mark) {
    if (begin >= size) return;
    if (begin + mark.size() + 4 > size) {
      size = begin;
    } else if (absl::ConsumePrefix(&mark, "#")) {
      open.push_back(mark);
    } else if (absl::StartsWith(mark, "/")) {
      open.pop_back();
    }
  });
  std::string beginning(text.substr(0, size));
  for (; !open.empty(); open.pop_back()) absl::StrAppend(&beginning, "{{/", open.back(), "}}");
  return beginning;
}

absl::Status CheckTemplate(absl::string_view file, absl::string_view text) {
  return Checker(file, text).Run();
}

}  // namespace broadsheet::gateway
