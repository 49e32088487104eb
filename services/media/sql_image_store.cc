#include "services/media/sql_image_store.h"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "libs/rpc/status.h"
#include "services/media/rendition_path.h"
#include "services/media/sql_image_schema.h"
#include "services/media/sqlite.h"

namespace broadsheet::media {
namespace {

constexpr absl::Duration kAnswersLast = absl::Hours(24);

template <class Message>
Message Parse(const SQLite::Column& column) {
  Message message;
  if (!message.ParseFromArray(column.getBlob(), column.getBytes())) {
    throw SQLite::Exception("a stored record is damaged", SQLITE_CORRUPT);
  }
  return message;
}

void BindMessage(SQLite::Statement& statement, int index, const google::protobuf::Message& message) {
  const std::string bytes = message.SerializeAsString();
  statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

std::int64_t Number(SQLite::Database& database, const char* query) {
  return database.execAndGet(query).getInt64();
}

// Runs `body`, which uses SQLite, and turns what it throws into a status.
template <class Body>
auto Guarded(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const SQLite::Exception& error) {
    return SqlError(error);
  }
}

// The same for what writes; `body` takes the mutex itself, and has let it go when a failure is noted.
template <class Body>
auto GuardedWrite(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const SQLite::Exception& error) {
    return NoteFailedWrite(SqlError(error));
  }
}

constexpr char kHead[] = "SELECT COALESCE(MAX(position), 0) FROM changes";

std::optional<v1::Image> FindImage(SQLite::Database& database, const std::string& image_id) {
  SQLite::Statement select(database, "SELECT image FROM images WHERE image_id = ?");
  select.bind(1, image_id);
  if (!select.executeStep()) return std::nullopt;
  return Parse<v1::Image>(select.getColumn(0));
}

// INVALID_ARGUMENT: it was to another request. Version 1 of the schema did not keep what was asked for, but
// for the picture.
absl::StatusOr<std::optional<Written>> FindStoredAnswer(SQLite::Database& database,
                                                        const WriteRequest& request) {
  if (request.request_id.empty()) return std::nullopt;
  SQLite::Statement select(database,
                           "SELECT image, existed, position, digest FROM answers "
                           "WHERE method = ? AND request_id = ? AND expires > ?");
  select.bind(1, request.method);
  select.bind(2, request.request_id);
  select.bind(3, absl::ToUnixSeconds(absl::Now()));
  if (!select.executeStep()) return std::nullopt;
  Written written{.image = Parse<v1::Image>(select.getColumn(0)),
                  .existed = select.getColumn(1).getInt() != 0,
                  .position = select.getColumn(2).getInt64(),
                  .found_at = Number(database, kHead)};
  const std::string digest = select.getColumn(3).getString();
  const bool same = digest.empty() ? written.image.image_id() == request.image_id : digest == request.digest;
  if (!same) return rpc::InvalidArgument(request.request_id_field, "was used for a different request");
  return written;
}

using Connections = std::vector<std::unique_ptr<SQLite::Database>>;

Connections ConnectReaders(const std::string& path, int count) {
  Connections readers;
  for (int i = 0; i < count; ++i) readers.push_back(Connect(path, /*writes=*/false));
  return readers;
}

class SqliteImageStore final : public SqlImageStore {
 public:
  SqliteImageStore(SqlImageStoreOptions options, std::unique_ptr<SQLite::Database> writer,
                   Connections readers, Connections log_readers)
      : options_(std::move(options)),
        writer_(std::move(writer)),
        readers_(std::move(readers), options_.reader_wait),
        log_readers_(std::move(log_readers), options_.reader_wait) {
    log_id_ = writer_->execAndGet("SELECT log_id FROM change_log").getString();
  }

