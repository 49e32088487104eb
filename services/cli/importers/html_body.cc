#include "services/cli/importers/html_body.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/cli/importers/html_dom.h"
#include "services/cli/importers/html_flow.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

ImportedBody ConvertHtml(absl::string_view html, absl::string_view headline, const BodyContext& context) {
  bool too_deep = false;
  const HtmlNode root = ParseHtml(html, too_deep);
  if (too_deep) {
    context.problems.Warning(
        {context.file, context.first_line},
        "HTML nested deeper than 200 levels was left out, and what follows it if it is too deep to read on");
  }
  HtmlFlow flow(context, OneLine(headline));
  flow.AddChildren(root);
  return flow.Finish();
}

ImportedBody ConvertPlainText(absl::string_view text, const BodyContext& context) {
  const std::string unix_text = absl::StrReplaceAll(text, {{"\r\n", "\n"}, {"\r", "\n"}});
  const bool has_empty_lines = unix_text.find("\n\n") != std::string::npos;
  ImportedBody body;
  if (const std::optional<std::string> control = FirstControlCharacter(unix_text)) {
    context.problems.Error({context.file, context.first_line},
                           absl::StrCat("the text holds the control character ", *control));
    ++body.errors;
    return body;
  }
  for (absl::string_view part : absl::StrSplit(unix_text, has_empty_lines ? "\n\n" : "\n")) {
    RichTextBuilder builder;
    builder.Append(part);
    article::v1::RichText paragraph = builder.Finish();
    if (paragraph.text().empty()) continue;
    *body.Add(context.first_line).mutable_paragraph()->mutable_text() = std::move(paragraph);
  }
  return body;
}

}  // namespace broadsheet::cli
