#include "services/gateway/renderer/moments.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kIdPrefix = "b-";
constexpr std::size_t kMaxIdBytes = 112;
constexpr std::string_view kLabel = " data-degraded=\"";

std::string_view MomentStart() { return {kMomentStart.data(), kMomentStart.size()}; }

// How the page is labelled, as an attribute with a space before it; empty if it is not.
std::string_view LabelOf(std::string_view html) {
  const std::size_t start = html.find("<html ");
  if (start == std::string_view::npos) return {};
  const std::string_view tag = html.substr(start, html.find('>', start) - start);
  const std::size_t label = tag.find(kLabel);
  if (label == std::string_view::npos) return {};
  return tag.substr(label, tag.find('"', label + kLabel.size()) + 1 - label);
}

// Where the page's first moment begins; npos: it has none, or not near enough to its top.
std::size_t FirstMoment(std::string_view html) {
  return html.substr(0, kMaxHeadBytes + kMomentStart.size()).find(MomentStart());
}

// Whether what begins there is the moment with that id.
bool IsMoment(std::string_view html, std::string_view moment) {
  html.remove_prefix(kMomentStart.size());
  html = html.substr(std::min(html.find('"'), html.size()));
  return html.starts_with(absl::StrCat("\" id=\"", std::string(moment), "\""));
}

// How many bytes stand above that moment, where `html` begins with the page's first; npos: it is none of the
// page's, or too much does.
std::size_t BytesAbove(std::string_view html, std::string_view moment) {
  const std::string_view near = html.substr(0, kMaxBytesAbove + kMomentStart.size());
  std::size_t start = 0;
  for (int above = 0; start != std::string_view::npos && above <= kMaxMomentsAbove; ++above) {
    if (IsMoment(html.substr(start), moment)) return start;
    start = near.find(MomentStart(), start + 1);
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::string> CutMoments(std::string_view html, std::string_view moment) {
  const std::size_t first = FirstMoment(html);
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t bytes = BytesAbove(html.substr(first), moment);
  if (bytes == std::string_view::npos) return std::nullopt;
  if (bytes == 0) return "";
  return std::string("<div class=\"moments\"")
      .append(LabelOf(html))
      .append(">\n")
      .append(html.substr(first, bytes))
      .append("</div>\n");
}

bool IsMomentId(std::string_view text) {
  return text.starts_with(kIdPrefix) && text.size() > kIdPrefix.size() && text.size() <= kMaxIdBytes &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.'; });
}

}  // namespace broadsheet::gateway
