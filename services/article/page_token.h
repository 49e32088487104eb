#ifndef BROADSHEET_SERVICES_ARTICLE_PAGE_TOKEN_H_
#define BROADSHEET_SERVICES_ARTICLE_PAGE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/article/article_store.h"

namespace broadsheet::article {

// Where a list goes on, as an opaque token: the place of the last entry, signed together with the filters of
// the list, so that it is good for that list only. Pure.
std::string MakePageToken(absl::string_view key, absl::string_view filters, const ListPlace& place);

// nullopt: the token was not made by MakePageToken with the same key and filters.
std::optional<ListPlace> ReadPageToken(absl::string_view key, absl::string_view filters,
                                       absl::string_view token);

// The filters of a list request: all of it but where it goes on and how much it wants.
template <class Request>
std::string FiltersOf(Request request) {
  request.clear_page_token();
  request.clear_page_size();
  if constexpr (requires { request.clear_view(); }) request.clear_view();
  if constexpr (requires { request.clear_with_curated(); }) request.clear_with_curated();
  if constexpr (requires { request.clear_min_position(); }) request.clear_min_position();
  return request.GetTypeName() + request.SerializeAsString();
}

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_PAGE_TOKEN_H_
