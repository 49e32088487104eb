#ifndef BROADSHEET_SERVICES_ARTICLE_NAMED_PARTS_H_
#define BROADSHEET_SERVICES_ARTICLE_NAMED_PARTS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "services/article/article_store.h"

namespace broadsheet::article {

// The section and the authors a text names must be there, so that the story's page can show them. Remembers,
// for one transaction, what it has found.
class NamedParts {
 public:
  explicit NamedParts(EditTransaction& transaction) : transaction_(transaction) {}

  // NOT_FOUND, with the field: one of them is not there. Those that the story names already, in `before`,
  // cannot have been deleted.
  absl::Status Check(const v1::ArticleContent& content, const v1::ArticleContent& before);
  // The same of the section and the stories of a choice, which is the request's field `curation`.
  absl::Status Check(const v1::Curation& curation);

 private:
  EditTransaction& transaction_;
  std::set<std::string, std::less<>> sections_;
  std::set<std::string, std::less<>> authors_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_NAMED_PARTS_H_
