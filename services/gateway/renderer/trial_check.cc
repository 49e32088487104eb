#include "services/gateway/renderer/trial_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/template_faults.h"

namespace broadsheet::gateway {
namespace {

constexpr char kFrameFile[] = "page.html";
constexpr char kNoticePlace[] = "<!--notice-->";
constexpr char kLabelName[] = "data-degraded";

// What stands between the first `begin` and the next `end`; empty unless both are there.
absl::string_view Between(absl::string_view text, absl::string_view begin, absl::string_view end) {
  const std::size_t start = text.find(begin);
  if (start == absl::string_view::npos) return {};
  text.remove_prefix(start + begin.size());
  const std::size_t size = text.find(end);
  return size == absl::string_view::npos ? absl::string_view() : text.substr(0, size);
}

// Whether there is anything to read in that markup, be it the words that stand for a picture.
bool HasWords(absl::string_view markup) {
  if (const absl::string_view alt = Between(markup, "alt=\"", "\""); !alt.empty()) return true;
  bool tag = false;
  for (const char c : markup) {
    if (c == '<') tag = true;
    if (!tag && !absl::ascii_isspace(static_cast<unsigned char>(c))) return true;
    if (c == '>') tag = false;
  }
  return false;
}

// Whether an element of that name holds the words; any words if `words` is empty.
bool ElementHolds(absl::string_view html, absl::string_view name, absl::string_view words) {
  const std::string begin = absl::StrCat("<", name), end = absl::StrCat("</", name);
  for (std::size_t at = 0; (at = html.find(begin, at)) != absl::string_view::npos;) {
    at += begin.size();
    const absl::string_view element = html.substr(at);
    if (element.empty() || absl::ascii_isalnum(static_cast<unsigned char>(element[0]))) continue;
    const absl::string_view inside = Between(element, ">", end);
    if (words.empty() ? HasWords(inside) : absl::StrContains(inside, words)) return true;
  }
  return false;
}

int CountOf(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != absl::string_view::npos; at += part.size()) ++count;
  return count;
}

// How the page is labelled, in quotation marks as it stands there; "" if it is not, "?" if twice or
// otherwise.
std::string LabelOfTrial(absl::string_view html) {
  const std::string tag = absl::StrCat(" ", Between(html, "<html ", ">"));
  if (!absl::StrContains(tag, kLabelName)) return "";
  const absl::string_view label = Between(tag, absl::StrCat(" ", kLabelName, "=\""), "\"");
  return label.empty() || CountOf(tag, kLabelName) != 1 ? "?" : std::string(label);
}

// The tags of it may be left out, or be in capitals: then all behind the head is taken for it.
absl::string_view BodyOf(absl::string_view html) {
  const absl::string_view body = Between(html, "<body", "</body");
  return body.empty() ? html.substr(std::min(html.find("</title"), html.size())) : body;
}

// Whether the place of the notice is one, in the body, and not within another comment.
bool HasRoomForNotice(absl::string_view html) {
  const absl::string_view body = BodyOf(html);
  if (CountOf(html, kNoticePlace) != 1 || CountOf(body, kNoticePlace) != 1) return false;
  const absl::string_view before = body.substr(0, body.find(kNoticePlace));
  return CountOf(before, "<!--") == CountOf(before, "-->");
}

// Looks at trial pages one after the other, and says of several that lack the same what the first of them
// lacks.
class TrialCheck {
 public:
  TrialCheck(absl::string_view folder, const std::map<std::string, std::string>& texts)
      : folder_(folder), texts_(texts) {}

  void Look(const TrialPage& page) {
    LookForWords(page);
    if (page.degraded.empty()) return;  // not HTML
    LookForHeadings(page);
    LookForLabels(page);
    LookForNotice(page);
  }

  absl::Status status() const { return faults_.status(); }

 private:
  // `begin`: of what stands in the file where it is lacking; empty if it might stand anywhere.
  void Lacks(const TrialPage& page, const std::string& file, absl::string_view begin,
             absl::string_view what) {
    if (!told_.insert(absl::StrCat(file, " ", what)).second) return;
    faults_.Add(absl::InvalidArgumentError(
        absl::StrCat(folder_, file, LineOf(file, begin), ": ", page.what, " would have no ", what)));
  }

  // ":9"; empty if it is not there, or in several places.
  std::string LineOf(const std::string& file, absl::string_view begin) const {
    const auto found = texts_.find(file);
    if (begin.empty() || found == texts_.end() || CountOf(found->second, begin) != 1) return "";
    return absl::StrCat(":", LineAt(found->second, absl::string_view(found->second).find(begin)));
  }

  // What machines are told in the head does not count.
  void LookForWords(const TrialPage& page) {
    const absl::string_view seen = page.degraded.empty() ? absl::string_view(page.text) : BodyOf(page.text);
    for (const std::string& words : page.shown) {
      if (!absl::StrContains(seen, words))
        Lacks(page, page.file, "", absl::StrCat("\"", words, "\", which stands for its text"));
    }
  }

  void LookForHeadings(const TrialPage& page) {
    if (!ElementHolds(page.text, "title", page.heading))
      Lacks(page, kFrameFile, "<title", "<title> that says what it is");
    if (!ElementHolds(page.text, "h1", page.heading))
      Lacks(page, page.file, "<h1", "<h1> that says what it is");
  }

  void LookForLabels(const TrialPage& page) {
    if (LabelOfTrial(page.text).empty() && LabelOfTrial(page.degraded) == kTrialPart &&
        LabelOfTrial(page.old) == absl::StrCat("stale ", kTrialPart))
      return;
    Lacks(page, kFrameFile, "<html",
          "data-degraded when and only when it is degraded: an <html …{{#DEGRADED}} "
          "data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>");
  }

  void LookForNotice(const TrialPage& page) {
    if (!HasRoomForNotice(page.text)) {
      Lacks(page, kFrameFile, kNoticePlace,
            absl::StrCat("place for a notice in its body, once: ", kNoticePlace));
    } else if (page.old == absl::StrReplaceAll(page.young, {{kNoticePlace, ""}})) {
      Lacks(page, "notice.html", "", "notice");
    }
  }

  const absl::string_view folder_;
  const std::map<std::string, std::string>& texts_;
  std::set<std::string> told_;
  TemplateFaults faults_;
};

}  // namespace

absl::Status CheckTrialPages(const std::vector<TrialPage>& pages, absl::string_view folder,
                             const std::map<std::string, std::string>& texts) {
  TrialCheck check(folder, texts);
  for (const TrialPage& page : pages) check.Look(page);
  return check.status();
}

}  // namespace broadsheet::gateway
