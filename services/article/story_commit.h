#ifndef BROADSHEET_SERVICES_ARTICLE_STORY_COMMIT_H_
#define BROADSHEET_SERVICES_ARTICLE_STORY_COMMIT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/article/article_store.h"
#include "services/article/lifecycle.h"

// How a story that was changed becomes its next revision: the one way in which stories are written, whoever
// writes.
namespace broadsheet::article {

// The story in its newest revision. NOT_FOUND; ABORTED if `expected_revision` is neither 0 nor the story's.
absl::StatusOr<Story> LoadStory(EditTransaction& transaction, absl::string_view article_id,
                                std::int64_t expected_revision);

// Refuses, with google.rpc details, before it writes anything; an error without details is the storage's.
//
// Numbers and saves the revision, gives the story its path when it is published for the first time, brings
// what readers get up to date and, if they could notice, appends the change. `before`: as loaded, null for a
// new story. Returns whether readers could notice.
absl::StatusOr<bool> CommitStory(EditTransaction& transaction, const Story* before, Story& after,
                                 Action action, absl::Time now);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_STORY_COMMIT_H_
