#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_REFERENCES_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_REFERENCES_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "services/cli/backends.h"
#include "services/cli/importers/edition.h"

namespace broadsheet::cli {

// What a story names: its references, and those of its pictures that the edition does not have.
std::set<Reference> ReferencesOf(const ImportedArticle& article, const ImportedEdition& edition);

// What an edition's stories name and neither the edition nor the newsroom has, each with a sentence that says
// so and makes a suggestion. Asks the newsroom only about what is not in the edition. Fails if the newsroom
// cannot be asked.
absl::StatusOr<std::map<Reference, std::string>> MissingReferences(const ImportedEdition& edition,
                                                                   Backends& backends);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_REFERENCES_H_
