#include "services/media/file_blob_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/media/digest.h"
#include "services/media/files.h"

namespace broadsheet::media {
namespace {

constexpr std::size_t kMaxBlobBytes = std::size_t{1} << 30;

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? FileError(error.value(), absl::StrCat("make the folder ", folder)) : absl::OkStatus();
}

// Writes `bytes` under a new name made of `pattern` (which ends in XXXXXX) and syncs them.
absl::Status WriteNew(std::string& pattern, std::string_view bytes) {
  const FileDescriptor file(mkostemp(pattern.data(), O_CLOEXEC));
  if (!file.valid()) return FileError(errno, "make a file");
  absl::Status written = WriteAll(file.get(), bytes);
  if (written.ok() && (fchmod(file.get(), 0644) != 0 || fsync(file.get()) != 0))
    written = FileError(errno, "sync a file");
  if (!written.ok()) unlink(pattern.c_str());
  return written;
}

// For callers a missing folder is the storage's fault, not a missing blob.
absl::Status AsStorageError(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::UnavailableError(status.message()) : status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileBlobStore>> FileBlobStore::Open(const std::string& folder) {
  const std::string incoming = absl::StrCat(folder, "/incoming");
  std::error_code ignored;
  std::filesystem::remove_all(incoming, ignored);
  if (absl::Status made = MakeFolder(incoming); !made.ok()) return AsStorageError(made);
  return std::unique_ptr<FileBlobStore>(new FileBlobStore(folder));
}

std::string FileBlobStore::Folder(const std::string& digest) const {
  return absl::StrCat(folder_, "/", digest.substr(0, 2));
}

std::string FileBlobStore::Path(const std::string& digest) const {
  return absl::StrCat(Folder(digest), "/", digest);
}

absl::StatusOr<bool> FileBlobStore::Put(const std::string& digest, std::string_view bytes) {
  if (!IsSha256(digest)) return absl::InvalidArgumentError("not a SHA-256");
  struct stat present {};
  if (stat(Path(digest).c_str(), &present) == 0 && static_cast<std::size_t>(present.st_size) == bytes.size())
    return false;
  if (absl::Status made = MakeFolder(Folder(digest)); !made.ok()) return AsStorageError(made);
  std::string temporary = absl::StrCat(folder_, "/incoming/XXXXXX");
  if (absl::Status written = WriteNew(temporary, bytes); !written.ok()) return AsStorageError(written);
  if (rename(temporary.c_str(), Path(digest).c_str()) != 0) {
    const absl::Status failed = FileError(errno, "name a file");
    unlink(temporary.c_str());
    return AsStorageError(failed);
  }
  absl::Status synced = SyncDirectory(Folder(digest));
  if (synced.ok()) synced = SyncDirectory(folder_);
  if (!synced.ok()) return AsStorageError(synced);
  return true;
}

absl::StatusOr<std::string> FileBlobStore::Get(const std::string& digest) const {
  if (!IsSha256(digest)) return absl::NotFoundError("not a SHA-256");
  const FileDescriptor file(open(Path(digest).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return FileError(errno, "open a blob");
  return ReadAll(file.get(), kMaxBlobBytes);
}

absl::Status FileBlobStore::Remove(const std::string& digest) {
  if (!IsSha256(digest)) return absl::OkStatus();
  if (unlink(Path(digest).c_str()) != 0 && errno != ENOENT) return FileError(errno, "remove a blob");
  return absl::OkStatus();
}

}  // namespace broadsheet::media
