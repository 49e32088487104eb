#include "services/gateway/renderer/mentions.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kTeaser = "<article";
constexpr std::string_view kTeaserEnd = "</article>";
constexpr std::string_view kItem = "<li>\n";
constexpr std::string_view kItemEnd = "</li>\n";
constexpr std::string_view kLink = "<a ";

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Moves everything before `html`'s position `end` to `out`.
void Take(std::string_view& html, std::size_t end, std::string& out) {
  out.append(html.substr(0, end));
  html.remove_prefix(end);
}

// Drops the teaser that `html` begins with, and the item of a list that holds nothing else. False: it has no
// end.
bool DropTeaser(std::string_view& html, std::string& out) {
  const std::size_t end = html.find(kTeaserEnd);
  if (end == std::string_view::npos) return false;
  html.remove_prefix(end + kTeaserEnd.size());
  ConsumePrefix(html, "\n");
  std::string_view after = html;
  ConsumePrefix(after, "\n");
  if (out.ends_with(kItem) && ConsumePrefix(after, kItemEnd)) {
    out.resize(out.size() - kItem.size());
    html = after;
  }
  return true;
}

// Makes the link that `html` begins with a mere `<a>`: a place where a link might have been.
bool DropAddress(std::string_view& html, std::string& out) {
  const std::size_t end = html.find('>');
  if (end == std::string_view::npos) return false;
  out.append("<a>");
  html.remove_prefix(end + 1);
  return true;
}

// How long the element is that `html` begins with, if it may speak of a list's stories: their data for
// machines, the picture of one. Whatever else stands on its line, and however a newsroom writes it.
std::size_t LengthIfOfStories(std::string_view html) {
  const absl::string_view element(html.data(), html.size());
  const std::string tag = absl::AsciiStrToLower(element.substr(0, element.find('>')));
  const auto is = [&tag](absl::string_view name) { return absl::StartsWith(tag, name); };
  const auto says = [&tag](absl::string_view word) { return absl::StrContains(tag, word); };
  const bool picture = (is("<meta") && says("image")) || (is("<link") && says("preload") && says("image"));
  if (picture) return std::min(tag.size() + 1, html.size());
  if (!is("<script") || !says("ld+json")) return 0;
  // Its text has no "<" of its own.
  const std::size_t end = element.find('>', element.find("</", tag.size()));
  return end == absl::string_view::npos ? html.size() : end + 1;
}

// The page without such elements, and without the lines that held nothing else.
std::string WithoutDataOfStories(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  while (!html.empty()) {
    Take(html, std::min(html.find('<'), html.size()), out);
    if (const std::size_t length = LengthIfOfStories(html); length > 0) {
      html.remove_prefix(length);
      if (out.ends_with('\n')) ConsumePrefix(html, "\n");
    } else if (!html.empty()) {
      Take(html, 1, out);
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> CutMentions(std::string_view html, const ArticleIds& article_ids) {
  const bool list =
      html.find(std::string_view(kStoryPage.data(), kStoryPage.size())) == std::string_view::npos;
  std::string out;
  out.reserve(html.size());
  bool cut = false;
  const std::string mark = absl::StrCat(kMentionAttribute, "\"");
  for (std::size_t at = 0; (at = html.find(mark, at)) != std::string_view::npos;) {
    const std::size_t id_at = at + mark.size();
    const std::string_view id = html.substr(id_at, html.find('"', id_at) - id_at);
    const std::size_t tag = html.rfind('<', at);
    at = id_at;
    if (tag == std::string_view::npos || !article_ids.contains(id)) continue;
    const bool teaser = html.substr(tag).starts_with(kTeaser);
    if (!teaser && !html.substr(tag).starts_with(kLink)) continue;
    Take(html, tag, out);
    if (!(teaser ? DropTeaser(html, out) : DropAddress(html, out))) return std::nullopt;
    cut = true;
    at = 0;
  }
  out.append(html);
  if (cut && list) return WithoutDataOfStories(out);
  return out;
}

}  // namespace broadsheet::gateway
