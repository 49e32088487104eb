#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_FRONT_MATTER_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_FRONT_MATTER_H_

#include "services/cli/importers/edition.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/yaml.h"

namespace broadsheet::cli {

// Fills `article` with everything but the body from a story's front matter. Reports what is wrong; false if
// anything is.
bool ReadFrontMatter(const YamlValue& yaml, ImageFiles& images, ImportedArticle& article, Problems& problems);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_FRONT_MATTER_H_
