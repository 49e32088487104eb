#include "services/media/sql_image_schema.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/media/digest.h"

namespace broadsheet::media {
namespace {

// What makes each version of the one before it; only ever added to.
//
// Records are stored as the contract's own message: what is looked up or ordered by has a column of its own.
constexpr const char* kVersions[] = {
    R"sql(
CREATE TABLE change_log (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), log_id TEXT NOT NULL);
CREATE TABLE changes (position INTEGER PRIMARY KEY, change BLOB NOT NULL);
CREATE TABLE images (
  image_id TEXT PRIMARY KEY, status INTEGER NOT NULL, sha256 TEXT NOT NULL, edit_number INTEGER NOT NULL UNIQUE,
  image BLOB NOT NULL);
CREATE INDEX images_by_content ON images (sha256);
CREATE INDEX images_by_status ON images (status, edit_number);
CREATE TABLE renditions (
  key TEXT NOT NULL, file TEXT NOT NULL, image_id TEXT NOT NULL REFERENCES images, blob TEXT NOT NULL,
  media_type TEXT NOT NULL, byte_size INTEGER NOT NULL, PRIMARY KEY (key, file)) WITHOUT ROWID;
CREATE INDEX renditions_by_blob ON renditions (blob);
CREATE TABLE answers (
  method TEXT NOT NULL, request_id TEXT NOT NULL, expires INTEGER NOT NULL, existed INTEGER NOT NULL,
  position INTEGER NOT NULL, image BLOB NOT NULL, PRIMARY KEY (method, request_id)) WITHOUT ROWID;
CREATE INDEX answers_by_expiry ON answers (expires);
CREATE TABLE expected_blobs (digest TEXT PRIMARY KEY) WITHOUT ROWID;
)sql",
    // Version 2: what was asked for. Empty: version 1 did not say.
    "ALTER TABLE answers ADD COLUMN digest TEXT NOT NULL DEFAULT ''"};
constexpr int kSchemaVersion = static_cast<int>(std::size(kVersions));

}  // namespace

absl::Status PrepareImageSchema(SQLite::Database& database) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(
        "the library's database was written by a later version of this program");
  }
  if (version == kSchemaVersion) return absl::OkStatus();
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int next = version; next < kSchemaVersion; ++next) database.exec(kVersions[next]);
  if (version == 0) {
    SQLite::Statement insert(database, "INSERT INTO change_log VALUES (1, ?)");
    insert.bind(1, RandomHex(32));
    insert.exec();
  }
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  transaction.commit();
  return absl::OkStatus();
}

}  // namespace broadsheet::media
