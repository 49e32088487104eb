// The transactions of UpdateArticle without the service: what SQLite itself reaches on the service's own
// tables.

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/sample_story.h"

ABSL_FLAG(std::string, database, "", "The service's file, not in use.");
ABSL_FLAG(int, writers, 16, "Threads.");
ABSL_FLAG(double, seconds, 3, "How long is measured.");
ABSL_FLAG(int, stories, 160, "As the file has.");
ABSL_FLAG(int, body_bytes, 12000, "Of a story.");
ABSL_FLAG(bool, together, false,
          "Writers that wait at the same moment share a commit; otherwise each has its own.");

namespace {

namespace v1 = broadsheet::article::v1;

// What one update writes.
struct Update {
  std::string article_id;
  std::string request_id;
  std::string headline;
  std::string draft;
  std::string body;
};

// A connection as the service opens it, with the statements of an update prepared.
class Writer {
 public:
  explicit Writer(const std::string& path)
      : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, 60'000),
        configured_(Configure(database_)),
        begin_(database_, "BEGIN IMMEDIATE"),
        commit_(database_, "COMMIT"),
        find_request_(
            database_,
            "SELECT digest, response, article_id, revision, position FROM request WHERE request_id = ?1"
            " AND expires_at > ?2"),
        find_story_(
            database_,
            "SELECT s.visible, s.was_visible, s.path_claimed, r.revision, r.draft, r.body FROM story s"
            " JOIN revision r ON r.article_id = s.article_id AND r.revision = s.revision"
            " WHERE s.article_id = ?1"),
        save_story_(
            database_,
            "UPDATE story SET revision = ?2, edit_state = 1, pub_status = 0, section_id = 'section-1',"
            " update_time = ?3, next_event = NULL, visible = 0, was_visible = 0, path_claimed = 0"
            " WHERE article_id = ?1"),
        save_revision_(
            database_,
            "INSERT INTO revision (article_id, revision, create_time, action, headline, pub_status,"
            " draft, body) VALUES (?1, ?2, ?3, 'update', ?4, 0, ?5, ?6)"),
        save_request_(database_,
                      "INSERT INTO request (request_id, digest, response, article_id, revision, position,"
                      " expires_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)") {}

  void Begin() { Run(begin_); }
  void Commit() { Run(commit_); }

