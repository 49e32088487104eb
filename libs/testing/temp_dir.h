#ifndef BROADSHEET_LIBS_TESTING_TEMP_DIR_H_
#define BROADSHEET_LIBS_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace broadsheet::test {

// An empty directory of its own, removed with all it holds when this ends.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // `path()/name`
  std::string File(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_TEMP_DIR_H_
