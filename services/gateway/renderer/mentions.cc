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
constexpr std::string_view kMeta = "<meta";
constexpr std::string_view kScript = "<script";
constexpr std::string_view kScriptEnd = "</script>";
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

// How long the element is that `html` begins with, if it may speak of a list's stories: their data for
// machines, the picture of one. Whatever else stands on its line, and however a newsroom writes it.
std::size_t LengthIfOfStories(std::string_view html) {
  const std::string_view tag = html.substr(0, html.find('>'));
  const auto says = [tag](std::string_view word) { return tag.find(word) != std::string_view::npos; };
  if (html.starts_with(kMeta) && says("image")) return std::min(tag.size() + 1, html.size());
  if (!html.starts_with(kScript) || !says("ld+json")) return 0;
  const std::size_t end = html.find(kScriptEnd);
  return end == std::string_view::npos ? html.size() : end + kScriptEnd.size();
}

// The page without such elements, and without the lines that held nothing else.
std::string WithoutStoriesInHead(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  std::string_view head = html.substr(0, html.find(kHeadEnd));
  const std::string_view rest = html.substr(head.size());
  while (!head.empty()) {
    Take(head, std::min(head.find('<'), head.size()), out);
    if (const std::size_t length = LengthIfOfStories(head); length > 0) {
      head.remove_prefix(length);
      if (out.ends_with('\n')) ConsumePrefix(head, "\n");
    } else if (!head.empty()) {
      Take(head, 1, out);
    }
  }
  return out.append(rest);
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
