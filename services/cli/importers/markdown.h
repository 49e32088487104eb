#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_H_

#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/problems.h"

// Markdown with YAML front matter. The format is specified in the README of this folder.
namespace broadsheet::cli {

// Reads an edition from a folder: `sections.yaml` and `authors.yaml`, both optional, and `stories/*.md` in
// the order of their names. Adds to `edition` what is right and reports the rest; a story with an error is
// left out.
void ReadMarkdownFolder(const std::filesystem::path& folder, ImportedEdition& edition, Problems& problems);

// Reads one story from a file. Its pictures are relative to the edition's folder if it lies in the `stories`
// of one, and otherwise beside it.
void ReadMarkdownFile(const std::filesystem::path& file, ImportedEdition& edition, Problems& problems);

// The story in `text`, valid UTF-8; nothing if it has an error. Reads pictures through `images`, and nothing
// else.
std::optional<ImportedArticle> ParseMarkdownStory(absl::string_view text, const std::string& article_id,
                                                  const std::string& shown_as, ImageFiles& images,
                                                  Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_H_
