#ifndef BROADSHEET_SERVICES_ARTICLE_PATH_CLAIMS_H_
#define BROADSHEET_SERVICES_ARTICLE_PATH_CLAIMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/article/article_store.h"

// Who may have which path. A path belongs to one story for ever, or is one section's page, or is reserved for
// one story; and following redirects ends.
namespace broadsheet::article {

// Whether `path` can become a path of the story. ALREADY_EXISTS: reason PATH_TAKEN if it is, or was, another
// story's, or is a section's page; PATH_RESERVED, with the metadata `article_id`, if it is kept for another
// story.
absl::Status CheckPathFree(EditTransaction& transaction, absl::string_view path,
                           absl::string_view article_id);

// Whether a section's page can be at `path`: the same, for no story.
absl::Status CheckPageFree(EditTransaction& transaction, absl::string_view path);

// Whether the redirect, followed by way of other withdrawn stories, leads away from the story, which has all
// its paths and `new_path` (empty: none).
absl::StatusOr<bool> LeadsElsewhere(EditTransaction& transaction, absl::string_view article_id,
                                    const v1::Withdrawal& withdrawal, absl::string_view new_path);

// Whether the story, which is there, can move to `path`: CheckPathFree, and besides INVALID_ARGUMENT if a
// withdrawn story would redirect to itself there, FAILED_PRECONDITION if it has 400 paths.
absl::Status CheckMove(EditTransaction& transaction, const v1::Draft& story, absl::string_view path);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_PATH_CLAIMS_H_
