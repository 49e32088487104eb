#include "services/article/path_claims.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/site_paths.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxPaths = 400;        // so that a change names them all within its 1,000 tags
constexpr int kMaxRedirectHops = 50;  // more are a loop, or as good as one

absl::Status CheckOfNoOtherStory(EditTransaction& transaction, absl::string_view path,
                                 absl::string_view article_id) {
  absl::StatusOr<std::optional<std::string>> owner = transaction.FindPathOwner(path);
  if (!owner.ok()) return owner.status();
  if (*owner && absl::string_view(**owner) != article_id) {
    return rpc::AlreadyExists("PATH_TAKEN", absl::StrCat("another story has or had the path ", path));
  }
  absl::StatusOr<std::optional<std::string>> holder = transaction.FindReservation(path);
  if (!holder.ok()) return holder.status();
  if (*holder && absl::string_view(**holder) != article_id) {
    return rpc::AlreadyExists("PATH_RESERVED",
                              absl::StrCat("the path ", path, " is reserved for the story ", **holder),
                              {{"article_id", **holder}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPathFree(EditTransaction& transaction, absl::string_view path,
                           absl::string_view article_id) {
  if (absl::Status free = CheckOfNoOtherStory(transaction, path, article_id); !free.ok()) return free;
  if (absl::StrContains(path.substr(1), '/')) return absl::OkStatus();  // no section's page lies so deep
  absl::StatusOr<std::optional<v1::Section>> section = transaction.FindSection(path.substr(1));
  if (!section.ok()) return section.status();
  if (*section) return rpc::AlreadyExists("PATH_TAKEN", absl::StrCat(path, " is the page of a section"));
  return absl::OkStatus();
}

absl::Status CheckPageFree(EditTransaction& transaction, absl::string_view path) {
  if (IsPathOfTheSite(path))
    return rpc::AlreadyExists("PATH_TAKEN", absl::StrCat("the site answers at ", path, " itself"));
  return CheckOfNoOtherStory(transaction, path, "");
}

absl::StatusOr<bool> LeadsElsewhere(EditTransaction& transaction, absl::string_view article_id,
                                    const v1::Withdrawal& withdrawal, absl::string_view new_path) {
  v1::Withdrawal step = withdrawal;
  for (int hop = 0; hop < kMaxRedirectHops; ++hop) {
    if (step.mode() != v1::WITHDRAWAL_MODE_REDIRECT) return true;
    if (absl::string_view(step.redirect_path()) == new_path) return false;
    absl::StatusOr<std::optional<std::string>> owner = transaction.FindPathOwner(step.redirect_path());
    if (!owner.ok()) return owner.status();
    if (!*owner) return true;
    if (absl::string_view(**owner) == article_id) return false;
    absl::StatusOr<std::optional<v1::Withdrawal>> next = transaction.FindWithdrawn(**owner);
    if (!next.ok()) return next.status();
    if (!*next) return true;
    step = **std::move(next);
  }
  return false;
}

absl::Status CheckMove(EditTransaction& transaction, const v1::Draft& story, absl::string_view path) {
  if (absl::Status free = CheckPathFree(transaction, path, story.article_id()); !free.ok()) return free;
  absl::StatusOr<bool> elsewhere = LeadsElsewhere(transaction, story.article_id(), story.withdrawal(), path);
  if (!elsewhere.ok()) return elsewhere.status();
  if (!*elsewhere) return rpc::InvalidArgument("path", "is where the withdrawn story redirects to");
  absl::StatusOr<std::vector<std::string>> paths = transaction.ListPaths(story.article_id());
  if (!paths.ok()) return paths.status();
  if (paths->size() >= kMaxPaths)
    return rpc::FailedPrecondition("INVALID_STATE", absl::StrCat("the story has ", kMaxPaths, " paths"));
  return absl::OkStatus();
}

}  // namespace broadsheet::article
