#include "services/article/postgres_binary.h"

namespace broadsheet::article::sql {
namespace {

// Big-endian, whatever the machine.
std::array<char, 8> Encode(std::int64_t number) {
  std::array<char, 8> bytes{};
  auto rest = static_cast<std::uint64_t>(number);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, rest >>= 8)
    *byte = static_cast<char>(rest & 0xFF);
  return bytes;
}

}  // namespace

bool IsReadable(PostgresType type) {
  return type == kPostgresBool || type == kPostgresBytes || type == kPostgresInt8 || type == kPostgresInt4 ||
         type == kPostgresText || type == kPostgresVoid;
}

std::int64_t DecodeNumber(absl::string_view bytes) {
  std::uint64_t number = 0;
  if (bytes.size() > 8) return 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  // An int4 keeps its sign.
  if (bytes.size() == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
  return static_cast<std::int64_t>(number);
}

PostgresParameters::PostgresParameters(const std::vector<Value>& values) : numbers_(values.size()) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
      numbers_[i] = Encode(*number);
      Add(kPostgresInt8, {numbers_[i].data(), numbers_[i].size()});
    } else if (const auto* text = std::get_if<absl::string_view>(&values[i])) {
      // No text that is stored equals one with a NUL byte; comparing with NULL comes to just that.
      if (text->find('\0') != absl::string_view::npos) {
        AddNull(kPostgresText);
      } else {
        Add(kPostgresText, *text);
      }
    } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
      Add(kPostgresBytes, blob->bytes);
    } else {
      AddNull(kPostgresInferred);
    }
  }
}

void PostgresParameters::Add(PostgresType type, absl::string_view bytes) {
  types_.push_back(type);
  values_.push_back(bytes.data() == nullptr ? "" : bytes.data());  // a null pointer means NULL
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(1);
}

void PostgresParameters::AddNull(PostgresType type) {
  types_.push_back(type);
  values_.push_back(nullptr);
  lengths_.push_back(0);
  formats_.push_back(1);
}

}  // namespace broadsheet::article::sql
