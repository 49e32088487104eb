#include "services/gateway/last_good_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

constexpr const char* kPagesFile = "pages";
constexpr const char* kRecordFile = "ends";
constexpr const char* kLockFile = "lock";
constexpr mode_t kMode = 0600;

absl::Status FileError(std::string_view what) {
  return absl::UnavailableError(
      absl::StrCat(std::string(what), ": ", std::generic_category().message(errno)));
}

// A descriptor, closed at the end of its scope.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status WriteAll(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return FileError("cannot write to " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

// The bytes of a regular file of reasonable size. NOT_FOUND: there is none.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) {
    return errno == ENOENT ? absl::NotFoundError("there is no " + path) : FileError("cannot open " + path);
  }
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return FileError("cannot read " + path);
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > 2 * kMaxLastGoodBytes) {
    return absl::DataLossError(path + " is not a file of ours");
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return FileError("cannot read " + path);
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

// So that a rename or a removal outlives a loss of power.
absl::Status SyncFolder(const std::string& folder) {
  const File opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) return FileError("cannot sync " + folder);
  return absl::OkStatus();
}

std::string FreshName() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LastGoodFolder>> LastGoodFolder::Open(std::string folder, std::string site) {
  absl::StatusOr<std::unique_ptr<rpc::FolderLock>> lock = rpc::FolderLock::Take(folder, kLockFile, "gateway");
  if (!lock.ok()) return lock.status();
  return std::unique_ptr<LastGoodFolder>(
      new LastGoodFolder(std::move(folder), std::move(site), *std::move(lock)));
}

LastGoodFolder::~LastGoodFolder() {
  if (record_ >= 0) close(record_);
}

absl::StatusOr<LastGoodFolder::Contents> LastGoodFolder::Load(std::string_view security_policy) {
  absl::StatusOr<Contents> contents = Read(security_policy);
  if (!contents.ok()) {
    if (absl::Status cleared = Clear(); !cleared.ok()) return cleared;
    return contents;
  }
  // Only a folder that can be written to may be believed: in any other, what ends is not written down. Nor
  // may the run after this one believe it.
  if (absl::Status ready = RewriteRecord(contents->ends); !ready.ok()) {
    if (absl::Status deleted = Delete(); !deleted.ok()) return deleted;
    return ready;
  }
  return contents;
}

absl::StatusOr<LastGoodFolder::Contents> LastGoodFolder::Read(std::string_view security_policy) {
  absl::StatusOr<std::string> bytes = ReadFile(Path(kPagesFile));
  if (!bytes.ok()) return bytes.status();
  std::optional<LastGoodPages> pages = DecodeLastGoodPages(*bytes, security_policy);
  if (!pages) return absl::DataLossError("the pages are damaged, or written by another version");
  if (pages->site != site_) return absl::DataLossError("the pages are those of " + pages->site);
  absl::StatusOr<std::string> lines = ReadFile(Path(kRecordFile));
  if (!lines.ok()) return absl::DataLossError("what has been withdrawn since is not recorded");
  std::optional<EndRecord> record = DecodeEndRecord(*lines);
  if (!record || record->name != pages->record_name) {
    return absl::DataLossError("the record of what has been withdrawn since is damaged, or another one");
  }
  record_name_ = record->name;
  return Contents{.pages = std::move(pages->pages), .ends = std::move(record->ends)};
}

absl::Status LastGoodFolder::WritePages(const std::vector<std::shared_ptr<const PageEntry>>& pages,
                                        const std::string& record_name) {
  const std::string bytes = EncodeLastGoodPages({.site = site_, .record_name = record_name, .pages = pages});
  if (bytes.size() > kMaxLastGoodBytes) return absl::ResourceExhaustedError("the pages are too large");
  return Replace(kPagesFile, bytes);
}

absl::Status LastGoodFolder::Replace(const std::string& name, std::string_view bytes) {
  const std::string temporary = Path(name + ".new");
  {
    const File file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (file.get() < 0) return FileError("cannot write " + temporary);
    if (absl::Status written = WriteAll(file.get(), bytes, temporary); !written.ok()) return written;
    if (fsync(file.get()) != 0) return FileError("cannot sync " + temporary);
  }
  if (rename(temporary.c_str(), Path(name).c_str()) != 0) return FileError("cannot rename " + temporary);
  return SyncFolder(folder_);
}

absl::Status LastGoodFolder::Append(const End& end) {
  if (record_ < 0) return absl::UnavailableError("the record is not open");
  const std::string line = EncodeEnd(end);
  if (absl::Status written = WriteAll(record_, line, Path(kRecordFile)); !written.ok()) return written;
  if (fdatasync(record_) != 0) return FileError("cannot sync " + Path(kRecordFile));
  record_bytes_ += line.size();
  return absl::OkStatus();
}

absl::Status LastGoodFolder::RewriteRecord(const std::vector<End>& ends) {
  std::string lines = EncodeRecordName(record_name_);
  for (const End& end : ends) lines += EncodeEnd(end);
  if (absl::Status replaced = Replace(kRecordFile, lines); !replaced.ok()) return replaced;
  record_bytes_ = lines.size();
  return OpenRecord();
}

absl::Status LastGoodFolder::OpenRecord() {
  if (record_ >= 0) close(record_);
  record_ = open(Path(kRecordFile).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  return record_ < 0 ? FileError("cannot write to " + Path(kRecordFile)) : absl::OkStatus();
}

// A full disk does not prevent it. The record goes as well: pages that WritePages puts in their place only
// now belong to it, and are worth nothing without.
absl::Status LastGoodFolder::Delete() {
  if (record_ >= 0) close(std::exchange(record_, -1));
  absl::Status deleted;
  for (const char* name : {kPagesFile, kRecordFile}) {
    if (unlink(Path(name).c_str()) != 0 && errno != ENOENT)
      deleted.Update(FileError("cannot delete " + Path(name)));
  }
  deleted.Update(SyncFolder(folder_));
  return deleted;
}

absl::Status LastGoodFolder::Clear() {
  if (absl::Status deleted = Delete(); !deleted.ok()) return deleted;
  record_name_ = FreshName();
  return RewriteRecord({});
}

}  // namespace broadsheet::gateway
