#ifndef BROADSHEET_SERVICES_ARTICLE_IDEMPOTENT_WRITE_H_
#define BROADSHEET_SERVICES_ARTICLE_IDEMPOTENT_WRITE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "services/article/article_store.h"
#include "services/article/field_check.h"
#include "services/article/request_check.h"

// What every write of EditorialService does around its edit: the answer is kept under the request id in the
// same commit, and the call returns when the followers know.
namespace broadsheet::article {

inline constexpr absl::Duration kRequestsKept = absl::Hours(24);

// `request_id` and `expected_revision`, as far as the request has them.
void CheckRequestId(const std::string& request_id, FieldCheck& check);
template <class Request>
void CheckWrite(const Request& request, FieldCheck& check) {
  CheckRequestId(request.request_id(), check);
  if constexpr (requires { request.expected_revision(); }) {
    if (request.expected_revision() < 0) check.Add("expected_revision", "must not be negative");
  }
}
// The same of a method that may create what it writes.
template <class Request>
void CheckPut(const Request& request, FieldCheck& check) {
  CheckRequestId(request.request_id(), check);
  if (request.expected_revision() < kMustNotExist) check.Add("expected_revision", "must be -1 or more");
}

// Returns when no follower of the change log uses a state before the position. UNAVAILABLE: that cannot be
// said.
using WaitForFollowers = std::function<absl::StatusOr<change::v1::Propagation>(std::int64_t position)>;

// What an edit leaves for the answer.
struct WriteOutcome {
  std::optional<v1::Draft> draft;  // the story to return, if the answer has one
  std::int64_t position = 0;       // of the change made; 0: readers notice nothing
  bool only_draft = false;         // what was written is not meant for readers: nothing to wait for
  bool keep = true;                // the answer, for a repetition
};

// Appends what readers notice to the log, and says in the answer where the log is then.
template <class Response>
absl::Status AppendChange(EditTransaction& transaction, change::v1::Change change, absl::Time now,
                          Response& answer, WriteOutcome& outcome) {
  if (absl::Status appended = transaction.AppendChange(std::move(change), now); !appended.ok())
    return appended;
  *answer.mutable_snapshot() = transaction.snapshot();
  outcome.position = answer.snapshot().position();
  return absl::OkStatus();
}

// Fingerprint of a request: the same for equal requests of one method.
std::string DigestOf(const google::protobuf::Message& request);

// INVALID_ARGUMENT: the id was used for another request.
absl::Status CheckSameRequest(const StoredRequest& stored, const std::string& digest);

// INTERNAL: the story's revision that a stored answer refers to cannot be found.
absl::StatusOr<v1::Draft> FindAnsweredDraft(const EditStore& store, const StoredRequest& stored);

// Runs `edit`, once for each request id, and completes `response` with the story and its propagation. `edit`
// fills in the rest of `response`; it may run for nothing, if the commit fails.
template <class Request, class Response>
absl::Status IdempotentWrite(EditStore& store, const WaitForFollowers& wait_for_followers, absl::Time now,
                             const Request& request, Response& response,
                             absl::FunctionRef<absl::Status(EditTransaction&, Response&, WriteOutcome&)> edit,
                             EditKind kind = EditKind::kOrdinary) {
  const std::string& request_id = request.request_id();
  const std::string digest = request_id.empty() ? std::string() : DigestOf(request);
  WriteOutcome outcome;
  std::optional<StoredRequest> answered;
  std::int64_t found_at = 0;  // what the answer is true of, if nothing is changed
  absl::Status written = store.Write(kind, [&](EditTransaction& transaction) -> absl::Status {
    found_at = transaction.snapshot().position();
    if (!request_id.empty()) {
      absl::StatusOr<std::optional<StoredRequest>> stored = transaction.FindRequest(request_id, now);
      if (!stored.ok()) return stored.status();
      answered = *std::move(stored);
      if (answered) return CheckSameRequest(*answered, digest);
    }
    if (absl::Status edited = edit(transaction, response, outcome); !edited.ok()) return edited;
    if (request_id.empty() || !outcome.keep) return absl::OkStatus();
    StoredRequest stored{.digest = digest, .response = response.SerializeAsString(), .article_id = {}};
    stored.position = outcome.position;
    if (outcome.draft) {
      stored.article_id = outcome.draft->article_id();
      stored.revision = outcome.draft->revision();
    }
    return transaction.SaveRequest(request_id, stored, now + kRequestsKept);
  });
  if (!written.ok()) return written;
  if (answered) {
    if (!response.ParseFromString(answered->response))
      return absl::DataLossError("a stored answer cannot be read");
    outcome.position = answered->position;
    if (!answered->article_id.empty()) {
      absl::StatusOr<v1::Draft> draft = FindAnsweredDraft(store, *answered);
      if (!draft.ok()) return draft.status();
      outcome.draft = *std::move(draft);
    }
  }
  if constexpr (requires { response.mutable_draft(); }) {
    if (outcome.draft) *response.mutable_draft() = *std::move(outcome.draft);
  }
  constexpr bool reports = requires { response.mutable_propagation(); };
  // Also a write that is not meant for readers may be the commit that ends an embargo for them. And one that
  // finds its work done, by a call that is still waiting perhaps, must not return before readers see it
  // either: it waits as well, with nothing to report.
  const bool finds_it_done = reports && outcome.position == 0 && !outcome.only_draft;
  if (const std::int64_t wait_for = finds_it_done ? found_at : outcome.position; wait_for > 0) {
    absl::StatusOr<change::v1::Propagation> propagation = wait_for_followers(wait_for);
    if (!propagation.ok()) return propagation.status();
    if constexpr (reports) {
      if (outcome.position > 0) *response.mutable_propagation() = *std::move(propagation);
    }
  }
  return absl::OkStatus();
}

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_IDEMPOTENT_WRITE_H_
