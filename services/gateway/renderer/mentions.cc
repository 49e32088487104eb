#include "services/gateway/renderer/mentions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kTeaser = "<article";
constexpr std::string_view kTeaserEnd = "</article>";
constexpr std::string_view kItem = "<li>\n";
constexpr std::string_view kItemEnd = "</li>\n";
constexpr std::string_view kLink = "<a ";
constexpr std::string_view kStructuredData = "<script type=\"application/ld+json\">";
constexpr std::string_view kHeadEnd = "</head>";
constexpr std::string_view kStoryPage = "<article class=\"story\"";

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

// Whether a line of a list's head may speak of its stories: their data for machines, the picture of one.
bool SpeaksOfStories(std::string_view line) {
  return line.starts_with(kStructuredData) ||
         (line.starts_with("<meta ") && line.find("image") != std::string_view::npos);
}

// The page without such lines.
std::string WithoutStoriesInHead(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  const std::size_t head = html.find(kHeadEnd);
  std::size_t at = 0;
  while (head != std::string_view::npos && at < head) {
    const std::size_t end = std::min(html.find('\n', at), head - 1) + 1;
    const std::string_view line = html.substr(at, end - at);
    if (!SpeaksOfStories(line)) out.append(line);
    at = end;
  }
  return out.append(html.substr(at));
}

}  // namespace

std::optional<std::string> CutMentions(std::string_view html, const ArticleIds& article_ids) {
  const bool list = html.find(kStoryPage) == std::string_view::npos;
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
  if (cut && list) return WithoutStoriesInHead(out);
  return out;
}

}  // namespace broadsheet::gateway
