#ifndef BROADSHEET_SERVICES_ARTICLE_UNCORRECTED_CHANGES_H_
#define BROADSHEET_SERVICES_ARTICLE_UNCORRECTED_CHANGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/article/article_store.h"

namespace broadsheet::article {

// The fields in which `draft`, just committed, materially changes the text readers have, or had until this
// revision was published, although no correction has been made since that text was published. Revisions never
// change, so the answer to a repeated request is the same.
absl::StatusOr<std::vector<std::string>> FindUncorrectedChanges(const EditStore& store,
                                                                const v1::Draft& draft);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_UNCORRECTED_CHANGES_H_
