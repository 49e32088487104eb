#include "services/article/sql.h"

namespace broadsheet::article::sql {

absl::StatusOr<bool> QueryRow(Connection& connection, absl::string_view statement,
                              const std::vector<Value>& parameters,
                              absl::FunctionRef<void(const Row&)> on_row) {
  bool found = false;
  const absl::Status run = connection.Run(statement, parameters, [&](const Row& row) {
    if (!found) on_row(row);
    found = true;
  });
  if (!run.ok()) return run;
  return found;
}

}  // namespace broadsheet::article::sql
