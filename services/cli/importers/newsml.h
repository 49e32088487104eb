#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NEWSML_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NEWSML_H_

#include <filesystem>
#include <string>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads NewsML-G2: a news item, or a message with many, as a stream. An item with text, in XHTML, NITF or
// plain, becomes a story, its id made of the `guid`; of several versions of one the newest counts. The file
// is read twice. A picture that lies beside the file goes to the library. What cannot be expressed is
// reported; an item with an error is left out. `section_id`: where the stories belong, because NewsML has no
// sections; empty is reported.
void ReadNewsmlFile(const std::filesystem::path& file, const std::string& section_id,
                    ImportedEdition& edition, Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NEWSML_H_
