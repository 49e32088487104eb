#include "services/article/tags.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

using TagSet = std::set<std::string>;

// The lists a story is in.
TagSet Lists(const v1::Article* article) {
  TagSet lists;
  if (article == nullptr) return lists;
  const v1::ArticleContent& content = article->content();
  lists.insert("list/latest");
  lists.insert(absl::StrCat("list/section/", content.section_id()));
  for (const std::string& author_id : content.author_ids())
    lists.insert(absl::StrCat("list/author/", author_id));
  for (const std::string& subject : content.subjects()) lists.insert(absl::StrCat("list/subject/", subject));
  return lists;
}

// Whether the story keeps its place in the lists it stays in.
bool SamePlace(const v1::Article& before, const v1::Article& after) {
  return before.first_published_at().seconds() == after.first_published_at().seconds() &&
         before.first_published_at().nanos() == after.first_published_at().nanos() &&
         before.content().urgency() == after.content().urgency();
}

TagSet ChangedLists(const v1::Article* before, const v1::Article* after) {
  const TagSet left = Lists(before);
  const TagSet entered = Lists(after);
  TagSet changed;
  if (before != nullptr && after != nullptr && SamePlace(*before, *after)) {
    std::set_symmetric_difference(left.begin(), left.end(), entered.begin(), entered.end(),
                                  std::inserter(changed, changed.end()));
  } else {
    std::set_union(left.begin(), left.end(), entered.begin(), entered.end(),
                   std::inserter(changed, changed.end()));
  }
  return changed;
}

void AddPaths(const std::vector<std::string>& paths, TagSet& tags) {
  for (const std::string& path : paths) tags.insert(PathTag(path));
}

change::v1::Change MakeChange(std::string subject, change::v1::ChangeKind kind, const TagSet& tags) {
  change::v1::Change change;
  change.set_kind(kind);
  change.add_tags(subject);
  for (const std::string& tag : tags) {
    if (tag != subject) change.add_tags(tag);
  }
  change.set_subject(std::move(subject));
  return change;
}

}  // namespace

std::string ArticleTag(absl::string_view article_id) { return absl::StrCat("article/", article_id); }
std::string AuthorTag(absl::string_view author_id) { return absl::StrCat("author/", author_id); }
std::string SectionTag(absl::string_view section_id) { return absl::StrCat("section/", section_id); }
std::string CuratedTag(absl::string_view section_id) {
  return section_id.empty() ? "list/curated" : absl::StrCat("list/curated/", section_id);
}
std::string PathTag(absl::string_view path) { return absl::StrCat("path", path); }

change::v1::Change StoryChange(const v1::Article* before, const v1::Article* after,
                               const std::vector<std::string>& paths) {
  TagSet tags = ChangedLists(before, after);
  if (before != nullptr && after != nullptr && before->path() == after->path()) {
    tags.insert(PathTag(after->path()));
  } else {
    AddPaths(paths, tags);  // old paths lead to the new one, or to nothing
    if (before != nullptr && after != nullptr) tags.insert("list/latest");  // a sitemap lists paths
  }
  change::v1::Change change = MakeChange(
      ArticleTag((after != nullptr ? after : before)->article_id()),
      after != nullptr ? change::v1::CHANGE_KIND_PUBLISHED : change::v1::CHANGE_KIND_WITHDRAWN, tags);
  if (after != nullptr && after->has_expires_at()) *change.mutable_expires_at() = after->expires_at();
  return change;
}

change::v1::Change WithdrawalChange(absl::string_view article_id, const std::vector<std::string>& paths) {
  TagSet tags;
  AddPaths(paths, tags);
  return MakeChange(ArticleTag(article_id), change::v1::CHANGE_KIND_WITHDRAWN, tags);
}

change::v1::Change AuthorChange(absl::string_view author_id, bool deleted) {
  return MakeChange(AuthorTag(author_id),
                    deleted ? change::v1::CHANGE_KIND_WITHDRAWN : change::v1::CHANGE_KIND_PUBLISHED, {});
}

change::v1::Change SectionChange(absl::string_view section_id, bool deleted) {
  // The section's page stands at `/` + its id.
  return MakeChange(SectionTag(section_id),
                    deleted ? change::v1::CHANGE_KIND_WITHDRAWN : change::v1::CHANGE_KIND_PUBLISHED,
                    {"list/sections", absl::StrCat("path/", section_id)});
}

change::v1::Change CurationChange(absl::string_view section_id) {
  return MakeChange(CuratedTag(section_id), change::v1::CHANGE_KIND_PUBLISHED, {});
}

}  // namespace broadsheet::article
