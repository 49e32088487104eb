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

// Finds out whether what stories name is there. Asks the newsroom about a thing once, and only if the edition
// does not have it. Not thread-safe.
class ReferenceCheck {
 public:
  explicit ReferenceCheck(Backends& backends) : backends_(backends) {}

  // What an edition's stories name and neither the edition, in this part or an earlier one, nor the newsroom
  // has, each with a sentence that says so and makes a suggestion. Fails if the newsroom cannot be asked.
  absl::StatusOr<std::map<Reference, std::string>> FindMissing(const ImportedEdition& edition);

 private:
  absl::StatusOr<bool> Has(const Reference& reference);
  absl::StatusOr<bool> HasSection(const std::string& id);
  absl::StatusOr<bool> HasImage(const std::string& id);
  std::string Sentence(const Reference& reference, const ImportedEdition& edition) const;

  Backends& backends_;
  std::map<Reference::Kind, std::set<std::string>> known_;
  bool sections_loaded_ = false;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_REFERENCES_H_