  absl::StatusOr<ImagesRead> ReadImages(const std::vector<std::string>& image_ids) const override {
    return Guarded([&]() -> absl::StatusOr<ImagesRead> {
      ConnectionPool::Lease connection = readers_.Take();
      SQLite::Transaction look(*connection);  // one state of the database for all statements
      ImagesRead read;
      read.snapshot.set_log_id(log_id_);
      read.snapshot.set_position(Number(*connection, kHead));
      for (const std::string& image_id : image_ids) {
        if (std::optional<v1::Image> image = FindImage(*connection, image_id))
          read.images.push_back(*std::move(image));
      }
      return read;
    });
  }

  absl::StatusOr<std::optional<std::string>> FindByContent(const std::string& sha256) const override {
    return Guarded([&]() -> absl::StatusOr<std::optional<std::string>> {
      ConnectionPool::Lease connection = readers_.Take();
      SQLite::Statement select(*connection,
                               "SELECT image_id FROM images WHERE sha256 = ? ORDER BY rowid LIMIT 1");
      select.bind(1, sha256);
      if (!select.executeStep()) return std::nullopt;
      return std::make_optional(select.getColumn(0).getString());
    });
  }

  absl::StatusOr<ListRead> List(const ListRequest& request) const override {
    return Guarded([&]() -> absl::StatusOr<ListRead> {
      ConnectionPool::Lease connection = readers_.Take();
      SQLite::Statement select(*connection,
                               absl::StrCat("SELECT image, edit_number FROM images WHERE edit_number < ?",
                                            request.status.has_value() ? " AND status = ?" : "",
                                            " ORDER BY edit_number DESC LIMIT ", request.limit + 1));
      select.bind(1, request.before > 0 ? request.before : INT64_MAX);
      if (request.status.has_value()) select.bind(2, static_cast<int>(*request.status));
      ListRead list;
      std::int64_t last = 0;
      while (select.executeStep()) {
        if (list.images.size() == static_cast<std::size_t>(request.limit)) {
          list.next = last;
          break;
        }
        list.images.push_back(Parse<v1::Image>(select.getColumn(0)));
        last = select.getColumn(1).getInt64();
      }
      return list;
    });
  }

  absl::StatusOr<RenditionRead> FindRendition(const std::string& key,
                                              const std::string& file) const override {
    return Guarded([&]() -> absl::StatusOr<RenditionRead> {
      ConnectionPool::Lease connection = readers_.Take();
      SQLite::Statement select(*connection,
                               "SELECT images.status, blob, media_type, byte_size FROM renditions "
                               "JOIN images USING (image_id) WHERE key = ? AND file = ?");
      select.bind(1, key);
      select.bind(2, file);
      if (!select.executeStep()) return absl::NotFoundError("no such rendition");
      return RenditionRead{.usable = select.getColumn(0).getInt() == v1::IMAGE_STATUS_USABLE,
                           .blob = select.getColumn(1).getString(),
                           .media_type = select.getColumn(2).getString(),
                           .byte_size = select.getColumn(3).getInt64()};
    });
  }

  absl::StatusOr<std::optional<Written>> FindAnswer(const WriteRequest& request) const override {
    return Guarded([&]() -> absl::StatusOr<std::optional<Written>> {
      ConnectionPool::Lease connection = readers_.Take();
      return FindStoredAnswer(*connection, request);
    });
  }

  absl::StatusOr<Written> Write(const WriteRequest& request, EditFunction edit) override {
    return GuardedWrite([&]() -> absl::StatusOr<Written> {
      const absl::MutexLock lock(&writing_);
      SQLite::Database& database = *writer_;
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      absl::StatusOr<std::optional<Written>> answer = FindStoredAnswer(database, request);
      if (!answer.ok()) return answer.status();
      if (answer->has_value()) return **std::move(answer);
      std::optional<v1::Image> current = FindImage(database, request.image_id);
      absl::StatusOr<std::optional<Edit>> edited = edit(current);
      if (!edited.ok()) return edited.status();
      Written written{
          .image = {}, .existed = current.has_value(), .position = 0, .found_at = Number(database, kHead)};
      if (edited->has_value()) {
        written.image = Store(current, **edited);
        if ((*edited)->noticed.has_value()) written.position = Append(written.image, *(*edited)->noticed);
      } else if (current.has_value()) {
        written.image = *std::move(current);
      }
      StoreAnswer(request, written);
      transaction.commit();
      return written;
    });
  }

