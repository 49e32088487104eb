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

// Where the element with that id begins; npos: there is none, or it is no moment's.
std::size_t FindMoment(std::string_view html, std::string_view moment) {
  const std::size_t id = html.find(absl::StrCat(" id=\"", std::string(moment), "\""));
  if (id == std::string_view::npos) return id;
  const std::size_t start = html.rfind('<', id);
  return html.substr(start).starts_with(MomentStart()) ? start : std::string_view::npos;
}

}  // namespace

std::optional<std::string> CutMoments(std::string_view html, std::string_view moment) {
  const std::size_t end = FindMoment(html, moment);
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t first = html.find(MomentStart());
  if (first == end) return "";
  return std::string("<div class=\"moments\"")
      .append(LabelOf(html))
      .append(">\n")
      .append(html.substr(first, end - first))
      .append("</div>\n");
}

bool IsMomentId(std::string_view text) {
  return text.starts_with(kIdPrefix) && text.size() > kIdPrefix.size() && text.size() <= kMaxIdBytes &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.'; });
}

}  // namespace broadsheet::gateway
