#include "services/media/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace broadsheet::media {

absl::Status FileError(int error, absl::string_view what) {
  char buffer[128];
  const std::string message = absl::StrCat("cannot ", what, ": ", strerror_r(error, buffer, sizeof buffer));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(message);
    case ENOENT:
      return absl::NotFoundError(message);
    default:
      return absl::UnavailableError(message);
  }
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void FileDescriptor::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

absl::Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(int descriptor, std::size_t max_bytes) {
  std::string bytes;
  while (true) {
    constexpr std::size_t kStep = 256 * 1024;
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    const ssize_t got = read(descriptor, bytes.data() + before, kStep);
    bytes.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno != EINTR) return FileError(errno, "read");
    if (got == 0) return bytes;
    if (bytes.size() > max_bytes) return absl::ResourceExhaustedError("the file is larger than expected");
  }
}

absl::Status SyncDirectory(const std::string& directory) {
  const FileDescriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || fsync(opened.get()) != 0) return FileError(errno, absl::StrCat("sync ", directory));
  return absl::OkStatus();
}

absl::StatusOr<MappedFile> MappedFile::Map(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return FileError(errno, "look at a file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return MappedFile(nullptr, 0);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) return FileError(errno, "map a file");
  return MappedFile(data, size);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

absl::StatusOr<Spool> Spool::Create(const std::string& directory) {
  std::string path = absl::StrCat(directory, "/upload-XXXXXX");
  FileDescriptor file(mkostemp(path.data(), O_CLOEXEC));
  if (!file.valid()) {
    const absl::Status failed = FileError(errno, "make room for an upload");
    return absl::IsNotFound(failed) ? absl::UnavailableError(failed.message()) : failed;
  }
  unlink(path.c_str());
  return Spool(std::move(file));
}

absl::Status Spool::Append(std::string_view bytes) {
  if (absl::Status written = WriteAll(file_.get(), bytes); !written.ok()) return written;
  size_ += bytes.size();
  return absl::OkStatus();
}

}  // namespace broadsheet::media
