#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/editorial_service.h"
#include "services/article/idempotent_write.h"
#include "services/article/lifecycle.h"
#include "services/article/path_claims.h"
#include "services/article/paths.h"
#include "services/article/request_check.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxReservations = 20;  // of one story

template <class Request>
absl::Status Validate(const Request& request, std::optional<std::string> path_error) {
  FieldCheck check;
  CheckWrite(request, check);
  check.Id("article_id", request.article_id());
  if (path_error) check.Add("path", *path_error);
  return ToStatus(check);
}

absl::Status Reserve(EditTransaction& transaction, const std::string& path, const std::string& article_id) {
  if (absl::Status free = CheckPathFree(transaction, path, article_id); !free.ok()) return free;
  // What is not free for others is the story's own.
  absl::StatusOr<std::optional<std::string>> owner = transaction.FindPathOwner(path);
  if (!owner.ok()) return owner.status();
  absl::StatusOr<std::optional<std::string>> holder = transaction.FindReservation(path);
  if (!holder.ok()) return holder.status();
  if (*owner || *holder) return absl::OkStatus();
  absl::StatusOr<std::optional<Story>> story = transaction.FindStory(article_id);
  if (!story.ok()) return story.status();
  if (*story && (*story)->draft.pub_status() == v1::PUB_STATUS_CANCELED)
    return InvalidState("the story is canceled");
  absl::StatusOr<int> count = transaction.CountReservations(article_id);
  if (!count.ok()) return count.status();
  if (*count >= kMaxReservations)
    return InvalidState(absl::StrCat(*count, " paths are reserved for the story"));
  return transaction.ReservePath(path, article_id);
}

}  // namespace

grpc::Status EditorialService::ReservePath(grpc::ServerContext* /*context*/,
                                           const v1::ReservePathRequest* request,
                                           v1::ReservePathResponse* response) {
  if (absl::Status valid = Validate(*request, FindStoryPathError(request->path())); !valid.ok())
    return rpc::ToGrpc(valid);
  return rpc::ToGrpc(IdempotentWrite<v1::ReservePathRequest, v1::ReservePathResponse>(
      store_, wait_for_followers_, clock_(), *request, *response,
      [&](EditTransaction& transaction, v1::ReservePathResponse& answer, WriteOutcome& /*outcome*/) {
        answer.set_path(request->path());
        return Reserve(transaction, request->path(), request->article_id());
      }));
}

grpc::Status EditorialService::ReleasePath(grpc::ServerContext* /*context*/,
                                           const v1::ReleasePathRequest* request,
                                           v1::ReleasePathResponse* response) {
  if (absl::Status valid = Validate(*request, FindPathError(request->path())); !valid.ok())
    return rpc::ToGrpc(valid);
  return rpc::ToGrpc(IdempotentWrite<v1::ReleasePathRequest, v1::ReleasePathResponse>(
      store_, wait_for_followers_, clock_(), *request, *response,
      [&](EditTransaction& transaction, v1::ReleasePathResponse& /*answer*/,
          WriteOutcome& /*outcome*/) -> absl::Status {
        absl::StatusOr<std::optional<std::string>> holder = transaction.FindReservation(request->path());
        if (!holder.ok()) return holder.status();
        if (*holder != request->article_id()) return absl::OkStatus();
        return transaction.ReleasePath(request->path());
      }));
}

}  // namespace broadsheet::article
