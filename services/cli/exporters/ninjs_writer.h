#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_NINJS_WRITER_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_NINJS_WRITER_H_

#include <string>

#include "services/cli/exporters/story.h"

namespace broadsheet::cli {

// The story as an item of ninjs 2.2 or 3.1, by `version` 2 or 3; conforms to the standard and ends in a
// newline. What the newsroom has is named as in importers/own_uri.h. A story that readers cannot see now is
// `withheld`, so that whoever receives it does not publish it.
std::string WriteNinjs(const ExportedStory& story, int version);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_NINJS_WRITER_H_
