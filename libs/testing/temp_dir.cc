#include "libs/testing/temp_dir.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace broadsheet::test {

namespace {

constexpr std::uintmax_t kPlenty = 8ull << 30;

}  // namespace

TempDir::TempDir() : TempDir(std::filesystem::temp_directory_path().native()) {}

TempDir TempDir::InMemory() {
  std::error_code error;
  const std::filesystem::path memory = "/dev/shm";
  const std::filesystem::space_info space = std::filesystem::space(memory, error);
  const bool has_room = !error && space.available >= kPlenty;
  return TempDir((has_room ? memory : std::filesystem::temp_directory_path()).native());
}

TempDir::TempDir(std::string_view folder) : path_(std::string(folder) + "/broadsheet-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror("cannot make a temporary directory");
    std::abort();
  }
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::File(std::string_view name) const {
  return (std::filesystem::path(path_) / name).string();
}

}  // namespace broadsheet::test
