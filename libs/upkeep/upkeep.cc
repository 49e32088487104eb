#include "libs/upkeep/upkeep.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/folder_lock.h"

namespace broadsheet::upkeep {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 5'000;

absl::Status Sync(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::UnavailableError(absl::StrCat("cannot open ", path.string()));
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot sync ", path.string()));
}

// Copies into `part`, which is empty.
void Copy(const std::string& database, const fs::path& part) {
  SQLite::Database from(database, SQLite::OPEN_READWRITE, kBusyMilliseconds);
  SQLite::Statement copy(from, "VACUUM INTO ?");
  copy.bind(1, part.string());
  copy.exec();
}

// A link, as opposed to a new name, does not take the place of what is there.
absl::Status Appear(const fs::path& part, const fs::path& file) {
  if (absl::Status synced = Sync(part); !synced.ok()) return synced;
  if (link(part.c_str(), file.c_str()) != 0) {
    return errno == EEXIST ? absl::AlreadyExistsError(absl::StrCat(file.string(), " is there already"))
                           : absl::UnavailableError(absl::StrCat("cannot write ", file.string()));
  }
  return Sync(fs::absolute(file).parent_path());
}

absl::StatusOr<std::string> BackUp(const std::string& database, const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error))
    return absl::AlreadyExistsError(absl::StrCat(file.string(), " is there already"));
  const fs::path part = file.string() + ".part";
  const int held = open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (held < 0) return absl::UnavailableError(absl::StrCat("cannot write ", part.string()));
  const auto closed = absl::MakeCleanup([held] { close(held); });
  if (flock(held, LOCK_EX | LOCK_NB) != 0)
    return absl::FailedPreconditionError(absl::StrCat("another backup is being made into ", part.string()));
  const auto unfinished = absl::MakeCleanup([&part] { unlink(part.c_str()); });
  if (ftruncate(held, 0) != 0)  // of one that was broken off
    return absl::UnavailableError(absl::StrCat("cannot write ", part.string()));
  Copy(database, part);
  if (absl::Status appeared = Appear(part, file); !appeared.ok()) return appeared;
  return absl::StrCat("ok, copied to ", file.string());
}

absl::StatusOr<std::string> GiveNewLogId(const Database& database, const std::string& path) {
  const auto lock = rpc::FolderLock::Take(database.folder, database.lock, database.service);
  if (!lock.ok()) return lock.status();
  SQLite::Database log(path, SQLite::OPEN_READWRITE, kBusyMilliseconds);
  log.exec("PRAGMA synchronous = FULL");
  if (log.exec(absl::StrCat("UPDATE ", database.log_table, " SET log_id = lower(hex(randomblob(16)))")) != 1)
    return absl::UnavailableError(absl::StrCat(path, " has no log"));
  const SQLite::Column now = log.execAndGet(absl::StrCat("SELECT log_id FROM ", database.log_table));
  return absl::StrCat("ok, the log is now ", now.getString());
}

absl::StatusOr<std::string> Do(const Database& database, const Wanted& wanted) {
  if (!wanted.backup.empty() && wanted.new_log_id)
    return absl::InvalidArgumentError("--backup and --new_log_id are asked for one after the other");
  const std::string path = absl::StrCat(database.folder, "/", database.file);
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError(absl::StrCat("there is no ", path));
  try {
    return wanted.new_log_id ? GiveNewLogId(database, path) : BackUp(path, wanted.backup);
  } catch (const SQLite::Exception& fault) {
    return absl::UnavailableError(absl::StrCat(path, ": ", fault.what()));
  }
}

}  // namespace

std::optional<absl::StatusOr<std::string>> Run(const Database& database, const Wanted& wanted) {
  if (wanted.backup.empty() && !wanted.new_log_id) return std::nullopt;
  return Do(database, wanted);
}

}  // namespace broadsheet::upkeep
