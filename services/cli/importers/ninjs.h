#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_H_

#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads IPTC ninjs 1.x, 2.x or 3.x: one item, or a list of them, into stories and pictures
// (news_item_import.h). An item that does not conform to the standard is left out. `section_id`: where the
// stories belong, because ninjs has no sections; empty is reported. The README of this folder says what
// becomes of what.
void ReadNinjsFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                   Problems& problems);

// The same for the items in `text`, which is valid UTF-8; `file` says where it is, or would be.
void ReadNinjs(absl::string_view text, const std::filesystem::path& file, const std::string& section_id,
               ImportedEdition& edition, Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_H_
