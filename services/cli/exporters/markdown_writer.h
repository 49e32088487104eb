#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_MARKDOWN_WRITER_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_MARKDOWN_WRITER_H_

#include <string>

#include "services/cli/exporters/story.h"

namespace broadsheet::cli {

// The story as Markdown with front matter, as the import reads it (deploy/local/edition/README.md); its
// pictures are named as those of the library, see importers/own_uri.h. A story that readers cannot see, now
// or at a time that is set, is a draft.
std::string WriteMarkdown(const ExportedStory& story);

// The body alone. What Markdown has no form for is written as the nearest that it has.
std::string WriteMarkdownBody(const google::protobuf::RepeatedPtrField<article::v1::Block>& body);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_MARKDOWN_WRITER_H_
