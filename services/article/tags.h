#ifndef BROADSHEET_SERVICES_ARTICLE_TAGS_H_
#define BROADSHEET_SERVICES_ARTICLE_TAGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/change/v1/change.pb.h"

// What a commit means for readers, as the change it appends to the log: see `change.v1.Change.tags`. Pure.
// The changes returned have neither position nor time yet.
namespace broadsheet::article {

std::string ArticleTag(absl::string_view article_id);
std::string AuthorTag(absl::string_view author_id);
std::string SectionTag(absl::string_view section_id);
std::string CuratedTag(absl::string_view section_id);  // empty: of the front
std::string PathTag(absl::string_view path);           // `path/a/b` for the path `/a/b`

// A story's public side before and after a commit; null: readers could not, or cannot, see it. `paths`: every
// path it has or had. At least one of the two is not null. Lists are tagged only if their entries or their
// order change, so what a list shows of a story is tagged by the story.
change::v1::Change StoryChange(const v1::Article* before, const v1::Article* after,
                               const std::vector<std::string>& paths);

// What readers see in the place of a withdrawn story has changed.
change::v1::Change WithdrawalChange(absl::string_view article_id, const std::vector<std::string>& paths);

// The author or section was put, or deleted.
change::v1::Change AuthorChange(absl::string_view author_id, bool deleted);
change::v1::Change SectionChange(absl::string_view section_id, bool deleted);

// What editors have chosen for the section's page has changed; empty: for the front.
change::v1::Change CurationChange(absl::string_view section_id);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_TAGS_H_
