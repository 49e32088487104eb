#include "services/gateway/batch_halves.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/answers.h"

namespace broadsheet::gateway {
namespace {

using article::v1::BatchGetArticlesResponse;
using Answer = absl::StatusOr<BatchGetArticlesResponse>;

BatchGetArticlesResponse WithoutStories(const CallScope& scope) {
  BatchGetArticlesResponse answer;
  answer.mutable_snapshot()->set_log_id(scope.article_log_id);
  answer.mutable_snapshot()->set_position(scope.min_article_position);
  return answer;
}

// The halves of one answer.
Answer Joined(Answer first, Answer second) {
  if (!first.ok()) return first;
  if (!second.ok()) return second;
  // Where one half does not say of which log it is, no state of a log stands for both.
  if (first->snapshot().log_id().empty()) second->clear_snapshot();
  if (second->snapshot().log_id().empty()) first->clear_snapshot();
  if (first->snapshot().log_id() != second->snapshot().log_id())
    return absl::InternalError("the halves of an answer were not read from one log");
  const std::int64_t lowest = std::min(first->snapshot().position(), second->snapshot().position());
  first->mutable_snapshot()->set_position(lowest);
  for (article::v1::Article& story : *second->mutable_articles()) *first->add_articles() = std::move(story);
  return first;
}

// With less than `least` left no halves are asked for.
Backends::Call<BatchGetArticlesResponse> AskWithTimeLeft(CallScope scope, std::vector<std::string> ids,
                                                         absl::Duration least, AskForStories ask) {
  auto call = ask(scope, ids);
  Answer whole = co_await call;
  if (!IsTooLarge(whole.status())) co_return whole;
  if (ids.size() < 2) co_return WithoutStories(scope);
  if (scope.context.remaining() < least)
    co_return absl::DeadlineExceededError("there was no time to ask for fewer stories at a time");
  const std::size_t half = ids.size() / 2;
  std::vector<std::string> rest(ids.begin() + static_cast<std::ptrdiff_t>(half), ids.end());
  ids.resize(half);
  auto first_half = AskWithTimeLeft(scope, std::move(ids), least, ask);
  auto second_half = AskWithTimeLeft(scope, std::move(rest), least, ask);
  Answer first = co_await first_half;
  Answer second = co_await second_half;
  co_return Joined(std::move(first), std::move(second));
}

}  // namespace

Backends::Call<BatchGetArticlesResponse> AskInHalves(CallScope scope, std::vector<std::string> ids,
                                                     absl::Duration budget, AskForStories ask) {
  scope.context = scope.context.WithTimeout(budget);
  return AskWithTimeLeft(std::move(scope), std::move(ids), budget / 2, std::move(ask));
}

}  // namespace broadsheet::gateway
