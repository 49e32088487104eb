#include "services/recommendation/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::recommendation {
namespace {

constexpr absl::string_view kHeader = "broadsheet records 1\n";
constexpr std::size_t kFrameBytes = 8;  // length and CRC-32, both little-endian
constexpr std::size_t kBufferBytes = 256 << 10;

absl::Status FileError(absl::string_view doing, const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot ", doing, " ", path, ": ", std::generic_category().message(errno)));
}

std::uint32_t Crc(absl::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void PutNumber(std::uint32_t number, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

std::uint32_t GetNumber(absl::string_view bytes) {
  std::uint32_t number = 0;
  for (int i = 3; i >= 0; --i)
    number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return number;
}

std::string Framed(absl::string_view record) {
  std::string framed;
  framed.reserve(kFrameBytes + record.size());
  PutNumber(static_cast<std::uint32_t>(record.size()), framed);
  PutNumber(Crc(record), framed);
  framed.append(record.data(), record.size());
  return framed;
}

bool WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Up to `wanted` bytes; fewer only at the end of the file; -1 on an error.
ssize_t ReadAll(int file, char* to, std::size_t wanted) {
  std::size_t done = 0;
  while (done < wanted) {
    const ssize_t got = read(file, to + done, wanted - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

// Makes a rename last.
void SyncFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const int file = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  close(file);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordFile>> RecordFile::Open(const std::string& path, const Take& take) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return FileError("open", path);
  auto opened = std::unique_ptr<RecordFile>(new RecordFile(path, file));
  if (absl::Status replayed = opened->Replay(take); !replayed.ok()) return replayed;
  return opened;
}

RecordFile::~RecordFile() { close(file_); }

absl::Status RecordFile::Replay(const Take& take) {
  struct stat status = {};
  if (fstat(file_, &status) != 0) return FileError("read", path_);
  std::string start(kHeader.size(), '\0');
  const ssize_t header = ReadAll(file_, start.data(), start.size());
  if (header < 0) return FileError("read", path_);
  start.resize(static_cast<std::size_t>(header));
  if (kHeader.substr(0, start.size()) != start) {
    return absl::FailedPreconditionError(absl::StrCat(path_, " is not a file of this program"));
  }
  if (start.size() == kHeader.size()) size_ = header;
  for (std::string frame(kFrameBytes, '\0'), record; size_ > 0;) {
    if (ReadAll(file_, frame.data(), kFrameBytes) != static_cast<ssize_t>(kFrameBytes)) break;
    const std::uint32_t length = GetNumber(frame);
    if (length > kMaxRecordBytes) break;
    record.resize(length);
    if (ReadAll(file_, record.data(), length) != static_cast<ssize_t>(length)) break;
    if (Crc(record) != GetNumber(absl::string_view(frame).substr(4))) break;
    take(record);
    size_ += static_cast<std::int64_t>(kFrameBytes + length);
  }
  bytes_cut_off_ = status.st_size - size_;
  if (bytes_cut_off_ > 0 && ftruncate(file_, size_) != 0) return FileError("shorten", path_);
  if (size_ > 0) return absl::OkStatus();
  if (!WriteAll(file_, kHeader)) return FileError("write to", path_);
  size_ = static_cast<std::int64_t>(kHeader.size());
  return absl::OkStatus();
}

absl::Status RecordFile::Append(absl::string_view record) {
  // What is half there would hide later records.
  if (has_rest_ && ftruncate(file_, size_) != 0) return FileError("shorten", path_);
  has_rest_ = false;
  const std::string framed = Framed(record);
  if (!WriteAll(file_, framed)) {
    absl::Status failed = FileError("write to", path_);
    has_rest_ = ftruncate(file_, size_) != 0;
    return failed;
  }
  size_ += static_cast<std::int64_t>(framed.size());
  return absl::OkStatus();
}

RecordFile::Successor::~Successor() {
  if (file_ < 0) return;
  close(file_);
  unlink(path_.c_str());
}

absl::StatusOr<std::unique_ptr<RecordFile::Successor>> RecordFile::WriteSuccessor(
    std::int64_t size, const std::function<absl::Status(const Write&)>& fill) const {
  const std::string path = path_ + ".new";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return FileError("make", path);
  auto successor = std::unique_ptr<Successor>(new Successor(path, file, size));
  std::string buffer(kHeader);
  const auto flush = [&] {
    successor->size_ += static_cast<std::int64_t>(buffer.size());
    const bool written = WriteAll(file, buffer);
    buffer.clear();
    return written ? absl::OkStatus() : FileError("write to", path);
  };
  absl::Status done = fill([&](absl::string_view record) {
    buffer += Framed(record);
    return buffer.size() < kBufferBytes ? absl::OkStatus() : flush();
  });
  if (done.ok()) done = flush();
  if (done.ok() && fdatasync(file) != 0) done = FileError("write to", path);
  if (!done.ok()) return done;
  return successor;
}

absl::Status RecordFile::Copy(Successor& successor, std::int64_t end) const {
  std::string buffer;
  while (successor.copied_to_ < end) {
    buffer.resize(std::min<std::size_t>(kBufferBytes, static_cast<std::size_t>(end - successor.copied_to_)));
    const ssize_t got = pread(file_, buffer.data(), buffer.size(), successor.copied_to_);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return FileError("read", path_);
    buffer.resize(static_cast<std::size_t>(got));
    if (!WriteAll(successor.file_, buffer)) return FileError("write to", successor.path_);
    successor.copied_to_ += got;
    successor.size_ += got;
  }
  return absl::OkStatus();
}

absl::Status RecordFile::CatchUp(Successor& successor, std::int64_t size) const {
  if (absl::Status copied = Copy(successor, size); !copied.ok()) return copied;
  return fdatasync(successor.file_) == 0 ? absl::OkStatus() : FileError("write to", successor.path_);
}

absl::Status RecordFile::Replace(std::unique_ptr<Successor> successor) {
  if (absl::Status copied = Copy(*successor, size_); !copied.ok()) return copied;
  if (rename(successor->path_.c_str(), path_.c_str()) != 0) return FileError("rename", successor->path_);
  close(std::exchange(file_, std::exchange(successor->file_, -1)));
  size_ = successor->size_;
  has_rest_ = false;
  SyncFolderOf(path_);
  return absl::OkStatus();
}

}  // namespace broadsheet::recommendation
