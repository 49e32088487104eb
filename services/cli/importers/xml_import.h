#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_XML_IMPORT_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_XML_IMPORT_H_

#include <filesystem>
#include <string>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads an XML file in whichever format it is, as its first element says: a WordPress export, a feed (RSS,
// Atom), or NewsML-G2. Another is reported. `section_id`: where stories belong that name none.
void ReadXmlFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                 Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_XML_IMPORT_H_
