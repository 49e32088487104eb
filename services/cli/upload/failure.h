#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_FAILURE_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_FAILURE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/importers/edition.h"

namespace broadsheet::cli {

// A service's refusal in sentences for a person, each with its place: the violations of a BadRequest, field
// by field, or else the message. Never empty for a failed status.
using Complaints = std::vector<std::pair<Location, std::string>>;
Complaints Explain(const absl::Status& status, const Location& where);
// The same for a story: `content.body[3].heading.level` becomes the line of its fourth block.
Complaints Explain(const absl::Status& status, const ImportedArticle& article);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_FAILURE_H_