  void Write(const Update& update) {
    const std::int64_t now = absl::ToUnixMicros(absl::Now());
    find_request_.bindNoCopy(1, update.request_id);
    find_request_.bind(2, now);
    find_request_.executeStep();
    find_request_.reset();
    find_story_.bindNoCopy(1, update.article_id);
    find_story_.executeStep();
    const std::int64_t revision = find_story_.getColumn(3).getInt64() + 1;
    const std::string before = find_story_.getColumn(4).getString() + find_story_.getColumn(5).getString();
    find_story_.reset();
    save_story_.bindNoCopy(1, update.article_id);
    save_story_.bind(2, revision);
    save_story_.bind(3, now);
    Run(save_story_);
    save_revision_.bindNoCopy(1, update.article_id);
    save_revision_.bind(2, revision);
    save_revision_.bind(3, now);
    save_revision_.bindNoCopy(4, update.headline);
    save_revision_.bindNoCopy(5, update.draft.data(), static_cast<int>(update.draft.size()));
    save_revision_.bindNoCopy(6, update.body.data(), static_cast<int>(update.body.size()));
    Run(save_revision_);
    const std::string digest(32, 'd');
    save_request_.bindNoCopy(1, update.request_id);
    save_request_.bindNoCopy(2, digest.data(), static_cast<int>(digest.size()));
    save_request_.bindNoCopy(3, "", 0);
    save_request_.bindNoCopy(4, update.article_id);
    save_request_.bind(5, revision);
    save_request_.bind(6, now + 86'400'000'000);
    Run(save_request_);
  }

 private:
  static bool Configure(SQLite::Database& database) {
    for (const char* setting : {"journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 16384",
                                "journal_size_limit = 150994944", "foreign_keys = ON", "cache_size = -65536",
                                "temp_store = MEMORY"}) {
      database.exec(absl::StrCat("PRAGMA ", setting));
    }
    return true;
  }
  static void Run(SQLite::Statement& statement) {
    statement.exec();
    statement.reset();
  }

  SQLite::Database database_;
  const bool configured_;
  SQLite::Statement begin_, commit_, find_request_, find_story_, save_story_, save_revision_, save_request_;
};

// Takes updates from many threads; each is durable when Write returns.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual void Write(int thread, const Update& update) = 0;
};

// Each update is a transaction of its own. SQLite lets one write at a time; waiting in line for a mutex is
// kinder to it than its own sleeping and trying again.
class Apart final : public Engine {
 public:
  Apart(const std::string& path, int threads) {
    for (int i = 0; i < threads; ++i) writers_.push_back(std::make_unique<Writer>(path));
  }
  void Write(int thread, const Update& update) override {
    const std::lock_guard lock(mutex_);
    writers_[thread]->Begin();
    writers_[thread]->Write(update);
    writers_[thread]->Commit();
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Writer>> writers_;
};

// What waits at the same moment is committed together, by whoever came first.
class Together final : public Engine {
 public:
  explicit Together(const std::string& path) : writer_(path) {}
  void Write(int /*thread*/, const Update& update) override {
    std::unique_lock lock(mutex_);
    const std::uint64_t own_batch = batch_;
    waiting_.push_back(&update);
    changed_.wait(lock, [&] { return written_ > own_batch || !busy_; });
    if (written_ > own_batch) return;
    busy_ = true;
    const std::vector<const Update*> updates = std::move(waiting_);
    waiting_.clear();
    const std::uint64_t batch = batch_++;
    lock.unlock();
    writer_.Begin();
    for (const Update* each : updates) writer_.Write(*each);
    writer_.Commit();
    lock.lock();
    written_ = batch + 1;
    busy_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<const Update*> waiting_;
  std::uint64_t batch_ = 0;    // that updates are being collected for
  std::uint64_t written_ = 0;  // how many batches are
  bool busy_ = false;
  Writer writer_;
};

Update MakeUpdate(int story, int body_bytes) {
  v1::Draft draft;
  draft.set_article_id(absl::StrCat("story-", story));
  *draft.mutable_content() = broadsheet::bench::SampleContent(story, body_bytes);
  draft.set_path("/section-1/2026/11/a-path-that-is-as-long-as-most");
  draft.mutable_create_time()->set_seconds(1'763'900'000);
  draft.mutable_update_time()->set_seconds(1'763'900'000);
  v1::ArticleContent body;
  body.mutable_body()->Swap(draft.mutable_content()->mutable_body());
  return {draft.article_id(), "", draft.content().headline(), draft.SerializeAsString(),
          body.SerializeAsString()};
}

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Writes what UpdateArticle writes, without the service.");
  const int threads = absl::GetFlag(FLAGS_writers);
  std::unique_ptr<Engine> engine;
  if (absl::GetFlag(FLAGS_together)) {
    engine = std::make_unique<Together>(absl::GetFlag(FLAGS_database));
  } else {
    engine = std::make_unique<Apart>(absl::GetFlag(FLAGS_database), threads);
  }
  const std::string run = absl::StrCat(absl::ToUnixNanos(absl::Now()));
  std::atomic<bool> over{false};
  std::atomic<std::int64_t> written{0};
  std::vector<std::thread> writers;
  const int own = absl::GetFlag(FLAGS_stories) / threads;
  const absl::Time begun = absl::Now();
  for (int thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&, thread] {
      std::vector<Update> updates;
      for (int i = 0; i < own; ++i)
        updates.push_back(MakeUpdate(thread * own + i, absl::GetFlag(FLAGS_body_bytes)));
      for (std::uint64_t count = 0; !over; ++count) {
        Update& update = updates[count % own];
        update.request_id = absl::StrCat(run, "-", thread, "-", count);
        engine->Write(thread, update);
        ++written;
      }
    });
  }
  absl::SleepFor(absl::Seconds(absl::GetFlag(FLAGS_seconds)));
  over = true;
  for (std::thread& writer : writers) writer.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  absl::PrintF("{\"calls\": %d, \"per_second\": %.1f}\n", written.load(),
               static_cast<double>(written) / seconds);
  return 0;
}
