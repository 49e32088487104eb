#ifndef BROADSHEET_LIBS_TESTING_TEMP_DIR_H_
#define BROADSHEET_LIBS_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace broadsheet::test {

// An empty directory of its own, removed with all it holds when this ends.
class TempDir {
 public:
  TempDir();
  // For gigabytes that last no longer than a test: in memory if there is plenty of room, else like the
  // others.
  static TempDir InMemory();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // `path()/name`
  std::string File(std::string_view name) const;

 private:
  explicit TempDir(std::string_view folder);

  std::string path_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_TEMP_DIR_H_