  absl::Status ExpectBlobs(const std::vector<std::string>& digests) override {
    return GuardedWrite([&]() -> absl::Status {
      const absl::MutexLock lock(&writing_);
      SQLite::Transaction transaction(*writer_, SQLite::TransactionBehavior::IMMEDIATE);
      SQLite::Statement insert(*writer_, "INSERT OR IGNORE INTO expected_blobs VALUES (?)");
      for (const std::string& digest : digests) {
        insert.bind(1, digest);
        insert.exec();
        insert.reset();
      }
      transaction.commit();
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<std::string>> UnusedBlobs() const override {
    return Guarded([&]() -> absl::StatusOr<std::vector<std::string>> {
      ConnectionPool::Lease connection = readers_.Take();
      SQLite::Statement select(*connection,
                               "SELECT digest FROM expected_blobs "
                               "WHERE NOT EXISTS (SELECT 1 FROM images WHERE sha256 = digest) "
                               "AND NOT EXISTS (SELECT 1 FROM renditions WHERE blob = digest)");
      std::vector<std::string> digests;
      while (select.executeStep()) digests.push_back(select.getColumn(0).getString());
      return digests;
    });
  }

  absl::Status ForgetExpectedBlobs() override {
    return GuardedWrite([&]() -> absl::Status {
      const absl::MutexLock lock(&writing_);
      writer_->exec("DELETE FROM expected_blobs");
      return absl::OkStatus();
    });
  }

  std::string log_id() const override { return log_id_; }

  absl::StatusOr<std::int64_t> Head() const override {
    return Guarded([&]() -> absl::StatusOr<std::int64_t> {
      ConnectionPool::Lease connection = log_readers_.Take();
      return Number(*connection, kHead);
    });
  }

  absl::StatusOr<std::int64_t> Floor() const override {
    return Guarded([&]() -> absl::StatusOr<std::int64_t> {
      ConnectionPool::Lease connection = log_readers_.Take();
      return LogFloor(*connection);
    });
  }

  absl::StatusOr<std::vector<change::v1::Change>> Read(std::int64_t after, int limit) const override {
    return Guarded([&]() -> absl::StatusOr<std::vector<change::v1::Change>> {
      ConnectionPool::Lease connection = log_readers_.Take();
      SQLite::Transaction look(*connection);
      if (after < LogFloor(*connection))
        return absl::OutOfRangeError("the log no longer holds the next change");
      SQLite::Statement select(*connection,
                               "SELECT change FROM changes WHERE position > ? ORDER BY position LIMIT ?");
      select.bind(1, after);
      select.bind(2, limit);
      std::vector<change::v1::Change> changes;
      while (select.executeStep()) changes.push_back(Parse<change::v1::Change>(select.getColumn(0)));
      return changes;
    });
  }

 private:
  static std::int64_t LogFloor(SQLite::Database& database) {
    return Number(database, "SELECT COALESCE(MIN(position), 1) - 1 FROM changes");
  }

  // Writes the picture's new state; returns it complete.
  v1::Image Store(const std::optional<v1::Image>& current, const Edit& edit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_) {
    v1::Image image = edit.image;
    const auto now = google::protobuf::util::TimeUtil::GetCurrentTime();
    image.set_revision(current.has_value() ? current->revision() + 1 : 1);
    *image.mutable_update_time() = now;
    *image.mutable_create_time() = current.has_value() ? current->create_time() : now;
    SQLite::Statement upsert(
        *writer_,
        "INSERT INTO images (image_id, status, sha256, edit_number, image) "
        "VALUES (?, ?, ?, (SELECT COALESCE(MAX(edit_number), 0) + 1 FROM images), ?) "
        "ON CONFLICT (image_id) DO UPDATE SET status = excluded.status, sha256 = excluded.sha256, "
        "edit_number = excluded.edit_number, image = excluded.image");
    upsert.bind(1, image.image_id());
    upsert.bind(2, static_cast<int>(image.status()));
    upsert.bind(3, image.sha256());
    BindMessage(upsert, 4, image);
    upsert.exec();
    if (!current.has_value()) StoreRenditions(image, edit.rendition_blobs);
    return image;
  }

  void StoreRenditions(const v1::Image& image, const std::vector<std::string>& blobs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_) {
    SQLite::Statement insert(*writer_, "INSERT INTO renditions VALUES (?, ?, ?, ?, ?, ?)");
    for (int i = 0; i < image.renditions_size(); ++i) {
      const v1::Rendition& rendition = image.renditions(i);
      const std::optional<RenditionName> name = ParseRenditionPath(rendition.path());
      if (!name.has_value() || static_cast<std::size_t>(i) >= blobs.size()) {
        throw SQLite::Exception("a rendition without path or blob");
      }
      insert.bind(1, name->key);
      insert.bind(2, name->file);
      insert.bind(3, image.image_id());
      insert.bind(4, blobs[i]);
      insert.bind(5, rendition.media_type());
      insert.bind(6, rendition.byte_size());
      insert.exec();
      insert.reset();
    }
  }

  // Appends to the log; returns the position. The write lock makes positions gap-free in commit order.
  std::int64_t Append(const v1::Image& image, change::v1::ChangeKind kind)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_) {
    change::v1::Change change;
    change.set_position(Number(*writer_, kHead) + 1);
    change.set_subject(absl::StrCat("image/", image.image_id()));
    change.add_tags(change.subject());
    change.set_kind(kind);
    *change.mutable_commit_time() = image.update_time();
    SQLite::Statement insert(*writer_, "INSERT INTO changes VALUES (?, ?)");
    insert.bind(1, change.position());
    BindMessage(insert, 2, change);
    insert.exec();
    SQLite::Statement prune(*writer_, "DELETE FROM changes WHERE position <= ?");
    prune.bind(1, change.position() - options_.kept_changes);
    prune.exec();
    return change.position();
  }

  void StoreAnswer(const WriteRequest& request, const Written& written)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_) {
    if (request.request_id.empty()) return;
    const std::int64_t now = absl::ToUnixSeconds(absl::Now());
    SQLite::Statement forget(*writer_, "DELETE FROM answers WHERE expires <= ?");
    forget.bind(1, now);
    forget.exec();
    SQLite::Statement insert(*writer_, "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, request.method);
    insert.bind(2, request.request_id);
    insert.bind(3, now + absl::ToInt64Seconds(kAnswersLast));
    insert.bind(4, written.existed ? 1 : 0);
    insert.bind(5, written.position);
    BindMessage(insert, 6, written.image);
    insert.bind(7, request.digest);
    insert.exec();
  }

  const SqlImageStoreOptions options_;
  std::string log_id_;
  mutable absl::Mutex writing_;
  const std::unique_ptr<SQLite::Database> writer_;  // used under writing_
  mutable ConnectionPool readers_;
  mutable ConnectionPool log_readers_;  // so that the log is read however many read pictures
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqlImageStore>> SqlImageStore::Open(const SqlImageStoreOptions& options) {
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<SqlImageStore>> {
    std::unique_ptr<SQLite::Database> writer = Connect(options.path, /*writes=*/true);
    if (absl::Status prepared = PrepareImageSchema(*writer); !prepared.ok()) return prepared;
    return std::make_unique<SqliteImageStore>(options, std::move(writer),
                                              ConnectReaders(options.path, options.readers),
                                              ConnectReaders(options.path, options.log_readers));
  });
}

}  // namespace broadsheet::media
