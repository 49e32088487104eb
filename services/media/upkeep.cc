#include "services/media/upkeep.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/folder_lock.h"

namespace broadsheet::media {
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

absl::StatusOr<std::string> BackUp(const std::string& database, const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error))
    return absl::AlreadyExistsError(absl::StrCat(file.string(), " is there already"));
  const fs::path part = file.string() + ".part";
  fs::remove(part, error);  // of one that was broken off
  const auto unfinished = absl::MakeCleanup([&part] {
    std::error_code ignored;
    fs::remove(part, ignored);
  });
  {
    SQLite::Database from(database, SQLite::OPEN_READWRITE, kBusyMilliseconds);
    SQLite::Statement copy(from, "VACUUM INTO ?");
    copy.bind(1, part.string());
    copy.exec();
  }
  if (absl::Status synced = Sync(part); !synced.ok()) return synced;
  fs::rename(part, file, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot write ", file.string()));
  if (absl::Status synced = Sync(fs::absolute(file).parent_path()); !synced.ok()) return synced;
  return absl::StrCat("ok, copied to ", file.string());
}

absl::StatusOr<std::string> GiveNewLogId(const std::string& data, const std::string& database) {
  const auto lock = rpc::FolderLock::Take(data, "media.lock", "media");
  if (!lock.ok()) return lock.status();
  SQLite::Database log(database, SQLite::OPEN_READWRITE, kBusyMilliseconds);
  log.exec("PRAGMA synchronous = FULL");
  if (log.exec("UPDATE change_log SET log_id = lower(hex(randomblob(16)))") != 1)
    return absl::UnavailableError(absl::StrCat(database, " has no log"));
  return absl::StrCat("ok, the log is now ", log.execAndGet("SELECT log_id FROM change_log").getString());
}

absl::StatusOr<std::string> Run(const Upkeep& upkeep) {
  if (!upkeep.backup.empty() && upkeep.new_log_id)
    return absl::InvalidArgumentError("--backup and --new_log_id are asked for one after the other");
  const std::string database = absl::StrCat(upkeep.data, "/media.db");
  std::error_code error;
  if (!fs::exists(database, error)) return absl::NotFoundError(absl::StrCat("there is no ", database));
  try {
    return upkeep.new_log_id ? GiveNewLogId(upkeep.data, database) : BackUp(database, upkeep.backup);
  } catch (const SQLite::Exception& fault) {
    return absl::UnavailableError(absl::StrCat(database, ": ", fault.what()));
  }
}

}  // namespace

std::optional<absl::StatusOr<std::string>> RunUpkeep(const Upkeep& upkeep) {
  if (upkeep.backup.empty() && !upkeep.new_log_id) return std::nullopt;
  return Run(upkeep);
}

}  // namespace broadsheet::media
