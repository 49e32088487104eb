#include "services/gateway/renderer/trial_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

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

absl::Status Lacking(absl::string_view file, const TrialPage& page, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", page.what, " would have no ", what));
}

// What machines are told in the head does not count.
absl::Status CheckWords(const TrialPage& page) {
  const bool html = !page.degraded.empty();
  const absl::string_view seen = html ? BodyOf(page.text) : absl::string_view(page.text);
  for (const std::string& words : page.shown) {
    if (!absl::StrContains(seen, words))
      return Lacking(page.file, page, absl::StrCat("\"", words, "\", which stands for its text"));
  }
  return absl::OkStatus();
}

absl::Status CheckHeadings(const TrialPage& page) {
  if (!ElementHolds(page.text, "title", page.heading))
    return Lacking(kFrameFile, page, "<title> that says what it is");
  if (!ElementHolds(page.text, "h1", page.heading))
    return Lacking(page.file, page, "<h1> that says what it is");
  return absl::OkStatus();
}

absl::Status CheckLabels(const TrialPage& page) {
  if (LabelOfTrial(page.text).empty() && LabelOfTrial(page.degraded) == kTrialPart &&
      LabelOfTrial(page.old) == absl::StrCat("stale ", kTrialPart))
    return absl::OkStatus();
  return Lacking(kFrameFile, page,
                 "data-degraded when and only when it is degraded: an <html …{{#DEGRADED}} "
                 "data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>");
}

absl::Status CheckNotice(const TrialPage& page) {
  if (!HasRoomForNotice(page.text))
    return Lacking(kFrameFile, page, absl::StrCat("place for a notice in its body, once: ", kNoticePlace));
  if (page.old == absl::StrReplaceAll(page.young, {{kNoticePlace, ""}}))
    return Lacking("notice.html", page, "notice");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTrialPage(const TrialPage& page) {
  absl::Status sound = CheckWords(page);
  if (page.degraded.empty()) return sound;  // not HTML
  for (const auto check : {CheckHeadings, CheckLabels, CheckNotice}) {
    if (sound.ok()) sound = check(page);
  }
  return sound;
}

}  // namespace broadsheet::gateway
