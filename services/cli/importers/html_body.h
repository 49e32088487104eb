#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_BODY_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_BODY_H_

#include "absl/strings/string_view.h"
#include "services/cli/importers/body.h"

namespace broadsheet::cli {

// Converts HTML or XHTML, a fragment or a whole document, into typed blocks, through a real HTML parser:
// whatever the input, what comes out is text, spans and the kinds of block there are. Pure but for `context`.
//
// Kept: paragraphs, headings, lists, tables, quotes, pictures, rules, links, the usual marks; `iframe` as an
// embed. Left out, with a warning: scripts, styles, forms, media, links that are not http, https or mailto,
// and pictures that `context.find_image` does not find. Elements that mean nothing here give their text. All
// locations are the file's `first_line`, since HTML comes inside of something else. `headline`: an h1 that
// says the same is left out.
ImportedBody ConvertHtml(absl::string_view html, absl::string_view headline, const BodyContext& context);

// Converts plain text: paragraphs are separated by empty lines or, if there are none, each line is one.
ImportedBody ConvertPlainText(absl::string_view text, const BodyContext& context);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_BODY_H_
