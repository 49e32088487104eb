#ifndef BROADSHEET_SERVICES_ARTICLE_FOLDER_LOCK_H_
#define BROADSHEET_SERVICES_ARTICLE_FOLDER_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::article {

// Keeps a second process out of a folder: only the one that commits can tell the followers.
class FolderLock {
 public:
  // Makes the folder if it is not there. FAILED_PRECONDITION: another process uses it; UNAVAILABLE: it cannot
  // be made or written to.
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int file) : file_(file) {}
  const int file_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_FOLDER_LOCK_H_
