#ifndef BROADSHEET_SERVICES_GATEWAY_MOMENT_OF_A_FOLDER_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_MOMENT_OF_A_FOLDER_TESTING_H_

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {

// Each file's name, number, length and time of change.
inline std::set<std::string> FilesIn(const std::string& folder) {
  std::set<std::string> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    struct stat found = {};
    if (stat(entry->path().c_str(), &found) != 0) continue;  // renamed meanwhile
    files.insert(absl::StrCat(entry->path().string(), " ", found.st_ino, " ", found.st_size, " ",
                              found.st_mtim.tv_sec, ".", found.st_mtim.tv_nsec));
  }
  return files;
}

// What a crash would leave: whether `copy` is now what was in the folder at one moment. False if somebody
// wrote or renamed something meanwhile, so that the copy may hold the old of one file and the new of another.
inline bool CopyOfOneMoment(const std::string& folder, const std::string& copy) {
  std::filesystem::remove_all(copy);
  const std::set<std::string> before = FilesIn(folder);
  std::error_code failed;
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive, failed);
  return !failed && FilesIn(folder) == before;
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_MOMENT_OF_A_FOLDER_TESTING_H_
