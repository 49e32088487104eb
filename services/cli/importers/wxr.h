#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_H_

#include <filesystem>
#include <string>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads a WordPress export (WXR 1.0 to 1.2): posts and pages become stories, their id made of the
// site's address and the post's number; the first category of a story its section, the others and the tags
// subjects; authors authors. Sections and authors that the newsroom has are left as they are. Pictures are
// used that lie beside the file, under their path on the site or their name. The file is read twice, as a
// stream. What cannot be expressed is reported; a story with an error is left out. `section_id`: where posts
// without a category belong, and those whose category is "uncategorized"; may be empty. The README of this
// folder says what becomes of what.
void ReadWxrFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                 Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_H_
