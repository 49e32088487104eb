#include "libs/rpc/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::rpc {
namespace {

absl::Status CannotUse(std::string_view what, const std::string& folder, const std::string& why) {
  return absl::UnavailableError(
      absl::StrCat("cannot ", std::string(what), " the folder ", folder, ": ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& folder, std::string_view file,
                                                             std::string_view service) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return CannotUse("make", folder, error.message());
  const std::string path = absl::StrCat(folder, "/", std::string(file));
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return CannotUse("write to", folder, std::generic_category().message(errno));
  std::unique_ptr<FolderLock> lock(new FolderLock(descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return CannotUse("lock", folder, std::generic_category().message(errno));
  return absl::FailedPreconditionError(
      absl::StrCat("another ", std::string(service), " service uses the folder ", folder));
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace broadsheet::rpc
