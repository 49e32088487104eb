#ifndef BROADSHEET_SERVICES_ARTICLE_PATHS_H_
#define BROADSHEET_SERVICES_ARTICLE_PATHS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Public addresses of stories and the ids of stories, authors and sections. Pure.
namespace broadsheet::article {

inline constexpr std::size_t kMaxPathBytes = 500;
inline constexpr std::size_t kMaxIdBytes = 100;

// What is wrong with a path, or nullopt. A path is absolute, of one or more segments of `A-Z a-z 0-9 - . _
// ~`, without empty, `.` or `..` segments, query, fragment or trailing slash, and at most 500 bytes long.
std::optional<std::string> FindPathError(absl::string_view path);

// What is wrong with a path that a story is to get, or nullopt. The same, and it is none of those at which
// the site itself answers. Stories that have such a path from before keep it.
std::optional<std::string> FindStoryPathError(absl::string_view path);

// What is wrong with an id, or nullopt: 1 to 100 characters of `a-z 0-9 -`, the first a letter or a digit.
std::optional<std::string> FindIdError(absl::string_view id);

// Headline as a path segment: ASCII letters and digits in words joined by `-`, at most 80 characters, cut
// between words where possible. Empty if nothing of the headline can be written so.
std::string Slug(absl::string_view headline);

// `/section/2026/11/slug`, the date in UTC; `fallback` stands in for an empty slug. Empty if the section or
// the headline is empty.
std::string DefaultPath(absl::string_view section_id, absl::Time date, absl::string_view headline,
                        absl::string_view fallback);

// The n-th choice for a path that is taken: `/a/b-2` for `/a/b` and 2. Never longer than a path may be.
std::string NumberedPath(absl::string_view path, int number);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_PATHS_H_
