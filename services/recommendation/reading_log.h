#ifndef BROADSHEET_SERVICES_RECOMMENDATION_READING_LOG_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_READING_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/folder_lock.h"
#include "services/recommendation/read_counts.h"
#include "services/recommendation/record_file.h"

namespace broadsheet::recommendation {

struct ReadingLogOptions {
  std::string folder;                      // made if absent
  std::int64_t max_file_bytes = 64 << 20;  // beyond it the file is written anew, without what is over
  std::size_t max_counts = 1'000'000;      // see ReadCounts
  std::size_t max_request_ids = 100'000;   // remembered; beyond it the oldest is forgotten
  std::function<absl::Time()> clock = absl::Now;
};

// What readers read in the last 7 days, kept in a file: what Record has counted is still counted after a
// restart, and once only. Nothing about the readers. Thread-safe.
class ReadingLog {
 public:
  // FAILED_PRECONDITION: another process uses the folder, or the file is not ours. UNAVAILABLE: the folder
  // cannot be used.
  static absl::StatusOr<std::unique_ptr<ReadingLog>> Open(ReadingLogOptions options);
  ~ReadingLog();
  ReadingLog(const ReadingLog&) = delete;
  ReadingLog& operator=(const ReadingLog&) = delete;

  struct Read {
    std::string article_id;
    absl::Time time;  // the future counts as now; what is older than 7 days is left out
    std::int32_t weight = 1;
  };
  // Returns how many of `reads`, at most 1,000, count. A `request_id` seen within the last hour changes
  // nothing and gives the same answer; an empty one is always new. UNAVAILABLE: it could not be stored, and
  // nothing counts.
  absl::StatusOr<int> Record(const std::string& request_id, std::vector<Read> reads);

  // See ReadCounts::MostRead.
  std::vector<ReadCounts::Entry> MostRead(absl::Duration window, std::size_t limit,
                                          const std::function<bool(const std::string&)>& accept) const;

  struct State {
    std::int64_t file_bytes = 0;
    std::size_t counts = 0;  // pairs of an hour and a story
    std::size_t hours = 0;
    std::size_t request_ids = 0;
    std::int64_t rewrites = 0;  // of the file
  };
  State state() const;

 private:
  struct Remembered {
    absl::Time time;
    int counted;
  };

  explicit ReadingLog(ReadingLogOptions options)
      : options_(std::move(options)), counts_(options_.max_counts) {}
  absl::Status OpenFiles();
  absl::StatusOr<int> Count(const std::string& request_id, std::vector<Read> reads);
  void Replay(absl::string_view record);
  void Remember(const std::string& request_id, absl::Time time, int counted);
  void ForgetExpired(absl::Time now);
  struct Snapshot;
  // Without the mutex: what takes time is done while others read and record.
  void RewriteIfLarge();
  absl::Status Rewrite();
  Snapshot Look() const;
  static absl::Status WriteAnew(const Snapshot& snapshot, const RecordFile::Write& write);
  std::int64_t file_bytes() const;

  const ReadingLogOptions options_;
  std::unique_ptr<rpc::FolderLock> lock_;
  mutable std::shared_mutex mutex_;
  ReadCounts counts_;
  std::unordered_map<std::string, Remembered> remembered_;
  std::deque<std::pair<absl::Time, std::string>> remembered_order_;
  std::unique_ptr<RecordFile> file_;
  std::int64_t rewrite_at_ = 0;  // size of the file
  bool rewriting_ = false;
  std::int64_t rewrites_ = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_READING_LOG_H_
