#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_TEXT_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_TEXT_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/cli/importers/news_item.h"

namespace broadsheet::cli {

// The first text of the first of these roles that has one; null if none has.
const NewsItem::Text* FindRole(const std::vector<NewsItem::Text>& texts,
                               std::initializer_list<absl::string_view> roles);

bool IsHtml(const NewsItem::Text& text);
bool IsNitf(const NewsItem::Text& text);
bool IsPlain(const NewsItem::Text& text);

// NITF within JSON, read as leniently as HTML is.
std::string HtmlOfNitf(absl::string_view nitf, bool& too_deep);

// A text of one line, out of its markup if it has any; empty if there is no text.
std::string LineOf(const NewsItem::Text* text);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_TEXT_H_
