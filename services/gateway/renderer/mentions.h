#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_MENTIONS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_MENTIONS_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// Every mention of another story in an HTML page is marked: the `<article>` of a teaser and the `<a>` of a
// link within a text carry this attribute, with the story's id in double quotes. No model can forge it: the
// quotes in those are escaped.
inline constexpr absl::string_view kMentionAttribute = " data-story=";

// How a story's own page is told from a list, where it begins: template_check.h sees to it that it is there.
inline constexpr absl::string_view kStoryPage = "<article class=\"story\"";

using ArticleIds = std::set<std::string, std::less<>>;

// The page without any mention of those stories: their teasers are gone, links to them lead nowhere. If any
// was there, what the head says for machines of a list's stories and pictures is gone as well. Nothing if a
// mention has no end: then it is not known what belongs to it. Pure; one pass.
std::optional<std::string> CutMentions(std::string_view html, const ArticleIds& article_ids);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_MENTIONS_H_
