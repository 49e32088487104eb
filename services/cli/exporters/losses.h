#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_LOSSES_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_LOSSES_H_

#include <string>
#include <vector>

#include "services/cli/exporters/story.h"

namespace broadsheet::cli {

// What the written text of a story does not carry, a sentence each: the text is read with the importer of its
// format, and what comes back is compared with the story. So nothing can be lost without being named, whoever
// adds a field or a block. Pure.
std::vector<std::string> LossesOfNinjs(const ExportedStory& story, const std::string& text);
std::vector<std::string> LossesOfMarkdown(const ExportedStory& story, const std::string& text);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_LOSSES_H_
