#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_FEED_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_FEED_H_

#include <filesystem>
#include <string>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads a feed, RSS 2.0 (and 1.0) or Atom 1.0, as a stream: each entry becomes a story, its id made of its
// guid, id or link. Pictures are used that lie beside the file. What cannot be expressed is reported; an
// entry with an error is left out. `section_id`: where the stories belong; empty is reported.
void ReadFeedFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                  Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_FEED_H_
