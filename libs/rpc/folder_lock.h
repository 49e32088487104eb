#ifndef BROADSHEET_LIBS_RPC_FOLDER_LOCK_H_
#define BROADSHEET_LIBS_RPC_FOLDER_LOCK_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace broadsheet::rpc {

// Keeps a second process out of a folder in which one keeps its files, for as long as this lives; if the
// process is killed, until then.
class FolderLock {
 public:
  // Makes the folder if it is not there, and in it `file`, which stays. `service`: whose files are there, for
  // example "article". FAILED_PRECONDITION: another process has the folder; UNAVAILABLE: it cannot be made,
  // written to or locked. Messages name the folder.
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder, std::string_view file,
                                                          std::string_view service);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_FOLDER_LOCK_H_
