#ifndef BROADSHEET_SERVICES_GATEWAY_ANSWERS_H_
#define BROADSHEET_SERVICES_GATEWAY_ANSWERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.pb.h"
#include "services/gateway/renderer/page_model.h"

// What can be made of an answer. A service that answers nonsense, whatever the cause, is treated like one
// that does not answer: nothing of it reaches a page or a cache. Pure.
namespace broadsheet::gateway {

// OK if the answer is there and says what it was read from; otherwise why it cannot be used.
template <class Response>
absl::Status CheckSnapshot(const absl::StatusOr<Response>& response) {
  if (!response.ok()) return response.status();
  if (response->snapshot().log_id().empty()) return absl::InternalError("an answer without a snapshot");
  return absl::OkStatus();
}

// OK for a story that can be shown at its own path, asked for as `path`.
absl::Status CheckStory(const absl::StatusOr<article::v1::GetArticleResponse>& response);

// A path that a story may have and a Location field may name: absolute, one leading slash, at most
// kMaxPathBytes.
bool IsStoryPath(std::string_view path);

// Those that can be shown as an entry of a list: published, with id, path and headline.
Teasers UsableStories(google::protobuf::RepeatedPtrField<article::v1::Article>& stories);
// Infinite future: no end.
absl::Time ExpiryOf(const article::v1::Article& story);
// Whether a story that was readable once has expired by the clock of this gateway.
bool IsExpired(const article::v1::Article& story, absl::Time now);
// Until when a story may be shown that its owner just said is readable. If by this clock it is not, the
// clocks differ: the owner's word then counts for a second, so that its pages are not made anew for every
// reader.
absl::Time ReadableUntil(const article::v1::Article& story, absl::Time now);
std::vector<article::v1::Section> UsableSections(const article::v1::ListSectionsResponse& response);

// Whether the owner says that its answer would be longer than a message may be: it is well, and answers if it
// is asked for less.
bool IsTooLarge(const absl::Status& status);

// Whether the owner itself says that nothing is there: NOT_FOUND with one of its reasons. Any other error
// says nothing.
bool IsAbsence(const absl::Status& status);
// What such a NOT_FOUND was read from; nothing if the status is none or does not say.
std::optional<change::v1::Snapshot> SnapshotOfAbsence(const absl::Status& status);

// What readers are to see in the place of a story that was withdrawn; nothing if the status does not speak of
// one. Redirects to anything but a path of this site are taken as GONE.
std::optional<article::v1::Withdrawal> WithdrawalOf(const absl::Status& status);
// Tag of that story; empty if the status does not say.
std::string WithdrawnTagOf(const absl::Status& status);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ANSWERS_H_
