#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_BODY_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_BODY_H_

#include "absl/strings/string_view.h"
#include "services/cli/importers/body.h"

namespace broadsheet::cli {

// Converts CommonMark with GFM tables and ~~strikethrough~~ into typed blocks. Pure but for `context`.
//
// A paragraph of images alone becomes image blocks; a quote whose last line is "— Name, role" has an
// attribution; a code block becomes a paragraph set as code; `story:ID` links to a story. HTML never passes:
// an inline tag stays as visible text, with a warning; a block of HTML or a comment is an error. `markdown`
// must be valid UTF-8.
ImportedBody ConvertMarkdown(absl::string_view markdown, const BodyContext& context);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_BODY_H_
