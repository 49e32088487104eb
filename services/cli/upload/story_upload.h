#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_STORY_UPLOAD_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_STORY_UPLOAD_H_

#include "absl/status/statusor.h"
#include "services/cli/backends.h"
#include "services/cli/importers/edition.h"

namespace broadsheet::cli {

enum class Outcome { kCreated, kUpdated, kUnchanged, kLeftAlone, kFailed };

// What became of a story; `note` says more about kLeftAlone.
struct StoryOutcome {
  Outcome outcome;
  std::string note = {};
  std::string warning = {};  // not empty: what the newsroom has otherwise than the edition says
};

// Brings the newsroom's copy of a story to what the edition says: reads it, then creates or updates it, adds
// corrections, and publishes it as the very last step. What its source has taken back is withdrawn as the
// very first, and its text left as it is. Nothing is written if it is as wanted already. An error before that
// last step leaves a draft, which readers do not see and which the next import completes.
absl::StatusOr<StoryOutcome> UploadStory(const ImportedArticle& wanted, absl::Time now, Backends& backends);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_STORY_UPLOAD_H_
