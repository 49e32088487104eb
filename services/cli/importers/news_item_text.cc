#include "services/cli/importers/news_item_text.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/html_body.h"
#include "services/cli/importers/nitf.h"
#include "services/cli/importers/problems.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

const NewsItem::Text* FindRole(const std::vector<NewsItem::Text>& texts,
                               std::initializer_list<absl::string_view> roles) {
  for (absl::string_view role : roles) {
    for (const NewsItem::Text& text : texts) {
      if (absl::EqualsIgnoreCase(text.role, role) && !text.value.empty()) return &text;
    }
  }
  return nullptr;
}

bool IsHtml(const NewsItem::Text& text) { return absl::StrContains(text.content_type, "html"); }

bool IsNitf(const NewsItem::Text& text) { return absl::StrContains(text.content_type, "nitf"); }

bool IsPlain(const NewsItem::Text& text) { return absl::StartsWith(text.content_type, "text/plain"); }

std::string HtmlOfNitf(absl::string_view nitf, bool& too_deep) {
  return ToHtml(NitfToHtml(ParseHtml(nitf, too_deep)));
}

std::string LineOf(const NewsItem::Text* text) {
  if (text == nullptr) return "";
  if (!IsHtml(*text)) return OneLine(text->value);
  Problems none([](const std::string&) {});
  const BodyContext context{"", 0, none, [](absl::string_view, int) { return std::nullopt; }};
  std::string line;
  for (const v1::Block& block : ConvertHtml(text->value, "", context).blocks) {
    if (block.has_paragraph()) absl::StrAppend(&line, " ", block.paragraph().text().text());
  }
  return OneLine(line);
}

}  // namespace broadsheet::cli
