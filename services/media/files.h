#ifndef BROADSHEET_SERVICES_MEDIA_FILES_H_
#define BROADSHEET_SERVICES_MEDIA_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadsheet::media {

// What a failed system call means to a caller: RESOURCE_EXHAUSTED for a full disk or quota, NOT_FOUND,
// otherwise UNAVAILABLE. `what` completes "cannot …".
absl::Status FileError(int error, absl::string_view what);

// A file descriptor, closed at the end.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  void Close();

 private:
  int descriptor_;
};

absl::Status WriteAll(int descriptor, std::string_view bytes);
// Everything that is left to read; at most `max_bytes`, beyond: RESOURCE_EXHAUSTED.
absl::StatusOr<std::string> ReadAll(int descriptor, std::size_t max_bytes);

// Makes a rename or removal in `directory` durable.
absl::Status SyncDirectory(const std::string& directory);

// A file's bytes in memory, read-only. The file must not shrink meanwhile.
class MappedFile {
 public:
  static absl::StatusOr<MappedFile> Map(int descriptor);
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  MappedFile(void* data, std::size_t size) : data_(data), size_(size) {}

  void* data_;
  std::size_t size_;
};

// A file that has no name: it takes disk space instead of memory, and is gone when it is closed, however the
// process ends.
class Spool {
 public:
  static absl::StatusOr<Spool> Create(const std::string& directory);

  absl::Status Append(std::string_view bytes);
  std::size_t size() const { return size_; }
  // Open for reading and writing, owned by the spool.
  int descriptor() const { return file_.get(); }

 private:
  explicit Spool(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
  std::size_t size_ = 0;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_FILES_H_
