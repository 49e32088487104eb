#ifndef BROADSHEET_SERVICES_ARTICLE_REQUEST_CHECK_H_
#define BROADSHEET_SERVICES_ARTICLE_REQUEST_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/article/article_store.h"
#include "services/article/field_check.h"
#include "services/article/unicode.h"

// What requests of both services have in common. Pure.
namespace broadsheet::article {

// OK, or INVALID_ARGUMENT with what `check` found.
absl::Status ToStatus(const FieldCheck& check);

absl::Status BadPageToken();

void CheckKeyPath(const std::string& path, FieldCheck& check);

// `oneof key { article_id, path }`.
template <class Request>
void CheckKey(const Request& request, FieldCheck& check) {
  if (request.has_path()) {
    CheckKeyPath(request.path(), check);
  } else {
    check.Id("article_id", request.article_id());
  }
}

template <class Request>
ArticleKey KeyOf(const Request& request) {
  if (request.has_path()) return {ArticleKey::Kind::kPath, request.path()};
  return {ArticleKey::Kind::kId, request.article_id()};
}

// ABORTED if what is at `revision` (0: there is nothing) is not what the change was made on; `expected` 0: it
// may be any.
absl::Status CheckRevision(std::int64_t expected, std::int64_t revision);

// The same for what a method may create: `expected` kMustNotExist is ALREADY_EXISTS, of this reason, if there
// is something.
inline constexpr std::int64_t kMustNotExist = -1;
absl::Status CheckRevisionToPut(std::int64_t expected, std::int64_t revision, absl::string_view reason);

// Up to 100; 0 stands for 20.
void CheckPageSize(std::int32_t page_size, FieldCheck& check);
int PageSize(std::int32_t page_size);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_REQUEST_CHECK_H_
