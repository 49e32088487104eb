#ifndef BROADSHEET_SERVICES_GATEWAY_BATCHES_H_
#define BROADSHEET_SERVICES_GATEWAY_BATCHES_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/task.h"
#include "services/gateway/backends.h"
#include "services/gateway/route.h"

// Asking for more records than one call may ask for.
namespace broadsheet::gateway {

// The first `limit` of the well-formed ids, each once.
inline std::vector<std::string> Distinct(const std::vector<std::string>& ids, std::size_t limit) {
  std::vector<std::string> distinct;
  std::set<std::string_view> seen;
  for (const std::string& id : ids) {
    if (distinct.size() == limit) break;
    if (IsId(id) && seen.insert(id).second) distinct.push_back(id);
  }
  return distinct;
}

// What one call asked for, and what came of it.
template <class Response>
struct Batch {
  std::vector<std::string> ids;
  absl::StatusOr<Response> response;
};

// How a page's records are asked for. `budget` is for all calls together: none is begun in its second half,
// so that each has time to be answered, and one that is not says something of the service.
struct BatchRules {
  std::size_t ids_in_a_call = 1;
  absl::Duration budget = absl::ZeroDuration();
};

// Asks for `ids` with calls of `ask`, a few at a time; in order, every id in one batch. After a call that
// failed no other is begun: the batches that are left say what that one said. Run it on a queue's thread.
template <class Response>
rpc::Task<std::vector<Batch<Response>>> AskInBatches(
    CallScope scope, std::vector<std::string> ids, BatchRules rules,
    std::function<Backends::Call<Response>(CallScope, std::vector<std::string>)> ask) {
  constexpr std::size_t kCallsAtOnce = 8;  // two rounds for the pictures of the longest story
  scope.context = scope.context.WithTimeout(rules.budget);
  const absl::Duration half = scope.context.remaining() / 2;
  std::vector<Batch<Response>> batches;
  std::deque<Backends::Call<Response>> calls;
  absl::Status given_up;
  for (std::size_t next = 0, answered = 0; next < ids.size() || !calls.empty();) {
    if (next > 0 && given_up.ok() && next < ids.size() && scope.context.remaining() < half)
      given_up = absl::DeadlineExceededError("there was no time to ask for all");
    if (next < ids.size() && (!given_up.ok() || calls.size() < kCallsAtOnce)) {
      const std::size_t end = std::min(next + rules.ids_in_a_call, ids.size());
      std::vector<std::string> part(ids.begin() + static_cast<std::ptrdiff_t>(next),
                                    ids.begin() + static_cast<std::ptrdiff_t>(end));
      next = end;
      batches.push_back({part, given_up.ok() ? absl::UnknownError("not answered yet") : given_up});
      if (given_up.ok()) calls.push_back(ask(scope, std::move(part)));
      continue;
    }
    absl::StatusOr<Response> response = co_await calls.front();
    calls.pop_front();
    if (!response.ok() && given_up.ok()) given_up = response.status();
    batches[answered++].response = std::move(response);
  }
  co_return batches;
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_BATCHES_H_
