#ifndef BROADSHEET_SERVICES_ARTICLE_SITE_PATHS_H_
#define BROADSHEET_SERVICES_ARTICLE_SITE_PATHS_H_

#include "absl/strings/string_view.h"

namespace broadsheet::article {

// Whether the site answers at `path` itself, with a feed, a sitemap, an author's page, a file of the page's,
// a form of a story for machines: a story there would never be seen. `path` has the form of one
// (FindPathError), or of a section's page, which is not among these: whether there is one is a question of
// what is stored.
// Pure.
bool IsPathOfTheSite(absl::string_view path);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_SITE_PATHS_H_
