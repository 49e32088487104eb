// The paths stories have, had and reserved.
#include "services/article/sql_edit_transaction.h"

namespace broadsheet::article {

absl::StatusOr<std::optional<std::string>> SqlEditTransaction::FindPathOwner(absl::string_view path) {
  std::optional<std::string> owner;
  absl::Status read = connection_.Run("SELECT article_id FROM story_path WHERE path = $1", {path},
                                      [&](const sql::Row& row) { owner.emplace(row.Text(0)); });
  if (!read.ok()) return read;
  return owner;
}

absl::StatusOr<std::vector<std::string>> SqlEditTransaction::ListPaths(absl::string_view article_id) {
  std::vector<std::string> paths;
  absl::Status read =
      connection_.Run("SELECT path FROM story_path WHERE article_id = $1 ORDER BY path", {article_id},
                      [&](const sql::Row& row) { paths.emplace_back(row.Text(0)); });
  if (!read.ok()) return read;
  return paths;
}

absl::Status SqlEditTransaction::ClaimPath(absl::string_view path, absl::string_view article_id) {
  absl::Status claimed =
      Modify("INSERT INTO story_path (path, article_id) VALUES ($1, $2)", {path, article_id});
  if (!claimed.ok()) return claimed;
  return ReleasePath(path);
}

absl::StatusOr<std::optional<std::string>> SqlEditTransaction::FindReservation(absl::string_view path) {
  std::optional<std::string> holder;
  absl::Status read = connection_.Run("SELECT article_id FROM reserved_path WHERE path = $1", {path},
                                      [&](const sql::Row& row) { holder.emplace(row.Text(0)); });
  if (!read.ok()) return read;
  return holder;
}

absl::StatusOr<int> SqlEditTransaction::CountReservations(absl::string_view article_id) {
  int count = 0;
  absl::Status read =
      connection_.Run("SELECT COUNT(*) FROM reserved_path WHERE article_id = $1", {article_id},
                      [&](const sql::Row& row) { count = static_cast<int>(row.Int64(0)); });
  if (!read.ok()) return read;
  return count;
}

absl::Status SqlEditTransaction::ReservePath(absl::string_view path, absl::string_view article_id) {
  return Modify("INSERT INTO reserved_path (path, article_id) VALUES ($1, $2)", {path, article_id});
}

absl::Status SqlEditTransaction::ReleasePath(absl::string_view path) {
  return Modify("DELETE FROM reserved_path WHERE path = $1", {path});
}

absl::Status SqlEditTransaction::ReleasePaths(absl::string_view article_id) {
  return Modify("DELETE FROM reserved_path WHERE article_id = $1", {article_id});
}

}  // namespace broadsheet::article
