#ifndef BROADSHEET_SERVICES_ARTICLE_POSTGRES_BINARY_H_
#define BROADSHEET_SERVICES_ARTICLE_POSTGRES_BINARY_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/article/sql.h"

// Values in PostgreSQL's binary format: nothing to escape, nothing to misread.
namespace broadsheet::article::sql {

// Types by their numbers in the catalog `pg_type`, which never change.
using PostgresType = unsigned int;
inline constexpr PostgresType kPostgresInferred = 0;  // what the statement expects in this place
inline constexpr PostgresType kPostgresBool = 16;
inline constexpr PostgresType kPostgresBytes = 17;
inline constexpr PostgresType kPostgresInt8 = 20;
inline constexpr PostgresType kPostgresInt4 = 23;
inline constexpr PostgresType kPostgresText = 25;
inline constexpr PostgresType kPostgresVoid = 2278;

// Whether a Row can give a column of this type.
bool IsReadable(PostgresType type);

// A column of a readable type that is no text; 0 for bytes that are no number.
std::int64_t DecodeNumber(absl::string_view bytes);

// Parameters of a statement as libpq takes them: arrays of the same length. Views of the values they are made
// from.
class PostgresParameters {
 public:
  explicit PostgresParameters(const std::vector<Value>& values);
  PostgresParameters(const PostgresParameters&) = delete;
  PostgresParameters& operator=(const PostgresParameters&) = delete;

  int count() const { return static_cast<int>(types_.size()); }
  const PostgresType* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Add(PostgresType type, absl::string_view bytes);
  void AddNull(PostgresType type);

  std::vector<std::array<char, 8>> numbers_;
  std::vector<PostgresType> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;  // all 1: binary
};

}  // namespace broadsheet::article::sql

#endif  // BROADSHEET_SERVICES_ARTICLE_POSTGRES_BINARY_H_
